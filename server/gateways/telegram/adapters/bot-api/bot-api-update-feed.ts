import { SECOND_MS } from '#server/base/duration.ts'

import { ALLOWED_UPDATES } from '../../update-feed.ts'
import type { BotProfile, TelegramUpdate, TelegramUpdateFeed, WebhookState } from '../../update-feed.ts'
import { callBotApi } from './call-bot-api.ts'
import type { HttpTransport } from './http-transport.ts'
import { asAct, asValue, isInteger, isObject, textOf } from './read-result.ts'

/** How long the answer of a long poll may take beyond the wait asked for. */
const POLL_GRACE_MS = 10 * SECOND_MS

/** Updates by long poll or webhook, and the bot's own profile. */
export const createBotApiUpdateFeed = (transport: HttpTransport): TelegramUpdateFeed => ({
  async getUpdates(account, { offset, waitSeconds, limit = 100, signal }) {
    const params = { offset, limit, timeout: waitSeconds, allowed_updates: ALLOWED_UPDATES }
    const options = {
      lane: 'polls',
      timeoutMs: waitSeconds * SECOND_MS + POLL_GRACE_MS,
      repeatable: true,
      signal,
    } as const
    return asValue(await callBotApi(transport, account, 'getUpdates', params, options), readUpdates)
  },

  async setWebhook(account, { url, secretToken, maxConnections }) {
    const params = {
      url,
      secret_token: secretToken,
      max_connections: maxConnections,
      allowed_updates: ALLOWED_UPDATES,
    }
    return asAct(await callBotApi(transport, account, 'setWebhook', params, { repeatable: true }))
  },

  async deleteWebhook(account) {
    const params = { drop_pending_updates: false }
    return asAct(await callBotApi(transport, account, 'deleteWebhook', params, { repeatable: true }))
  },

  async getWebhook(account) {
    return asValue(await callBotApi(transport, account, 'getWebhookInfo', undefined, { repeatable: true }), readWebhook)
  },

  async validateToken(credentials) {
    return asValue(await callBotApi(transport, credentials, 'getMe', undefined, { repeatable: true }), readProfile)
  },
})

/** An update without a number cannot be acknowledged one by one; the batch it came in is not taken. */
const readUpdates = (result: unknown): readonly TelegramUpdate[] | undefined =>
  Array.isArray(result) && result.every((update) => isObject(update) && isInteger(update['update_id']))
    ? (result as readonly TelegramUpdate[])
    : undefined

const readWebhook = (result: unknown): WebhookState | undefined => {
  if (!isObject(result) || typeof result['url'] !== 'string') return undefined
  const failedAt = result['last_error_date']
  return {
    url: result['url'] || null,
    pendingUpdates: isInteger(result['pending_update_count']) ? result['pending_update_count'] : 0,
    lastError: isInteger(failedAt) ? { at: failedAt * SECOND_MS, message: textOf(result['last_error_message']) } : null,
  }
}

const readProfile = (result: unknown): BotProfile | undefined => {
  if (!isObject(result) || !isInteger(result['id']) || result['is_bot'] !== true) return undefined
  return {
    telegramId: result['id'],
    username: textOf(result['username']),
    displayName: textOf(result['first_name']),
    canJoinGroups: result['can_join_groups'] === true,
    readsAllGroupMessages: result['can_read_all_group_messages'] === true,
    canConnectToBusiness: result['can_connect_to_business'] === true,
  }
}
