import type { CallFailure, CallResult } from '../../call-result.ts'
import type { ChatCard, InviteLink, MemberCard, MemberStatus, TelegramDirectory } from '../../directory.ts'
import type { FailureReason } from '../../failures.ts'
import { asRepeatable, resultOfFailure } from '../../result-of-failure.ts'
import type { TelegramAccount } from '../../telegram-account.ts'
import type { FakeWorld } from './fake-world.ts'

export interface FakeChat {
  readonly card: ChatCard
  readonly members: Map<number, MemberCard>
  /** People whose request to join waits for a decision. */
  readonly joinRequests: Set<number>
  readonly inviteLinks: InviteLink[]
  /** Addresses of links that were ended. */
  readonly revokedLinks: Set<string>
}

/**
 * Answers from chats a test has put in place; somebody it does not know has `left`, as Telegram says. The bot itself is
 * the member whose id begins its token.
 */
export const createFakeDirectory = (world: FakeWorld, chats: ReadonlyMap<number, FakeChat>): TelegramDirectory => {
  const look = <T>(
    account: TelegramAccount,
    chatId: number,
    read: (chat: FakeChat) => CallResult<T>,
  ): Promise<CallResult<T>> => {
    const refusal = world.takeRefusal(account.token, chatId)
    if (refusal && refusal.result !== 'reached') return Promise.resolve(asRepeatable(refusal.result))
    const chat = chats.get(chatId)
    return Promise.resolve(chat ? read(chat) : ending('chat_not_found'))
  }
  /** As `look`, for what only an administrator may do. */
  const administer = <T>(account: TelegramAccount, chatId: number, act: (chat: FakeChat) => CallResult<T>) =>
    look(account, chatId, (chat) => {
      const self = chat.members.get(botIdOf(account.token))
      return self && ADMINISTRATORS.has(self.status) ? act(chat) : ending('no_admin_right')
    })
  const decide = (account: TelegramAccount, chatId: number, userId: number, isApproved: boolean) =>
    administer<null>(account, chatId, ({ members, joinRequests }) => {
      if (joinRequests.delete(userId) && isApproved) {
        members.set(userId, { userId, status: 'member', isMember: true, isBot: false })
      }
      return done(null)
    })

  return {
    getChat(account, chat) {
      const named = [...chats.values()].find(({ card }) => `@${card.username}` === chat)
      const id = typeof chat === 'number' ? chat : (named?.card.chatId ?? 0)
      return look(account, id, ({ card }) => done(card))
    },
    getMember: (account, chatId, userId) =>
      look(account, chatId, ({ members }) =>
        done(members.get(userId) ?? { userId, status: 'left', isMember: false, isBot: false }),
      ),
    countMembers: (account, chatId) =>
      look(account, chatId, ({ members }) => done([...members.values()].filter((member) => member.isMember).length)),
    countAdministrators: (account, chatId) =>
      look(account, chatId, ({ members }) => done([...members.values()].filter(isAdministrator).length)),
    createInviteLink: (account, chatId, options) =>
      administer(account, chatId, ({ inviteLinks }) => {
        const link = {
          url: `https://t.me/+${chatId}-${inviteLinks.length + 1}`,
          name: options.name,
          createsJoinRequest: options.admission?.kind === 'approved_by_administrator',
        }
        inviteLinks.push(link)
        return done(link)
      }),
    async revokeInviteLink(account, chatId, url) {
      const result = await administer<null>(account, chatId, ({ inviteLinks, revokedLinks }) => {
        if (!inviteLinks.some((link) => link.url === url)) return ending('rejected_other')
        revokedLinks.add(url)
        return done(null)
      })
      return result.kind === 'done' ? { kind: 'done' } : result
    },
    async approveJoinRequest(account, chatId, userId) {
      const result = await decide(account, chatId, userId, true)
      return result.kind === 'done' ? { kind: 'done' } : result
    },
    async declineJoinRequest(account, chatId, userId) {
      const result = await decide(account, chatId, userId, false)
      return result.kind === 'done' ? { kind: 'done' } : result
    },
  }
}

const ADMINISTRATORS: ReadonlySet<MemberStatus> = new Set(['creator', 'administrator'])

const isAdministrator = ({ status, isBot }: MemberCard): boolean => !isBot && ADMINISTRATORS.has(status)

const botIdOf = (token: string): number => Number(token.split(':')[0])

const done = <T>(value: T): CallResult<T> => ({ kind: 'done', value })

const ending = (reason: FailureReason): CallFailure => {
  const result = resultOfFailure(reason, { errorCode: 400 })
  if (result === 'reached') throw new Error(`${reason} is no failure here`)
  return result
}
