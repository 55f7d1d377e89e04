import type { Selectable } from 'kysely'

import type { ContactFeatureTable } from '#server/db/schema.generated.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

import type { FeatureRow } from './feature.rules.ts'

const at = (date: Date): number => date.getTime()
const atOrNull = (date: Date | null): number | null => (date === null ? null : date.getTime())

const featureFrom = (row: Selectable<ContactFeatureTable>): FeatureRow => ({
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
})

/** The inputs of these contacts; those that have none are missing: unknown, erased or merged into another. */
export const findFeatureRows = async (
  tx: TenantTx,
  contactIds: readonly number[],
): Promise<ReadonlyMap<number, FeatureRow>> => {
  if (contactIds.length === 0) return new Map()
  const rows = await tx
    .selectFrom('contact_feature')
    .selectAll()
    .where('tenant_id', '=', tx.tenantId)
    .where('contact_id', 'in', [...contactIds])
    .execute()
  return new Map(rows.map((row) => [row.contact_id, featureFrom(row)]))
}

/** The inputs of a contact; null when it has none. */
export const findFeatureRow = async (tx: TenantTx, contactId: number): Promise<FeatureRow | null> =>
  (await findFeatureRows(tx, [contactId])).get(contactId) ?? null
