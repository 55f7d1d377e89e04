import fc from 'fast-check'

import { toDate } from '#server/base/clock.ts'
import { DAY_MS } from '#server/base/duration.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import { NOON } from '#server/testing/factories.ts'

import { FEATURE_NAMES, type FeatureRow, featureOf } from './feature.rules.ts'
import type { FeatureCondition } from './segment.rules.ts'

const ago = (maxDays: number) =>
  fc.oneof(
    // Around the thresholds of the rules, to the millisecond.
    fc
      .tuple(fc.constantFrom(0, 3, 7, 14, 30, 35), fc.integer({ min: -1, max: 1 }))
      .map(([d, ms]) => NOON - d * DAY_MS + ms),
    fc.integer({ min: 0, max: maxDays * DAY_MS }).map((ms) => NOON - ms),
  )
const newestFirst = fc.array(ago(60), { maxLength: 8 }).map((list) => list.sort((a, b) => b - a))
const count = (max: number) => fc.integer({ min: 0, max })

/** Anybody, around the thresholds of rules more often than elsewhere. */
export const featureRow: fc.Arbitrary<FeatureRow> = fc.record({
  firstSeenAt: ago(200),
  lastSeenAt: fc.option(ago(90)),
  isPremium: fc.boolean(),
  inboundCount: count(20),
  outboundCount: count(20),
  responseCount: count(10),
  clickCount: count(5),
  reactionCount: count(5),
  orderCount: count(3),
  lastPaidAt: fc.option(ago(60)),
  accountCount: count(5),
  engagementMass: fc.oneof(
    { weight: 4, arbitrary: fc.double({ min: 0, max: 40, noNaN: true }) },
    fc.double({ min: 0, max: 1e6, noNaN: true }),
  ),
  engagementAt: fc.option(fc.oneof({ weight: 4, arbitrary: ago(30) }, ago(20_000))),
  memberSince: fc.option(ago(60)),
  priceIntentAt: newestFirst,
  groupMessageAt: newestFirst,
  chatActiveAt: newestFirst,
  hourCounts: fc.array(count(4), { minLength: 24, maxLength: 24 }),
})

/** Any comparison of any feature. */
export const comparison = fc.constantFrom(...FEATURE_NAMES).chain((feature): fc.Arbitrary<FeatureCondition> => {
  const definition = featureOf(feature)
  if (definition.kind === 'flag')
    return fc.record({ feature: fc.constant(feature), op: fc.constant('=' as const), value: fc.boolean() })
  const max = Math.min(definition.max, definition.kind === 'age' ? 60 : (definition.top ?? 12))
  const value = definition.isInteger
    ? fc.integer({ min: 0, max })
    : fc.double({ min: 0, max, noNaN: true }).map((v) => Math.round(v * 100) / 100)
  return fc.record({ feature: fc.constant(feature), op: fc.constantFrom('>=', '>', '<=', '<'), value })
})

const dates = (list: readonly number[]) => list.map(toDate)
const dateOf = (at: number | null) => (at === null ? null : toDate(at))

/** Writes what is known of somebody who is there. */
export const storeFeatures = async (tx: TenantTx, contactId: number, row: FeatureRow): Promise<void> => {
  await tx
    .updateTable('contact_feature')
    .where('tenant_id', '=', tx.tenantId)
    .where('contact_id', '=', contactId)
    .set({
      first_seen_at: toDate(row.firstSeenAt),
      last_seen_at: dateOf(row.lastSeenAt),
      is_premium: row.isPremium,
      inbound_count: row.inboundCount,
      outbound_count: row.outboundCount,
      response_count: row.responseCount,
      click_count: row.clickCount,
      reaction_count: row.reactionCount,
      order_count: row.orderCount,
      last_paid_at: dateOf(row.lastPaidAt),
      account_count: row.accountCount,
      engagement_mass: row.engagementMass,
      engagement_at: dateOf(row.engagementAt),
      member_since: dateOf(row.memberSince),
      price_intent_at: dates(row.priceIntentAt),
      group_message_at: dates(row.groupMessageAt),
      chat_active_at: dates(row.chatActiveAt),
      hour_counts: [...row.hourCounts],
    })
    .execute()
}
