import type { ActResult, CallFailure } from '../../call-result.ts'
import type { MemberCard, MemberStatus } from '../../directory.ts'
import type { FailureReason } from '../../failures.ts'
import type { TelegramModeration } from '../../moderation.ts'
import { asRepeatable, resultOfFailure } from '../../result-of-failure.ts'
import type { TelegramAccount } from '../../telegram-account.ts'
import type { FakeChat } from './fake-directory.ts'
import type { FakeWorld } from './fake-world.ts'

export interface FakeModeration extends TelegramModeration {
  /** What was asked for and done, oldest first: `deleteMessages -5 1,2`. */
  readonly acts: readonly string[]
}

const ADMINISTRATORS: ReadonlySet<MemberStatus> = new Set(['creator', 'administrator'])

const become = (userId: number, next: (before: MemberCard | undefined) => MemberCard | null) => (chat: FakeChat) => {
  const before = chat.members.get(userId)
  if (before && ADMINISTRATORS.has(before.status)) return 'target_is_administrator' as const
  const card = next(before)
  if (card) chat.members.set(userId, card)
  return undefined
}
const card = (userId: number, status: MemberStatus): MemberCard => ({
  userId,
  status,
  isMember: status !== 'left' && status !== 'kicked',
  isBot: false,
})

/** Keeps order in the chats a test has put in place; the bot is the member whose id begins its token. */
export const createFakeModeration = (world: FakeWorld, chats: ReadonlyMap<number, FakeChat>): FakeModeration => {
  const acts: string[] = []
  const enter = (account: TelegramAccount, chatId: number): FakeChat | CallFailure => {
    if (account.kind !== 'bot') return ending('method_unknown')
    const refusal = world.takeRefusal(account.token, chatId)
    if (refusal && refusal.result !== 'reached') return asRepeatable(refusal.result)
    return chats.get(chatId) ?? ending('chat_not_found')
  }
  const administer = (
    account: TelegramAccount,
    chatId: number,
    name: string,
    act: (chat: FakeChat) => FailureReason | undefined,
    detail: string,
  ): Promise<ActResult> => {
    const chat = enter(account, chatId)
    if ('kind' in chat) return Promise.resolve(chat)
    const self = chat.members.get(Number(account.token.split(':')[0]))
    const reason = self && ADMINISTRATORS.has(self.status) ? act(chat) : 'no_admin_right'
    if (reason !== undefined) return Promise.resolve(ending(reason))
    acts.push(`${name} ${chatId} ${detail}`)
    return Promise.resolve({ kind: 'done' })
  }
  return {
    acts,
    deleteMessages: (account, chatId, ids) =>
      administer(account, chatId, 'deleteMessages', () => undefined, ids.join()),
    restrictMember: (account, chatId, userId) =>
      administer(
        account,
        chatId,
        'restrictMember',
        become(userId, () => card(userId, 'restricted')),
        `${userId}`,
      ),
    liftRestriction: (account, chatId, userId) =>
      administer(
        account,
        chatId,
        'liftRestriction',
        become(userId, () => card(userId, 'member')),
        `${userId}`,
      ),
    banMember: (account, chatId, userId) =>
      administer(
        account,
        chatId,
        'banMember',
        become(userId, () => card(userId, 'kicked')),
        `${userId}`,
      ),
    unbanMember: (account, chatId, userId) =>
      administer(
        account,
        chatId,
        'unbanMember',
        become(userId, (before) => (before?.status === 'kicked' ? card(userId, 'left') : null)),
        `${userId}`,
      ),
    pinMessage: (account, chatId, messageId) =>
      administer(account, chatId, 'pinMessage', () => undefined, `${messageId}`),
    getStanding: (account, chatId, userId) => {
      const chat = enter(account, chatId)
      if ('kind' in chat) return Promise.resolve(chat)
      const { status, isMember } = chat.members.get(userId) ?? card(userId, 'left')
      const rights = status === 'administrator' ? { can_delete_messages: true, can_restrict_members: true } : {}
      return Promise.resolve({ kind: 'done', value: { status, isMember, rights } })
    },
  }
}

const ending = (reason: FailureReason): CallFailure => {
  const result = resultOfFailure(reason, { errorCode: 400 })
  if (result === 'reached') throw new Error(`${reason} is no failure here`)
  return result
}
