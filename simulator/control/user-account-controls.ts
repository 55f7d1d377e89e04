import { z } from 'zod'
import { command, ControlError, getUser, query } from '#simulator/control/control.ts'
import { byUser, id, nothing } from '#simulator/control/schemas.ts'
import { createUserAccount, openPrivacy } from '#simulator/user-accounts/create-user-accounts.ts'
import { RPC_FAULT_KINDS } from '#simulator/user-accounts/faults.ts'
import { acceptLoginToken, revokeKey, voidCodesIn } from '#simulator/user-accounts/login.ts'
import { postPrivate } from '#simulator/user-accounts/mailboxes.ts'
import type { UserAccount, UserAccounts } from '#simulator/user-accounts/types.ts'
import { createUser } from '#simulator/world/users.ts'

const phone = z.string().min(7).max(20)

function getAccount(accounts: UserAccounts, userId: number): UserAccount {
  const account = accounts.byUser.get(userId)
  if (!account) throw new ControlError(`userId: user ${userId} has no account to log in to; createUserLogin makes one`)
  return account
}

/** People's own accounts: logging in, sessions, privacy, and messages from person to person. */
export const userAccountControls = {
  /** Where clients connect, and the key they have to trust; null while the MTProto face is off. */
  getMtproto: query(nothing, ({ mtproto }) =>
    mtproto === null ? null : { host: mtproto.host, port: mtproto.port, publicKey: mtproto.publicKey },
  ),
  createUserLogin: command(
    z.strictObject({
      userId: id.optional(),
      phone,
      password: z.string().min(1).optional(),
      hint: z.string().optional(),
      firstName: z.string().min(1).max(64).optional(),
      username: z.string().min(3).max(32).optional(),
    }),
    ({ world, userAccounts }, { userId, firstName, username, ...input }) => {
      const user = userId === undefined ? createUser(world, { firstName, username }) : getUser(world, userId)
      const account = createUserAccount(userAccounts, user, input)
      return { userId: user.id, phone: account.phone }
    },
  ),
  /** What Telegram thinks of the account. */
  updateUserLogin: command(
    z.strictObject({
      userId: id,
      isBanned: z.boolean().optional(),
      isFrozen: z.boolean().optional(),
      isSpamLimited: z.boolean().optional(),
    }),
    ({ userAccounts }, { userId, ...changes }) => {
      const { isBanned, isFrozen, isSpamLimited } = Object.assign(getAccount(userAccounts, userId), changes)
      return { isBanned, isFrozen, isSpamLimited }
    },
  ),
  /** The code that was sent last, as its owner reads it. */
  getLoginCode: query(z.strictObject({ phone }), ({ userAccounts }, input) => {
    const digits = input.phone.replaceAll(/\D/g, '')
    const code = [...userAccounts.codes.values()].findLast((each) => each.phone === digits)
    if (!code) throw new ControlError(`phone: no code has been sent to ${digits}`)
    return { code: code.code, isVoid: code.isVoid, expiresAt: code.expiresAt }
  }),
  /** Scans a login QR code with the person's phone; `url` is what the code says, tg://login?token=… */
  scanQr: command(z.strictObject({ userId: id, url: z.string() }), ({ userAccounts }, { userId, url }) => {
    const token = new URL(url).searchParams.get('token') ?? ''
    acceptLoginToken(userAccounts, getAccount(userAccounts, userId), Buffer.from(token, 'base64url'))
    return {}
  }),
  listSessions: query(byUser, ({ userAccounts }, { userId }) => {
    const account = getAccount(userAccounts, userId)
    return [...userAccounts.keys.values()].flatMap(({ authorization, device }) =>
      authorization?.account === account
        ? [{ hash: authorization.hash, device: device.model, createdAt: authorization.createdAt }]
        : [],
    )
  }),
  /** Ends one session of the person, or all of them. */
  revokeSession: command(byUser.extend({ hash: z.string().optional() }), ({ userAccounts }, { userId, hash }) => {
    const account = getAccount(userAccounts, userId)
    const sessions = [...userAccounts.keys.values()].filter(
      ({ authorization }) => authorization?.account === account && (hash === undefined || authorization.hash === hash),
    )
    for (const session of sessions) revokeKey(userAccounts, session)
    return { revoked: sessions.length }
  }),
  /** Who may write to the person. */
  setPrivacy: command(
    z.strictObject({
      userId: id,
      acceptsFrom: z.enum(['everybody', 'contacts']).optional(),
      addContact: id.optional(),
      block: id.optional(),
      unblock: id.optional(),
    }),
    ({ world, userAccounts }, { userId, acceptsFrom, addContact, block, unblock }) => {
      const privacy = openPrivacy(userAccounts, getUser(world, userId).id)
      if (acceptsFrom !== undefined) privacy.acceptsFrom = acceptsFrom
      if (addContact !== undefined) privacy.contacts.add(addContact)
      if (block !== undefined) privacy.blocked.add(block)
      if (unblock !== undefined) privacy.blocked.delete(unblock)
      return {}
    },
  ),
  /** One person writes to another. */
  writeToUser: command(
    z.strictObject({ userId: id, toUserId: id, text: z.string().min(1).max(4096) }),
    ({ world, userAccounts }, { userId, toUserId, text }) => {
      voidCodesIn(userAccounts, text)
      const mail = postPrivate(userAccounts, getUser(world, userId), getUser(world, toUserId), { text, entities: [] })
      return { messageId: mail.id }
    },
  ),
  /** The person's mailbox with one peer, oldest first: private chats and basic groups. */
  getUserDialog: query(z.strictObject({ userId: id, peerId: id }), ({ userAccounts }, { userId, peerId }) => {
    const mails = [...(userAccounts.mailboxes.get(userId)?.mails.values() ?? [])]
    return mails
      .filter(({ peer }) => peer.id === peerId)
      .map(({ id: messageId, fromId, isOut, text, entities }) => ({ messageId, fromId, isOut, text, entities }))
  }),
  addRpcFault: command(
    z.strictObject({
      kind: z.enum(RPC_FAULT_KINDS),
      method: z.string().optional(),
      userId: id.optional(),
      times: z.number().int().min(1).optional(),
      code: z.number().int().min(-503).max(599).optional(),
      text: z
        .string()
        .regex(/^[A-Z0-9_]+$/)
        .optional(),
    }),
    ({ userAccounts }, input) => ({ faultId: userAccounts.faults.add(input) }),
  ),
  clearRpcFaults: command(nothing, ({ userAccounts }) => {
    userAccounts.faults.clear()
    return {}
  }),
}
