import { type RawBuilder, sql } from 'kysely'

import type { GuardReason } from '#contract/words.ts'

/**
 * `Cap.counts` of each cap as SQL over delivery rows named `d`: the guard counts with it and the audit recounts with
 * it. A test holds the two forms together.
 */
const PREDICATES = {
  hard_ceiling_daily: sql<boolean>`d.message_class = 'commercial' and d.contact_id is not null`,
  hard_ceiling_gap: sql<boolean>`d.message_class = 'commercial' and d.contact_id is not null`,
  strategy_daily: sql<boolean>`d.message_class = 'commercial' and d.contact_id is not null`,
  strategy_cooldown: sql<boolean>`d.message_class = 'commercial' and d.contact_id is not null`,
  outreach_cooldown: sql<boolean>`d.is_outreach and d.contact_id is not null`,
  group_invite_cooldown: sql<boolean>`d.invite_chat_id is not null`,
  group_post_cooldown: sql<boolean>`d.contact_id is null and d.message_class <> 'reply'`,
  outreach_hourly: sql<boolean>`d.is_outreach`,
  outreach_daily: sql<boolean>`d.is_outreach`,
  warm_up_daily: sql<boolean>`d.message_class = 'commercial'`,
  account_per_minute: sql<boolean>`true`,
  tenant_daily_quota: sql<boolean>`d.message_class <> 'reply' and not d.is_human`,
  tenant_monthly_quota: sql<boolean>`d.message_class <> 'reply' and not d.is_human`,
  telegram_chat_rate: sql<boolean>`true`,
  telegram_group_rate: sql<boolean>`true`,
} satisfies Partial<Record<GuardReason, RawBuilder<boolean>>>

export type CapReason = keyof typeof PREDICATES

/** The rows that fill the cap of this reason. A reason without a cap is a bug. */
export const capPredicate = (reason: GuardReason): RawBuilder<boolean> => {
  if (!(reason in PREDICATES)) throw new Error(`no cap is named ${reason}`)
  return PREDICATES[reason as CapReason]
}
