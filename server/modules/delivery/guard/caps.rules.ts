import type { GuardReason, MessageClass } from '#contract/words.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '#server/base/duration.ts'

import { HARD_DAILY_MAX, HARD_GAP_MS, warmUpDailyMax } from '../ceilings.rules.ts'

/** What of a delivery decides which caps it fills and which caps hold it. */
export interface SlotKind {
  readonly messageClass: MessageClass
  readonly isOutreach: boolean
  readonly isHuman: boolean
  /** A post into a group or channel rather than a message to a person. */
  readonly isChatPost: boolean
  readonly invites: boolean
}

/** Whose slots a cap counts. `contact_chat` is one person and one chat they are invited to. */
export type CapScope = 'tenant' | 'account' | 'contact' | 'chat' | 'contact_chat'

/** At most `max` counted reservations of one scope in any rolling window. A cooldown is a cap with `max: 1`. */
export interface Cap {
  readonly reason: GuardReason
  readonly scope: CapScope
  readonly windowMs: number
  readonly max: number
  /** Both fills the cap and is held by it. */
  readonly counts: (slot: SlotKind) => boolean
}

/** Limits of a tenant as stored; null means none from that side. */
export interface TenantLimits {
  readonly dailyMessagesMax: number | null
  readonly monthlyMessagesMax: number | null
  readonly perMinuteMax: number | null
  readonly outreachHourlyMax: number | null
  readonly outreachDailyMax: number | null
  readonly outreachCooldownMs: number
  readonly groupPostCooldownMs: number
  readonly quietFromHour: number
  readonly quietToHour: number
  readonly warmUp: boolean
}

export interface StrategyCaps {
  readonly cooldownHours: number
  readonly maxPerDay: number
}

/** Telegram's own pace for one chat and one group (bots/faq: about one message a second, twenty a minute). */
export const CHAT_GAP_MS = SECOND_MS
export const GROUP_MINUTE_MAX = 20

export const INVITE_COOLDOWN_MS = 30 * DAY_MS
export const MONTH_MS = 30 * DAY_MS

const isCommercial = (s: SlotKind) => s.messageClass === 'commercial'
const isPersonal = (s: SlotKind) => !s.isChatPost
/** Ceilings and strategies are about people; how often a chat hears of us is its own cooldown. */
const isCommercialToPerson = (s: SlotKind) => isCommercial(s) && isPersonal(s)
/** A quota counts what is sent automatically, replies apart: those answer people and are never held back by a quota. */
const isQuotaMessage = (s: SlotKind) => s.messageClass !== 'reply' && !s.isHuman

export interface CapInputs {
  readonly limits: TenantLimits
  readonly accountAgeMs: number
  readonly strategy: StrategyCaps | null
  readonly isGroup: boolean
}

/** Every cap that can hold one delivery, from its limits. Counting uses the same rows, so nothing is counted twice or missed. */
export const capsFor = ({ limits, accountAgeMs, strategy, isGroup }: CapInputs): readonly Cap[] => {
  const caps: Cap[] = []
  const add = (reason: GuardReason, scope: CapScope, windowMs: number, max: number | null, counts: Cap['counts']) => {
    if (max !== null && windowMs > 0) caps.push({ reason, scope, windowMs, max, counts })
  }
  add('hard_ceiling_daily', 'contact', DAY_MS, HARD_DAILY_MAX, isCommercialToPerson)
  add('hard_ceiling_gap', 'contact', HARD_GAP_MS, 1, isCommercialToPerson)
  add('strategy_daily', 'contact', DAY_MS, strategy?.maxPerDay ?? null, isCommercialToPerson)
  add(
    'strategy_cooldown',
    'contact',
    (strategy?.cooldownHours ?? 0) * HOUR_MS,
    strategy ? 1 : null,
    isCommercialToPerson,
  )
  add('outreach_cooldown', 'contact', limits.outreachCooldownMs, 1, (s) => s.isOutreach && isPersonal(s))
  add('group_invite_cooldown', 'contact_chat', INVITE_COOLDOWN_MS, 1, (s) => s.invites)
  add('group_post_cooldown', 'chat', limits.groupPostCooldownMs, 1, (s) => s.isChatPost && s.messageClass !== 'reply')
  add('outreach_hourly', 'account', HOUR_MS, limits.outreachHourlyMax, (s) => s.isOutreach)
  add('outreach_daily', 'account', DAY_MS, limits.outreachDailyMax, (s) => s.isOutreach)
  add('warm_up_daily', 'account', DAY_MS, limits.warmUp ? warmUpDailyMax(accountAgeMs) : null, isCommercial)
  add('account_per_minute', 'account', MINUTE_MS, limits.perMinuteMax, () => true)
  add('tenant_daily_quota', 'tenant', DAY_MS, limits.dailyMessagesMax, isQuotaMessage)
  add('tenant_monthly_quota', 'tenant', MONTH_MS, limits.monthlyMessagesMax, isQuotaMessage)
  add('telegram_chat_rate', 'chat', CHAT_GAP_MS, 1, () => true)
  add('telegram_group_rate', 'chat', MINUTE_MS, isGroup ? GROUP_MINUTE_MAX : null, () => true)
  return caps
}
