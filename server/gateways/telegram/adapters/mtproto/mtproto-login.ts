import type { TelegramClient } from '@mtcute/node'
import { Long, type tl } from '@mtcute/core'
import { normalizePhoneNumber } from '@mtcute/core/utils.js'

import type { LoginProgress, LoginResult, SentCode, SessionCard, TelegramLogin, UserProfile } from '../../login.ts'
import type { UserSession } from '../../user-session.ts'
import { type RpcReply, callRpc } from './call-rpc.ts'
import { asLoginResult, done, refused } from './login-result.ts'
import { type ClientPool, DEFAULT_CALL_TIMEOUT_MS, type MtprotoOptions } from './client-pool.ts'

/** The login of people's accounts through mtcute. Codes and passwords go to Telegram and nowhere else. */
export const createMtprotoLogin = (
  pool: ClientPool,
  { apiId, apiHash, callTimeoutMs = DEFAULT_CALL_TIMEOUT_MS }: Omit<MtprotoOptions, 'store'>,
): TelegramLogin => {
  const run: Run = (session, work) => callRpc(() => pool.get(session), work, { timeoutMs: callTimeoutMs })
  const scans = createScanWatch()

  /** The next question where Telegram answered a login with one for the password; null where it did not. */
  const askForPassword = async (
    session: UserSession,
    reply: RpcReply<unknown>,
  ): Promise<LoginResult<Extract<LoginProgress, { kind: 'password_needed' }>> | null> => {
    if (reply.kind !== 'refused' || !reply.meaning.needsPassword) return null
    const state = asLoginResult(await run(session, (client) => client.call({ _: 'account.getPassword' })))
    return state.kind === 'done' ? done({ kind: 'password_needed', hint: state.value.hint ?? null }) : state
  }

  return {
    async requestCode(session, phone) {
      const reply = await run(session, (client) =>
        client.call({
          _: 'auth.sendCode',
          phoneNumber: normalizePhoneNumber(phone),
          apiId,
          apiHash,
          settings: { _: 'codeSettings' },
        }),
      )
      const sent = asLoginResult(reply)
      if (sent.kind === 'refused') return sent
      return sent.value._ === 'auth.sentCode' ? done(presentCode(sent.value)) : refused('code_unavailable')
    },

    async submitCode(session, phone, phoneCodeHash, phoneCode) {
      const phoneNumber = normalizePhoneNumber(phone)
      const reply = await run(session, async (client) => {
        const answer = await client.call({ _: 'auth.signIn', phoneNumber, phoneCodeHash, phoneCode })
        return answer._ === 'auth.authorization' ? welcome(client, answer) : null
      })
      const question = await askForPassword(session, reply)
      if (question) return question
      const result = asLoginResult(reply)
      if (result.kind === 'refused') return result
      return result.value === null ? refused('phone_unoccupied') : done({ kind: 'logged_in', profile: result.value })
    },

    async submitPassword(session, password) {
      return asLoginResult(
        await run(session, async (client) => {
          const me = await client.checkPassword({ password })
          return { telegramId: me.id, displayName: me.displayName, username: me.username }
        }),
      )
    },

    async showQr(session) {
      const reply = await run(session, async (client) => {
        scans.watch(session, client)
        const answer = await client.call({ _: 'auth.exportLoginToken', apiId, apiHash, exceptIds: [] })
        if (answer._ === 'auth.loginToken') return answer
        if (answer._ === 'auth.loginTokenSuccess') return welcome(client, answer.authorization)
        // The account lives in another data centre, which has to be asked in turn.
        await client.changePrimaryDc(answer.dcId)
        const moved = await client.call({ _: 'auth.importLoginToken', token: answer.token })
        return moved._ === 'auth.loginTokenSuccess' ? welcome(client, moved.authorization) : null
      })
      const question = await askForPassword(session, reply)
      if (question) return question
      const result = asLoginResult(reply)
      if (result.kind === 'refused') return result
      const { value } = result
      if (value === null) return refused('refused_otherwise')
      if ('telegramId' in value) return done({ kind: 'logged_in', profile: value })
      const token = Buffer.from(value.token).toString('base64url')
      return done({ kind: 'code', url: `tg://login?token=${token}`, expiresAt: value.expires * 1_000 })
    },

    wasQrScanned: (session) => scans.sawScan(session),

    ...createSessionList(pool, run),
    release(session) {
      scans.forget(session)
      return pool.release(session)
    },
  }
}

/** Hears from Telegram that a shown code was scanned, so that nobody has to ask for it again and again. */
const createScanWatch = () => {
  const watched = new WeakSet<TelegramClient>()
  const scanned = new Set<number>()
  return {
    /** From here on; a scan heard of before is what the next question answers. */
    watch({ sessionId }: UserSession, client: TelegramClient): void {
      scanned.delete(sessionId)
      if (watched.has(client)) return
      watched.add(client)
      client.onServerUpdate.add((update) => {
        if (update._ === 'updateShort' && update.update._ === 'updateLoginToken') scanned.add(sessionId)
      })
    },
    sawScan: ({ sessionId }: UserSession): boolean => scanned.has(sessionId),
    forget: ({ sessionId }: UserSession): boolean => scanned.delete(sessionId),
  }
}

type Run = <T>(session: UserSession, work: (client: TelegramClient) => Promise<T>) => Promise<RpcReply<T>>

const createSessionList = (
  pool: ClientPool,
  run: Run,
): Pick<TelegramLogin, 'listSessions' | 'endSession' | 'logOut'> => ({
  async listSessions(session) {
    const reply = asLoginResult(await run(session, (client) => client.call({ _: 'account.getAuthorizations' })))
    return reply.kind === 'done' ? done(reply.value.authorizations.map(presentSession)) : reply
  },

  async endSession(session, hash) {
    const ended = asLoginResult(
      await run(session, (client) => client.call({ _: 'account.resetAuthorization', hash: Long.fromString(hash) })),
    )
    return ended.kind === 'done' ? done(null) : ended
  },

  async logOut(session) {
    const ended = asLoginResult(await run(session, (client) => client.call({ _: 'auth.logOut' })))
    await pool.release(session)
    return ended.kind === 'done' || ended.refusal === 'session_lost' ? done(null) : ended
  },
})

/** Lets mtcute know who it is now; without it calls go out as nobody's. */
const welcome = async (client: TelegramClient, authorization: tl.auth.TypeAuthorization): Promise<UserProfile> => {
  const user = await client.notifyLoggedIn(authorization)
  const name = [user.firstName, user.lastName].filter(Boolean).join(' ')
  return { telegramId: user.id, displayName: name || String(user.id), username: user.username ?? null }
}

const VIA: Readonly<Record<string, SentCode['via']>> = {
  'auth.sentCodeTypeApp': 'app',
  'auth.sentCodeTypeSms': 'sms',
  'auth.sentCodeTypeCall': 'call',
  'auth.sentCodeTypeFlashCall': 'call',
  'auth.sentCodeTypeMissedCall': 'call',
  'auth.sentCodeTypeEmailCode': 'email',
  'auth.sentCodeTypeFragmentSms': 'fragment',
}

const presentCode = ({ phoneCodeHash, type }: tl.auth.RawSentCode): SentCode => ({
  codeHash: phoneCodeHash,
  length: 'length' in type && typeof type.length === 'number' ? type.length : null,
  via: VIA[type._] ?? 'other',
})

const presentSession = (session: tl.RawAuthorization): SessionCard => ({
  hash: session.hash.toString(),
  isOurs: session.current ?? false,
  device: session.deviceModel,
  app: `${session.appName} ${session.appVersion}`.trim(),
  createdAt: session.dateCreated * 1_000,
  activeAt: session.dateActive * 1_000,
})
