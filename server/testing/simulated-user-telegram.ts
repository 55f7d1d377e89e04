import { type Mtproto, createMtproto } from '#server/gateways/telegram/adapters/mtproto/create-mtproto.ts'
import type { TelegramAccount } from '#server/gateways/telegram/telegram-account.ts'
import type { UserSession, UserSessionStore } from '#server/gateways/telegram/user-session.ts'
import { type Simulator, startSimulator } from '#simulator/index.ts'

import { createMemoryUserSessions } from './memory-user-sessions.ts'
import type { GroupStanding, PersonStanding, SenderWorld } from './suites/telegram-world.ts'

export const PHONE = '905551112233'

/** How an installation names a simulator's MTProto face. */
export const mtprotoRoot = ({ mtproto }: Pick<Simulator, 'mtproto'>): string => {
  if (!mtproto) throw new Error('the simulator runs without its MTProto face')
  const key = mtproto.publicKey.replaceAll(/-----[^-]+-----|\s/g, '')
  return `mtproto://${mtproto.host}:${mtproto.port}/?key=${Buffer.from(key, 'base64').toString('base64url')}`
}

export const openMtproto = (store: UserSessionStore = createMemoryUserSessions()): Promise<Mtproto> =>
  createMtproto({ apiId: 1, apiHash: 'hash', store, callTimeoutMs: 15_000 })

/** Logs the person of {@link PHONE} in; the session is theirs from then on. */
export const logInUser = async (
  simulator: Simulator,
  { login }: Mtproto,
  session: UserSession,
  phone = PHONE,
): Promise<void> => {
  const sent = await login.requestCode(session, phone)
  if (sent.kind !== 'done') throw new Error(`no code: ${sent.refusal}`)
  const { code } = simulator.control.getLoginCode({ phone })
  const entered = await login.submitCode(session, phone, sent.value.codeHash, code)
  if (entered.kind !== 'done' || entered.value.kind !== 'logged_in') throw new Error(JSON.stringify(entered))
}

/** The MTProto adapter, unchanged, against a simulator of its own, logged in as a person. */
export const openSimulatedUserTelegram = async (): Promise<SenderWorld> => {
  const simulator = await startSimulator({ limits: false, seed: 7, mtproto: true })
  const { control } = simulator
  const { userId } = control.createUserLogin({ phone: PHONE, firstName: 'Ayşe' })
  const mtproto = await openMtproto()
  const session: UserSession = { tenantId: 1, sessionId: 1, apiRoot: mtprotoRoot(simulator) }
  await logInUser(simulator, mtproto, session)
  const account: TelegramAccount = {
    tenantId: 1,
    accountId: 1,
    kind: 'user',
    token: '',
    sessionId: 1,
    apiRoot: session.apiRoot,
  }
  const owner = control.createUser({}).id
  const notForUsers = (): never => {
    throw new Error('people do not do this through a session of theirs')
  }
  return {
    sender: mtproto.sender,
    account,
    unknownChatId: 987_654_321_012,
    async addPerson(standing) {
      const id = addPerson(simulator, userId, standing)
      await mtproto.learnChats(session)
      return id
    },
    async addGroup(standing) {
      const id = addGroup(simulator, userId, owner, standing)
      await mtproto.learnChats(session)
      return id
    },
    async migrate(chatId) {
      const { id } = control.migrateChat({ chatId })
      await mtproto.learnChats(session)
      return id
    },
    pressButton: notForUsers,
    async revokeToken() {
      control.revokeSession({ userId })
    },
    async failNext(chatId, fault) {
      const method = 'messages.sendMessage'
      const refuse = (code: number, text: string) =>
        control.addRpcFault({ kind: 'refuse', method, times: 1, code, text })
      switch (fault.kind) {
        case 'flood':
          refuse(420, `${chatId < 0 ? 'SLOWMODE' : 'FLOOD'}_WAIT_${fault.retryAfterSeconds}`)
          break
        case 'cut_before_accepting':
          control.addRpcFault({ kind: 'drop_before', method, times: 1 })
          break
        case 'cut_after_accepting':
          control.addRpcFault({ kind: 'drop_after', method, times: 1 })
          break
        case 'server_error':
          refuse(500, 'RPC_CALL_FAIL')
          break
        case 'html_page':
          notForUsers()
      }
    },
    messagesIn: async (chatId) =>
      control
        .getUserDialog({ userId, peerId: chatId })
        .flatMap(({ messageId, isOut, text }) => (isOut ? [{ messageId, text, buttons: [] }] : [])),
    async close() {
      await mtproto.close()
      await simulator.close()
    },
  }
}

const addPerson = ({ control }: Simulator, me: number, standing: PersonStanding): number => {
  const { id: userId } = control.createUser({})
  if (standing === 'never_started') meetInGroup(control, me, userId)
  else control.writeToUser({ userId, toUserId: me, text: 'Selam' })
  if (standing === 'blocked') control.setPrivacy({ userId, block: me })
  if (standing === 'deactivated') control.deleteUser({ userId })
  return userId
}

/** Somebody who takes messages from contacts alone, known from a common group. */
const meetInGroup = (control: Simulator['control'], me: number, userId: number): void => {
  const { id: chatId } = control.createChat({ type: 'group', title: 'Meydan', ownerId: userId })
  control.setMember({ chatId, memberId: me, status: 'member' })
  control.sendText({ userId, chatId, text: 'Herkese selam' })
  control.setPrivacy({ userId, acceptsFrom: 'contacts' })
}

const addGroup = ({ control }: Simulator, me: number, ownerId: number, standing: GroupStanding): number => {
  const { id: chatId } = control.createChat({ type: 'group', title: 'Mahalle', ownerId })
  control.setMember({ chatId, memberId: me, status: standing === 'administrator' ? standing : 'member' })
  if (standing === 'kicked' || standing === 'left') control.setMember({ chatId, memberId: me, status: standing })
  if (standing === 'deleted') control.updateChat({ chatId, isDeleted: true })
  if (standing === 'muted') control.updateChat({ chatId, permissions: { can_send_messages: false } })
  return chatId
}
