import { tooManyRequests } from '#simulator/bot-api/errors.ts'
import type { Pacing, Place, SimBot } from '#simulator/world/types.ts'
import { createPacing } from '#simulator/world/users.ts'

/** Telegram's published rates; each can be set, and switched off with null. */
export type LimitSettings = {
  /** Messages a second to one chat, and how many may come at once. */
  chat: { perSecond: number; burst: number } | null
  /** Messages in any 60 seconds to one group, supergroup or channel. */
  group: { perMinute: number } | null
  /** Messages in any second over all chats of a bot. */
  bot: { perSecond: number } | null
  /** With allow_paid_broadcast: the same per second, and the price of each message above `bot`, in tenths of a Star. */
  paidBroadcast: { perSecond: number; starTenths: number } | null
  /** setWebhook calls: one per this many ms. */
  setWebhook: { everyMs: number } | null
  /** Invite links made by a bot in any minute, over all chats. */
  inviteLinks: { perMinute: number } | null
}

export const TELEGRAM_LIMITS: LimitSettings = {
  chat: { perSecond: 1, burst: 3 },
  group: { perMinute: 20 },
  bot: { perSecond: 30 },
  paidBroadcast: { perSecond: 1000, starTenths: 1 },
  setWebhook: { everyMs: 1000 },
  inviteLinks: { perMinute: 20 },
}

export const NO_LIMITS: LimitSettings = {
  chat: null,
  group: null,
  bot: null,
  paidBroadcast: null,
  setWebhook: null,
  inviteLinks: null,
}

export type LimitCounters = { refused: number; premature: number }

export type Limiter = {
  readonly settings: LimitSettings
  /** 429 answers given, and requests that came before the `retry_after` of an earlier 429 was over. */
  readonly counters: LimitCounters
  /** Counts `messages` new messages, or throws a 429 and counts none. */
  readonly admitSend: (bot: SimBot, place: Place, now: number, isPaid: boolean, messages?: number) => void
  /** Refuses everything to this place until `retryAfterSeconds` are over. */
  readonly penalise: (bot: SimBot, place: Place | null, now: number, retryAfterSeconds: number) => never
  readonly admitEvent: (bot: SimBot, name: 'setWebhook' | 'inviteLinks', now: number) => void
  readonly state: (bot: SimBot, now: number) => LimiterState
}

export type LimiterState = {
  readonly sentLastSecond: number
  readonly blockedUntil: number
  readonly chats: readonly {
    readonly chatId: number
    readonly fullAt: number
    readonly penaltyUntil: number
    readonly sentLastMinute: number
  }[]
}

const MINUTE_MS = 60_000

/** Creates a limiter. State of a chat lives on its dialog (or the bot, for groups), so idle chats cost nothing. */
export function createLimiter(settings: LimitSettings): Limiter {
  const counters: LimitCounters = { refused: 0, premature: 0 }
  const botPenalties = new Map<number, number>()
  const events = new Map<string, number[]>()

  function refuse(pacing: Pacing | null, botId: number, now: number, waitMs: number): never {
    counters.refused += 1
    const error = tooManyRequests(waitMs / 1000)
    const until = now + (error.parameters?.retry_after ?? 1) * 1000
    if (pacing) pacing.penaltyUntil = until
    else botPenalties.set(botId, until)
    throw error
  }

  function checkPenalty(bot: SimBot, pacing: Pacing, now: number): void {
    const until = Math.max(pacing.penaltyUntil, botPenalties.get(bot.id) ?? 0)
    if (until <= now) return
    counters.premature += 1
    counters.refused += 1
    throw tooManyRequests((until - now) / 1000)
  }

  function admitSend(bot: SimBot, place: Place, now: number, isPaid: boolean, messages = 1): void {
    const pacing = pacingOf(bot, place)
    checkPenalty(bot, pacing, now)
    const { chat, group, bot: perBot, paidBroadcast } = settings
    if (chat && !isPaid) {
      const spacing = 1000 / chat.perSecond
      const waitMs = pacing.fullAt + spacing * messages - now - spacing * Math.max(chat.burst, messages)
      if (waitMs > 0) refuse(pacing, bot.id, now, waitMs)
    }
    if (group && place.kind === 'chat') {
      const minute = (pacing.minute ??= [])
      forgetBefore(minute, now - MINUTE_MS)
      if (minute.length + messages > group.perMinute) {
        refuse(pacing, bot.id, now, (minute[minute.length + messages - 1 - group.perMinute] ?? now) + MINUTE_MS - now)
      }
    }
    const allowance = isPaid ? (paidBroadcast ?? perBot) : perBot
    if (allowance) {
      forgetBefore(bot.second, now - 1000)
      if (bot.second.length + messages > allowance.perSecond) {
        refuse(null, bot.id, now, (bot.second[0] ?? now) + 1000 - now)
      }
      if (isPaid && paidBroadcast && perBot && bot.second.length >= perBot.perSecond) {
        bot.starTenths -= paidBroadcast.starTenths * messages
      }
      for (let index = 0; index < messages; index++) bot.second.push(now)
    }
    if (chat) pacing.fullAt = Math.max(pacing.fullAt, now) + (1000 / chat.perSecond) * messages
    if (group && place.kind === 'chat') for (let index = 0; index < messages; index++) pacing.minute?.push(now)
  }

  return {
    settings,
    counters,
    admitSend,
    penalise: (bot, place, now, seconds) => refuse(place ? pacingOf(bot, place) : null, bot.id, now, seconds * 1000),
    admitEvent(bot, name, now) {
      const limit = settings[name]
      if (!limit) return
      const [max, windowMs] = 'everyMs' in limit ? [1, limit.everyMs] : [limit.perMinute, MINUTE_MS]
      const key = `${name}/${bot.id}`
      const times = events.get(key) ?? []
      forgetBefore(times, now - windowMs)
      if (times.length >= max) {
        counters.refused += 1
        throw tooManyRequests(((times[0] ?? now) + windowMs - now) / 1000)
      }
      times.push(now)
      events.set(key, times)
    },
    state(bot, now) {
      forgetBefore(bot.second, now - 1000)
      const blockedUntil = botPenalties.get(bot.id) ?? 0
      return { sentLastSecond: bot.second.length, blockedUntil, chats: listBusyChats(bot, now) }
    },
  }
}

function listBusyChats(bot: SimBot, now: number): LimiterState['chats'] {
  const busy: { chatId: number; fullAt: number; penaltyUntil: number; sentLastMinute: number }[] = []
  const look = (chatId: number, pacing: Pacing): void => {
    if (pacing.minute) forgetBefore(pacing.minute, now - MINUTE_MS)
    const sentLastMinute = pacing.minute?.length ?? 0
    if (pacing.fullAt <= now && pacing.penaltyUntil <= now && sentLastMinute === 0) return
    busy.push({ chatId, fullAt: pacing.fullAt, penaltyUntil: pacing.penaltyUntil, sentLastMinute })
  }
  for (const dialog of bot.dialogs.values()) look(dialog.user.id, dialog.pacing)
  for (const [chatId, pacing] of bot.chatPacing) look(chatId, pacing)
  return busy
}

function pacingOf(bot: SimBot, place: Place): Pacing {
  if (place.kind === 'dialog') return place.dialog.pacing
  if (place.kind === 'business') return place.personal.pacing
  const known = bot.chatPacing.get(place.chatId)
  if (known) return known
  const pacing = createPacing()
  bot.chatPacing.set(place.chatId, pacing)
  return pacing
}

/** Times are in order; a message exactly one window old no longer counts. */
function forgetBefore(times: number[], limitMs: number): void {
  let gone = 0
  while (gone < times.length && (times[gone] ?? 0) <= limitMs) gone += 1
  if (gone > 0) times.splice(0, gone)
}
