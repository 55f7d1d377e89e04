import { z } from 'zod'
import { FAULT_KINDS } from '#simulator/bot-api/faults.ts'
import { NO_LIMITS, TELEGRAM_LIMITS } from '#simulator/bot-api/limits.ts'
import { command, ControlError, getBot, getUser, query } from '#simulator/control/control.ts'
import { byBot, byUserAndBot, id, nothing } from '#simulator/control/schemas.ts'
import { dialogPlace } from '#simulator/world/user-actions.ts'

const filter = {
  botId: id.optional(),
  chatId: id.optional(),
  text: z.string().optional(),
  sinceAt: z.number().optional(),
  untilAt: z.number().optional(),
}

const perSecond = z.number().positive()

const limits = z.strictObject({
  chat: z
    .strictObject({ perSecond, burst: z.number().int().min(1) })
    .nullable()
    .optional(),
  group: z
    .strictObject({ perMinute: z.number().int().min(1) })
    .nullable()
    .optional(),
  bot: z.strictObject({ perSecond }).nullable().optional(),
  paidBroadcast: z
    .strictObject({ perSecond, starTenths: z.number().min(0) })
    .nullable()
    .optional(),
  setWebhook: z
    .strictObject({ everyMs: z.number().min(0) })
    .nullable()
    .optional(),
  inviteLinks: z
    .strictObject({ perMinute: z.number().int().min(1) })
    .nullable()
    .optional(),
})

const fault = z.strictObject({
  kind: z.enum(FAULT_KINDS),
  methods: z.array(z.string()).optional(),
  botId: id.optional(),
  chatId: id.optional(),
  probability: z.number().min(0).max(1).optional(),
  times: z.number().int().min(1).optional(),
  skip: z.number().int().min(0).optional(),
  retryAfter: z.union([z.number().min(1), z.tuple([z.number().min(1), z.number().min(1)])]).optional(),
  delayMs: z.number().min(0).optional(),
  code: z.number().int().min(400).max(599).optional(),
  description: z.string().optional(),
})

/** Faults, limits, the log of accepted messages, and what the face answered. */
export const trafficControls = {
  addFault: command(fault, ({ faults }, input) => ({ faultId: faults.add(input).id })),
  removeFault: command(z.strictObject({ faultId: z.number().int() }), ({ faults }, { faultId }) => ({
    isRemoved: faults.remove(faultId),
  })),
  clearFaults: command(nothing, ({ faults }) => {
    faults.clear()
    return {}
  }),
  listFaults: query(nothing, ({ faults }) => faults.list()),
  /** Sets single limits; null switches one off. */
  setLimits: command(limits, ({ limiter }, input) => Object.assign(limiter.settings, input)),
  setLimitsOn: command(z.strictObject({ isOn: z.boolean() }), ({ limiter }, { isOn }) =>
    Object.assign(limiter.settings, isOn ? TELEGRAM_LIMITS : NO_LIMITS),
  ),
  getLimits: query(nothing, ({ limiter }) => ({ settings: limiter.settings, counters: limiter.counters })),
  getLimiterState: query(byBot, ({ limiter, world, clock }, { botId }) =>
    limiter.state(getBot(world, botId), clock.now()),
  ),
  setLatency: command(z.strictObject({ ms: z.number().min(0).max(600_000) }), ({ latency }, { ms }) => {
    latency.ms = ms
    return {}
  }),
  countMessages: query(z.strictObject(filter), ({ world }, input) => ({ count: world.log.count(input) })),
  listMessages: query(
    z.strictObject({ ...filter, limit: z.number().int().min(1).max(100_000).default(1000) }),
    ({ world }, { limit, ...input }) => world.log.select(input, limit),
  ),
  /** Same bot, chat and text accepted more than once. */
  findDuplicates: query(z.strictObject(filter), ({ world }, input) => world.log.duplicates(input)),
  /** The messages of one dialog as both sides see it, newest last. */
  getDialog: query(byUserAndBot, ({ world }, { userId, botId }) => {
    const { dialog } = dialogPlace(getBot(world, botId), getUser(world, userId))
    return { isStarted: dialog.isStarted, isBlocked: dialog.isBlocked, messages: dialog.messages }
  }),
  getStats: query(nothing, ({ world, stats, limiter, clock }) => ({
    now: clock.now(),
    users: world.users.size,
    bots: world.bots.size,
    chats: world.chats.size,
    acceptedMessages: world.log.length(),
    rateLimited: limiter.counters.refused,
    prematureRetries: limiter.counters.premature,
    ...stats.read(),
  })),
  /** Keeps a record of each call from now on, or no longer; what was recorded stays until it is cleared. */
  recordCalls: command(z.strictObject({ isOn: z.boolean() }), ({ callLog }, { isOn }) => {
    callLog.setOn(isOn)
    return {}
  }),
  /** Calls in order of arrival, as far as they were recorded. */
  listCalls: query(
    z.strictObject({
      botId: id.optional(),
      chatId: id.optional(),
      limit: z.number().int().min(1).max(1_000_000).default(1000),
    }),
    ({ callLog }, { botId, chatId, limit }) =>
      callLog
        .list()
        .filter((c) => (botId === undefined || c.botId === botId) && (chatId === undefined || c.chatId === chatId))
        .slice(0, limit),
  ),
  clearCalls: command(nothing, ({ callLog }) => {
    callLog.clear()
    return {}
  }),
  resetStats: command(nothing, ({ stats, limiter }) => {
    stats.reset()
    limiter.counters.refused = 0
    limiter.counters.premature = 0
    return {}
  }),
  /** Sends an update to the webhook once more; the one delivered last when none is named. */
  duplicateDelivery: command(
    z.strictObject({ botId: id, updateId: id.optional() }),
    async ({ world, delivery }, { botId, updateId }) => {
      const bot = getBot(world, botId)
      const sender = delivery.webhookOf(bot)
      if (!sender) throw new ControlError(`botId: bot ${botId} has no webhook`)
      const update = sender.findUpdate(updateId)
      if (!update) throw new ControlError('updateId: there is no such update, pending or recently delivered')
      return { updateId: update.id, status: await sender.sendAgain(update.json) }
    },
  ),
}
