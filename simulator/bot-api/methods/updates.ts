import type { Handlers } from '#simulator/bot-api/call.ts'

export const updateMethods = {
  setWebhook({ bot, delivery, limiter, world }, args) {
    if (!args.url) {
      delivery.deleteWebhook(bot, args.drop_pending_updates ?? false)
      return true
    }
    limiter.admitEvent(bot, 'setWebhook', world.clock.now())
    delivery.setWebhook(bot, {
      url: args.url,
      secretToken: args.secret_token === '' ? undefined : args.secret_token,
      maxConnections: Math.min(Math.max(Math.trunc(args.max_connections ?? 40), 1), 100),
      ipAddress: args.ip_address,
      hasCertificate: args.certificate !== undefined,
      allowedUpdates: args.allowed_updates,
      dropsPending: args.drop_pending_updates ?? false,
    })
    return true
  },
  deleteWebhook({ bot, delivery }, args) {
    delivery.deleteWebhook(bot, args.drop_pending_updates ?? false)
    return true
  },
  getWebhookInfo: ({ bot, delivery }) => delivery.webhookInfo(bot),
} satisfies Handlers
