import { type RawBuilder, sql } from 'kysely'

import { SEGMENTS } from '#contract/words.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import type { Campaign } from '#server/modules/campaigns/index.ts'
import { findOwnSegmentTest } from '#server/modules/segments/index.ts'

/** `bucketOf` of base/random.ts in SQL: a stable number in [0, 1) for these parts. A test holds the two together. */
export const bucketSql = (...parts: readonly RawBuilder<unknown>[]): RawBuilder<number> => {
  const bytes = sql.join(
    parts.map((part) => sql`convert_to((${part})::text, 'UTF8')`),
    sql` || '\\x00'::bytea || `,
  )
  return sql<number>`(('x' || encode(substring(sha256(${bytes}) from 1 for 4), 'hex'))::bit(32)::bigint / 4294967296.0::double precision)`
}

const heldMask = (segments: Campaign['audience']['segments']): number =>
  segments.reduce((mask, segment) => mask | (1 << SEGMENTS.indexOf(segment)), 0)

/** Whether a contact of the campaign is withheld: the same answer for every step. */
export const holdoutSql = (
  campaign: Pick<Campaign, 'id' | 'holdoutRatio'>,
  contactId: RawBuilder<unknown>,
): RawBuilder<boolean> =>
  campaign.holdoutRatio === 0
    ? sql<boolean>`false`
    : sql<boolean>`${bucketSql(sql`'campaign holdout'`, sql`${campaign.id}::bigint`, contactId)} < ${campaign.holdoutRatio}`

/**
 * People a campaign is for, as the tables `ca` (contact_account) and `c` (contact) with the conditions that choose them.
 * With an empty audience: everybody the account reaches. With filters: everybody the account knows who matches, so that
 * those the guard refuses are refused on record, with a reason. Each contact is looked up by its key, whatever the
 * planner believes about tables that were filled a moment ago and never analysed. Who belongs to an own segment is
 * decided as of `at` (epoch ms).
 */
export const audienceSql = async (
  tx: TenantTx,
  { accountId, audience }: Pick<Campaign, 'accountId' | 'audience'>,
  at: number,
  joins: RawBuilder<unknown> = sql``,
): Promise<RawBuilder<unknown>> => {
  const { segments, tags, chats, own } = audience
  const isEverybody = segments.length + tags.length + chats.length + own.length === 0
  const conditions = [
    sql`ca.tenant_id = ${tx.tenantId} and ca.account_id = ${accountId}`,
    sql`c.telegram_id is not null and c.merged_into_id is null and c.erased_at is null and not c.is_bot and not c.is_official`,
    ...(isEverybody ? [sql`ca.reachability = 'reachable'`] : []),
    ...(tags.length > 0 ? [sql`c.tags && ${[...tags]}::text[]`] : []),
    ...(segments.length > 0
      ? [
          sql`exists (select from segment_assignment held where held.tenant_id = ca.tenant_id and held.contact_id = ca.contact_id
            and held.held & ${heldMask(segments)} <> 0)`,
        ]
      : []),
    ...(chats.length > 0
      ? [
          sql`exists (select from contact_chat cc where cc.tenant_id = ca.tenant_id and cc.contact_id = ca.contact_id
            and cc.status = 'member' and cc.chat_id = any(${[...chats]}::bigint[]))`,
        ]
      : []),
    ...(own.length > 0 ? [(await findOwnSegmentTest(tx, own, at))(sql.ref('ca.contact_id'))] : []),
  ]
  return sql`contact_account ca
    cross join lateral (select * from contact known where known.tenant_id = ca.tenant_id and known.id = ca.contact_id limit 1) c
    ${joins}
    where ${sql.join(conditions, sql` and `)}`
}

/** How many people a campaign is for at `at`, epoch ms. */
export const countAudience = async (tx: TenantTx, campaign: Campaign, at: number): Promise<number> => {
  const audience = await audienceSql(tx, campaign, at)
  const { rows } = await sql<{ count: number }>`select count(*)::integer as count from ${audience}`.execute(tx)
  return rows[0]?.count ?? 0
}
