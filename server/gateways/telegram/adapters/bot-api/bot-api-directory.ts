import { SECOND_MS } from '#server/base/duration.ts'

import { CHAT_KINDS, MEMBER_STATUSES } from '../../directory.ts'
import type { ChatCard, InviteLink, InviteLinkOptions, MemberCard, TelegramDirectory } from '../../directory.ts'
import { callBotApi } from './call-bot-api.ts'
import type { HttpTransport } from './http-transport.ts'
import { asAct, asValue, isInteger, isObject, textOf } from './read-result.ts'

/** Chats, members, invite links and join requests as a bot sees them. */
export const createBotApiDirectory = (transport: HttpTransport): TelegramDirectory => ({
  async getChat(account, chat) {
    const options = { repeatable: true, ...(typeof chat === 'number' ? { chatId: chat } : {}) }
    return asValue(await callBotApi(transport, account, 'getChat', { chat_id: chat }, options), readChat)
  },

  async getMember(account, chatId, userId) {
    const params = { chat_id: chatId, user_id: userId }
    return asValue(
      await callBotApi(transport, account, 'getChatMember', params, { chatId, repeatable: true }),
      readMember,
    )
  },

  async countMembers(account, chatId) {
    const params = { chat_id: chatId }
    return asValue(
      await callBotApi(transport, account, 'getChatMemberCount', params, { chatId, repeatable: true }),
      (result) => (isInteger(result) ? result : undefined),
    )
  },

  async countAdministrators(account, chatId) {
    const params = { chat_id: chatId }
    return asValue(
      await callBotApi(transport, account, 'getChatAdministrators', params, { chatId, repeatable: true }),
      (result) => (Array.isArray(result) ? result.length : undefined),
    )
  },

  async createInviteLink(account, chatId, options) {
    const params = { chat_id: chatId, ...inviteParams(options) }
    return asValue(await callBotApi(transport, account, 'createChatInviteLink', params, { chatId }), readInviteLink)
  },

  async revokeInviteLink(account, chatId, url) {
    const params = { chat_id: chatId, invite_link: url }
    return asAct(await callBotApi(transport, account, 'revokeChatInviteLink', params, { chatId, repeatable: true }))
  },

  async approveJoinRequest(account, chatId, userId) {
    const params = { chat_id: chatId, user_id: userId }
    return asAct(await callBotApi(transport, account, 'approveChatJoinRequest', params, { chatId, repeatable: true }))
  },

  async declineJoinRequest(account, chatId, userId) {
    const params = { chat_id: chatId, user_id: userId }
    return asAct(await callBotApi(transport, account, 'declineChatJoinRequest', params, { chatId, repeatable: true }))
  },
})

const inviteParams = ({ name, expiresAt, admission }: InviteLinkOptions) => ({
  name,
  ...(expiresAt === undefined ? {} : { expire_date: Math.floor(expiresAt / SECOND_MS) }),
  ...(admission?.kind === 'limited' ? { member_limit: admission.members } : {}),
  ...(admission?.kind === 'approved_by_administrator' ? { creates_join_request: true } : {}),
})

const readChat = (result: unknown): ChatCard | undefined => {
  if (!isObject(result) || !isInteger(result['id'])) return undefined
  const kind = CHAT_KINDS.find((kind) => kind === result['type'])
  if (kind === undefined) return undefined
  const person = [result['first_name'], result['last_name']].map(textOf).filter(Boolean).join(' ')
  return {
    chatId: result['id'],
    kind,
    title: kind === 'private' ? person : textOf(result['title']),
    username: textOf(result['username']) || null,
  }
}

const readMember = (result: unknown): MemberCard | undefined => {
  if (!isObject(result) || !isObject(result['user']) || !isInteger(result['user']['id'])) return undefined
  const status = MEMBER_STATUSES.find((status) => status === result['status'])
  if (status === undefined) return undefined
  return {
    userId: result['user']['id'],
    status,
    isMember: status === 'restricted' ? result['is_member'] === true : status !== 'left' && status !== 'kicked',
    isBot: result['user']['is_bot'] === true,
  }
}

const readInviteLink = (result: unknown): InviteLink | undefined =>
  isObject(result) && typeof result['invite_link'] === 'string'
    ? {
        url: result['invite_link'],
        name: textOf(result['name']),
        createsJoinRequest: result['creates_join_request'] === true,
      }
    : undefined
