import type { TenantTx } from '#server/db/tenant-scope.ts'

import type { FeatureRow } from './feature.rules.ts'

const at = (date: Date): number => date.getTime()
const atOrNull = (date: Date | null): number | null => (date === null ? null : date.getTime())

/** The inputs of a contact, or null when it has none: unknown, erased or merged into another. */
export const findFeatureRow = async (tx: TenantTx, contactId: number): Promise<FeatureRow | null> => {
  const row = await tx
    .selectFrom('contact_feature')
    .selectAll()
    .where('tenant_id', '=', tx.tenantId)
    .where('contact_id', '=', contactId)
    .executeTakeFirst()
  if (!row) return null
  return {
    firstSeenAt: at(row.first_seen_at),
    lastSeenAt: atOrNull(row.last_seen_at),
    isPremium: row.is_premium,
    inboundCount: row.inbound_count,
    outboundCount: row.outbound_count,
    responseCount: row.response_count,
    clickCount: row.click_count,
    reactionCount: row.reaction_count,
    orderCount: row.order_count,
    lastPaidAt: atOrNull(row.last_paid_at),
    accountCount: row.account_count,
    engagementMass: row.engagement_mass,
    engagementAt: atOrNull(row.engagement_at),
    memberSince: atOrNull(row.member_since),
    priceIntentAt: row.price_intent_at.map(at),
    groupMessageAt: row.group_message_at.map(at),
    chatActiveAt: row.chat_active_at.map(at),
    hourCounts: row.hour_counts,
  }
}
