import type { Message } from '@grammyjs/types'

import { createBotApi } from '#server/gateways/telegram/adapters/bot-api/create-bot-api.ts'
import type { TelegramAccount } from '#server/gateways/telegram/telegram-account.ts'
import { startSimulator } from '#simulator/index.ts'
import type { Simulator } from '#simulator/index.ts'

import type { GroupStanding, NextFault, PersonStanding, SeenMessage, TelegramWorld } from './suites/telegram-world.ts'

/** The Bot API adapter, unchanged, over HTTP against a simulator of its own. */
export const openSimulatedTelegram = async (): Promise<TelegramWorld> => {
  const simulator = await startSimulator({ limits: false, seed: 7 })
  const { control } = simulator
  const bot = control.createBot({})
  const api = createBotApi()
  const account: TelegramAccount = {
    tenantId: 1,
    accountId: 1,
    kind: 'bot',
    token: bot.token,
    apiRoot: simulator.apiRoot,
  }
  const owner = control.createUser({}).id

  return {
    sender: api.sender,
    directory: api.directory,
    updateFeed: api.updateFeed,
    moderation: api.moderation,
    selfId: bot.id,
    account,
    strangersAccount: { ...account, token: '7999999999:AAstranger_has_no_bot_at_all_123456' },
    unknownChatId: 987_654_321_012,
    addPerson: async (standing) => addPerson(simulator, bot.id, standing),
    addGroup: async (standing) => addGroup(simulator, bot.id, owner, standing),
    async addMember(chatId, status) {
      const { id } = control.createUser({})
      if (status !== 'left') control.setMember({ chatId, memberId: id, status })
      return id
    },
    async addJoinRequest(chatId) {
      const result = await api.directory.createInviteLink(account, chatId, {
        name: 'test',
        admission: { kind: 'approved_by_administrator' },
      })
      if (result.kind !== 'done') throw new Error(`no invite link: ${JSON.stringify(result)}`)
      const { id } = control.createUser({})
      control.join({ userId: id, link: result.value.url })
      return id
    },
    migrate: async (chatId) => control.migrateChat({ chatId }).id,
    pressButton: async (personId) => control.press({ userId: personId, botId: bot.id }).callbackQueryId,
    async writeToBot(personId, text) {
      control.sendText({ userId: personId, botId: bot.id, text })
    },
    async revokeToken() {
      control.revokeToken({ botId: bot.id })
    },
    async failNext(chatId, fault) {
      control.addFault({ ...faultOf(fault), chatId, times: 1 })
    },
    messagesIn: async (chatId) => messagesIn(simulator, bot.id, chatId),
    async close() {
      await api.close()
      await simulator.close()
    },
  }
}

const addPerson = ({ control }: Simulator, botId: number, standing: PersonStanding): number => {
  const { id: userId } = control.createUser({})
  // Telegram tells a bot that somebody never started it only about people it has met in a group.
  if (standing === 'never_started') meetInGroup(control, botId, userId)
  else control.openDialog({ userId, botId })
  if (standing === 'blocked') control.block({ userId, botId })
  if (standing === 'deactivated') control.deleteUser({ userId })
  return userId
}

const meetInGroup = (control: Simulator['control'], botId: number, userId: number): void => {
  const { id: chatId } = control.createChat({ type: 'supergroup', title: 'Meydan', ownerId: userId })
  control.setMember({ chatId, memberId: botId, status: 'member' })
}

const addGroup = ({ control }: Simulator, botId: number, ownerId: number, standing: GroupStanding): number => {
  // Join requests and full administrators are for supergroups; only a basic group can be migrated.
  const type = standing === 'administrator' ? 'supergroup' : 'group'
  const { id: chatId } = control.createChat({ type, title: 'Mahalle', ownerId })
  const rights = { can_invite_users: true, can_restrict_members: true, can_delete_messages: true }
  control.setMember(
    standing === 'administrator'
      ? { chatId, memberId: botId, status: 'administrator', rights }
      : { chatId, memberId: botId, status: 'member' },
  )
  if (standing === 'kicked' || standing === 'left') control.setMember({ chatId, memberId: botId, status: standing })
  if (standing === 'deleted') control.updateChat({ chatId, isDeleted: true })
  if (standing === 'muted') control.updateChat({ chatId, permissions: { can_send_messages: false } })
  return chatId
}

export const faultOf = (fault: NextFault) => {
  switch (fault.kind) {
    case 'flood':
      return { kind: 'too_many_requests', retryAfter: fault.retryAfterSeconds } as const
    case 'cut_before_accepting':
      return { kind: 'drop_before' } as const
    case 'cut_after_accepting':
      return { kind: 'drop_after' } as const
    case 'html_page':
      return { kind: 'bad_gateway' } as const
    case 'server_error':
      return { kind: 'restart' } as const
  }
}

const messagesIn = ({ control, world }: Simulator, botId: number, chatId: number): readonly SeenMessage[] => {
  const messages =
    chatId > 0 ? control.getDialog({ userId: chatId, botId }).messages : (world.chats.get(chatId)?.messages ?? [])
  return seenMessages(messages.filter(({ from }) => from?.id === botId))
}

/** How people read these messages. */
export const seenMessages = (messages: readonly Message[]): readonly SeenMessage[] =>
  messages.flatMap(({ message_id: messageId, text, caption, reply_markup: markup }) =>
    text === undefined && caption === undefined
      ? []
      : [
          {
            messageId,
            text: text ?? caption ?? '',
            buttons: (markup?.inline_keyboard ?? []).map((row) => row.map((button) => button.text)),
          },
        ],
  )
