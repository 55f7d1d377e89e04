import type { WebhookInfo } from '@grammyjs/types'
import { badRequest, conflict, CONFLICT_WEBHOOK } from '#simulator/bot-api/errors.ts'
import { createPoller, type PollRequest } from '#simulator/updates/long-poll.ts'
import { setAllowedUpdates, type UpdateType } from '#simulator/updates/queue.ts'
import type { WebhookSettings } from '#simulator/updates/webhook-post.ts'
import { startWebhookSender, type WebhookSender } from '#simulator/updates/webhook-sender.ts'
import type { SimBot, World } from '#simulator/world/types.ts'

export type WebhookInput = Omit<WebhookSettings, 'url'> & {
  readonly url: string
  readonly allowedUpdates: readonly UpdateType[] | undefined
  readonly dropsPending: boolean
}

/** How updates leave the world: by webhook or by long polling, one of them per bot. */
export type Delivery = {
  readonly setWebhook: (bot: SimBot, input: WebhookInput) => void
  readonly deleteWebhook: (bot: SimBot, dropsPending: boolean) => void
  readonly webhookInfo: (bot: SimBot) => WebhookInfo
  readonly webhookOf: (bot: SimBot) => WebhookSender | null
  readonly poll: (
    bot: SimBot,
    request: PollRequest,
    allowed: readonly UpdateType[] | undefined,
    signal: AbortSignal,
  ) => Promise<string>
  readonly close: () => Promise<void>
}

export type DeliveryOptions = {
  /** Holds back repeated polls of the same offset as Telegram does. */
  readonly slowsRepeatedPolls: boolean
  readonly callMethod: (bot: SimBot, method: string, params: Record<string, unknown>) => void
}

/** Creates the delivery of all bots of a world. */
export function createDelivery(world: World, options: DeliveryOptions): Delivery {
  const poller = createPoller(options.slowsRepeatedPolls)
  const senders = new Map<number, WebhookSender>()
  const closing = new Set<Promise<void>>()

  function stopSender(bot: SimBot): void {
    const sender = senders.get(bot.id)
    if (!sender) return
    senders.delete(bot.id)
    const closed = sender.close().finally(() => closing.delete(closed))
    closing.add(closed)
  }

  function setWebhook(bot: SimBot, input: WebhookInput): void {
    checkWebhook(input)
    poller.interrupt(bot.updates, conflict('terminated by setWebhook request'))
    stopSender(bot)
    if (input.dropsPending) bot.updates.pending.clear()
    setAllowedUpdates(bot.updates, input.allowedUpdates)
    const deps = {
      clock: world.clock,
      random: world.random.fork(`webhook/${bot.id}`),
      callMethod: (method: string, params: Record<string, unknown>) => options.callMethod(bot, method, params),
      onGone: () => stopSender(bot),
    }
    senders.set(bot.id, startWebhookSender(deps, bot.updates, input))
  }

  return {
    setWebhook,
    deleteWebhook(bot, dropsPending) {
      stopSender(bot)
      if (dropsPending) bot.updates.pending.clear()
    },
    webhookOf: (bot) => senders.get(bot.id) ?? null,
    webhookInfo(bot) {
      const sender = senders.get(bot.id)
      const info: WebhookInfo = {
        url: sender?.settings.url ?? '',
        has_custom_certificate: sender?.settings.hasCertificate ?? false,
        pending_update_count: bot.updates.pending.size,
      }
      if (sender) {
        info.max_connections = sender.settings.maxConnections
        if (sender.settings.ipAddress !== undefined) info.ip_address = sender.settings.ipAddress
        const error = sender.lastError()
        if (error) {
          info.last_error_date = Math.floor(error.at / 1000)
          info.last_error_message = error.message
        }
      }
      if (bot.updates.allowed) info.allowed_updates = [...bot.updates.allowed]
      return info
    },
    poll(bot, request, allowed, signal) {
      if (senders.has(bot.id)) return Promise.reject(conflict(CONFLICT_WEBHOOK))
      setAllowedUpdates(bot.updates, allowed)
      return poller.poll(bot.updates, request, world.clock.now(), signal)
    },
    async close() {
      for (const bot of world.bots.values()) {
        poller.interrupt(bot.updates, null)
        stopSender(bot)
      }
      await Promise.all(closing)
    },
  }
}

/** Telegram takes public HTTPS addresses only; the simulator also takes http and any port on private networks. */
function checkWebhook({ url, secretToken }: WebhookInput): void {
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) throw badRequest('invalid webhook URL specified')
  if (new URL(url).protocol === 'https:') {
    const port = new URL(url).port
    if (!['', '443', '80', '88', '8443'].includes(port) && !isLocal(new URL(url).hostname)) {
      throw badRequest('bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443')
    }
  } else if (!isLocal(new URL(url).hostname)) {
    throw badRequest('bad webhook: An HTTPS URL must be provided for webhook')
  }
  if (secretToken === undefined) return
  if (secretToken.length > 256) throw badRequest('secret token is too long')
  if (!/^[\w-]+$/.test(secretToken)) throw badRequest('secret token contains unallowed characters')
}

function isLocal(hostname: string): boolean {
  return /^(localhost|127\.\d+\.\d+\.\d+|\[::1\]|10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|[^.]+$)/.test(hostname)
}
