import { ManualClock } from '#server/base/clock.ts'
import { createFakeTelegram } from '#server/gateways/telegram/adapters/fake/create-fake-telegram.ts'
import type { FakeTelegram } from '#server/gateways/telegram/adapters/fake/create-fake-telegram.ts'
import type { MemberStatus } from '#server/gateways/telegram/directory.ts'
import type { FailureReason } from '#server/gateways/telegram/failures.ts'
import type { TelegramAccount } from '#server/gateways/telegram/telegram-account.ts'

import type { GroupStanding, NextFault, PersonStanding, TelegramWorld } from './suites/telegram-world.ts'

const BOT_ID = 7_000_000_001
const UNKNOWN_CHAT = 987_654

const PERSON_REFUSALS: Readonly<Partial<Record<PersonStanding, FailureReason>>> = {
  never_started: 'not_started',
  blocked: 'blocked',
  deactivated: 'deactivated',
}

const GROUP_REFUSALS: Readonly<Partial<Record<GroupStanding, FailureReason>>> = {
  kicked: 'kicked',
  left: 'not_a_member',
  deleted: 'chat_deleted',
  muted: 'no_send_right',
}

/** The fake, furnished as the contract suites ask. */
export const openFakeTelegram = async (): Promise<TelegramWorld> => {
  const telegram = createFakeTelegram({ clock: new ManualClock(0) })
  const account: TelegramAccount = {
    tenantId: 1,
    accountId: 1,
    kind: 'bot',
    token: `${BOT_ID}:AA-fake`,
    apiRoot: null,
  }
  telegram.updateFeed.addBot(account.token, {
    telegramId: BOT_ID,
    username: 'deneme_bot',
    displayName: 'Deneme',
    canJoinGroups: true,
    readsAllGroupMessages: false,
    canConnectToBusiness: false,
  })
  telegram.refuse(UNKNOWN_CHAT, 'chat_not_found')
  const chats = new Map<number, ReturnType<FakeTelegram['addChat']>>()
  let serial = 0
  const nextId = () => (serial += 1)

  return {
    sender: telegram.sender,
    directory: telegram.directory,
    updateFeed: telegram.updateFeed,
    moderation: telegram.moderation,
    selfId: BOT_ID,
    account,
    strangersAccount: { ...account, token: '7999999999:AA-stranger' },
    unknownChatId: UNKNOWN_CHAT,
    async addPerson(standing) {
      const chatId = nextId()
      telegram.addChat({ chatId, kind: 'private', title: 'Ayşe', username: null })
      telegram.refuse(chatId, PERSON_REFUSALS[standing] ?? null)
      return chatId
    },
    async addGroup(standing) {
      const chatId = -nextId()
      const status = standing === 'administrator' ? standing : 'member'
      const self = { userId: BOT_ID, status, isMember: true, isBot: true } as const
      chats.set(chatId, telegram.addChat({ chatId, kind: 'supergroup', title: 'Mahalle', username: null }, [self]))
      telegram.refuse(chatId, GROUP_REFUSALS[standing] ?? null)
      return chatId
    },
    async addMember(chatId, status) {
      const userId = nextId()
      chats.get(chatId)?.members.set(userId, { userId, status, isMember: isPresent(status), isBot: false })
      return userId
    },
    async addJoinRequest(chatId) {
      const userId = nextId()
      chats.get(chatId)?.joinRequests.add(userId)
      return userId
    },
    async migrate(chatId) {
      const newChatId = chatId - 1_000_000
      telegram.refuse(chatId, 'chat_migrated', newChatId)
      return newChatId
    },
    async pressButton() {
      const callbackId = `callback-${nextId()}`
      telegram.pressButton(callbackId)
      return callbackId
    },
    async writeToBot(personId, text) {
      const message = { message_id: nextId(), date: 0, chat: { id: personId, type: 'private' }, text }
      telegram.updateFeed.push(account.token, { update_id: nextId(), message })
    },
    async revokeToken() {
      telegram.refuseToken(account.token, 'token_revoked')
    },
    async failNext(chatId, fault) {
      telegram.failNext({ chatId, ...scriptOf(fault) })
    },
    async messagesIn(chatId) {
      return telegram.messages
        .filter((message) => message.chatId === chatId)
        .map(({ messageId, text, buttons }) => ({
          messageId,
          text: text.replaceAll(/<[^>]*>/g, ''),
          buttons: (buttons ?? []).map((row) => row.map((button) => button.text)),
        }))
    },
    close: () => Promise.resolve(),
  }
}

const isPresent = (status: MemberStatus): boolean => status !== 'left' && status !== 'kicked'

const scriptOf = (fault: NextFault) => {
  switch (fault.kind) {
    case 'flood':
      return { reason: 'flood_wait', retryAfterSeconds: fault.retryAfterSeconds } as const
    case 'cut_before_accepting':
      return { reason: 'connection_cut' } as const
    case 'cut_after_accepting':
      return { reason: 'connection_cut', acceptsFirst: true } as const
    case 'html_page':
      return { reason: 'html_answer' } as const
    case 'server_error':
      return { reason: 'server_error' } as const
  }
}
