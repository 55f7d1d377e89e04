import type { ChatPermissions } from '@grammyjs/types'

import { SECOND_MS } from '#server/base/duration.ts'

import type { ActResult, CallFailure } from '../../call-result.ts'
import { MEMBER_STATUSES } from '../../directory.ts'
import type { Standing, TelegramModeration } from '../../moderation.ts'
import type { TelegramAccount } from '../../telegram-account.ts'
import { type BotApiMethod, type BotApiParams, callBotApi } from './call-bot-api.ts'
import type { HttpTransport } from './http-transport.ts'
import { asAct, asValue, isObject } from './read-result.ts'

const PERMISSIONS = [
  'can_send_messages',
  'can_send_audios',
  'can_send_documents',
  'can_send_photos',
  'can_send_videos',
  'can_send_video_notes',
  'can_send_voice_notes',
  'can_send_polls',
  'can_send_other_messages',
  'can_add_web_page_previews',
  'can_invite_users',
  'can_change_info',
  'can_pin_messages',
  'can_manage_topics',
] as const satisfies readonly (keyof ChatPermissions)[]

/** Everything off or on; Telegram lets nobody do more than the chat allows all. */
const permissions = (isAllowed: boolean): ChatPermissions =>
  Object.fromEntries(PERMISSIONS.map((name) => [name, isAllowed]))

const untilOf = (untilAt: number | null) => (untilAt === null ? {} : { until_date: Math.ceil(untilAt / SECOND_MS) })

const UNFIT: CallFailure = { kind: 'rejected', reason: 'method_unknown', errorCode: 0 }

/** Order in groups as a bot keeps it. */
export const createBotApiModeration = (transport: HttpTransport): TelegramModeration => {
  const act = async <M extends BotApiMethod>(
    account: TelegramAccount,
    chatId: number,
    method: M,
    params: BotApiParams<M>,
  ): Promise<ActResult> =>
    account.kind === 'bot'
      ? asAct(await callBotApi(transport, account, method, params, { chatId, repeatable: true }))
      : UNFIT
  return {
    async deleteMessages(account, chatId, messageIds) {
      const params = { chat_id: chatId, message_ids: [...messageIds] }
      const result = await act(account, chatId, 'deleteMessages', params)
      return result.kind === 'rejected' && result.reason === 'message_missing' ? { kind: 'done' } : result
    },
    restrictMember: (account, chatId, userId, untilAt) =>
      act(account, chatId, 'restrictChatMember', {
        chat_id: chatId,
        user_id: userId,
        permissions: permissions(false),
        use_independent_chat_permissions: true,
        ...untilOf(untilAt),
      }),
    liftRestriction: (account, chatId, userId) =>
      act(account, chatId, 'restrictChatMember', {
        chat_id: chatId,
        user_id: userId,
        permissions: permissions(true),
        use_independent_chat_permissions: true,
      }),
    banMember: (account, chatId, userId, untilAt) =>
      act(account, chatId, 'banChatMember', { chat_id: chatId, user_id: userId, ...untilOf(untilAt) }),
    unbanMember: (account, chatId, userId) =>
      act(account, chatId, 'unbanChatMember', { chat_id: chatId, user_id: userId, only_if_banned: true }),
    pinMessage: (account, chatId, messageId) =>
      act(account, chatId, 'pinChatMessage', { chat_id: chatId, message_id: messageId, disable_notification: true }),
    async getStanding(account, chatId, userId) {
      if (account.kind !== 'bot') return UNFIT
      const params = { chat_id: chatId, user_id: userId }
      const reply = await callBotApi(transport, account, 'getChatMember', params, { chatId, repeatable: true })
      return asValue(reply, readStanding)
    },
  }
}

const readStanding = (result: unknown): Standing | undefined => {
  if (!isObject(result)) return undefined
  const status = MEMBER_STATUSES.find((known) => known === result['status'])
  if (status === undefined) return undefined
  const rights = Object.entries(result).filter(
    (entry): entry is [string, boolean] => entry[0].startsWith('can_') && typeof entry[1] === 'boolean',
  )
  return {
    status,
    isMember: status === 'restricted' ? result['is_member'] === true : status !== 'left' && status !== 'kicked',
    rights: Object.fromEntries(rights),
  }
}
