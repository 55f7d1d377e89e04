import { sql } from 'kysely'

import type { Segment } from '#contract/words.ts'
import { toDate } from '#server/base/clock.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

import { OPINION_INTERACTIONS_MIN, OPINION_PAUSE_MS, type Opinion } from './opinion.rules.ts'

/** An opinion as it is kept. Instants are epoch ms. */
export interface StoredOpinion extends Opinion {
  readonly model: string
  readonly at: number
}

/** The opinions on a contact that count at `now`: as long as they hold and the contact agrees to being processed. */
export const listOpinions = async (tx: TenantTx, contactId: number, now: number): Promise<readonly StoredOpinion[]> => {
  const rows = await tx
    .selectFrom('segment_opinion')
    .select(['segment', 'confidence', 'reason', 'model', 'at'])
    .where('tenant_id', '=', tx.tenantId)
    .where('contact_id', '=', contactId)
    .where('expires_at', '>', toDate(now))
    .where((eb) =>
      eb.exists(
        eb
          .selectFrom('contact_consent as c')
          .select('c.contact_id')
          .where('c.tenant_id', '=', tx.tenantId)
          .where('c.contact_id', '=', contactId)
          .where('c.purpose', '=', 'ai_processing')
          .where('c.granted', '=', true),
      ),
    )
    .execute()
  return rows.map((row) => ({ ...row, segment: row.segment as Segment, at: row.at.getTime() }))
}

/**
 * Whom to ask a model about next, at most `limit`: people who agreed to it, whom the rules can say something about, and
 * who were not asked about lately, those seen last first.
 */
export const findPeopleToAskAbout = async (
  tx: TenantTx,
  { now, limit }: { readonly now: number; readonly limit: number },
): Promise<readonly number[]> => {
  const { rows } = await sql<{ contact_id: number }>`
    select f.contact_id
    from contact_consent c
    join contact p on p.tenant_id = c.tenant_id and p.id = c.contact_id and p.suppressed_at is null
    join contact_feature f on f.tenant_id = c.tenant_id and f.contact_id = c.contact_id
      and f.inbound_count + f.click_count + f.reaction_count >= ${OPINION_INTERACTIONS_MIN}
    left join segment_opinion_round r on r.tenant_id = c.tenant_id and r.contact_id = c.contact_id
    where c.tenant_id = ${tx.tenantId} and c.purpose = 'ai_processing' and c.granted
      and (r.asked_at is null or r.asked_at <= ${toDate(now - OPINION_PAUSE_MS)})
    order by f.last_seen_at desc nulls last, f.contact_id
    limit ${limit}`.execute(tx)
  return rows.map((row) => row.contact_id)
}

/** Takes back what was thought of these contacts. */
export const removeOpinions = async (tx: TenantTx, contactIds: readonly number[]): Promise<void> => {
  if (contactIds.length === 0) return
  await tx
    .deleteFrom('segment_opinion')
    .where('tenant_id', '=', tx.tenantId)
    .where('contact_id', 'in', [...contactIds])
    .execute()
}

/** What a model said in one answer, and about whom it was asked. */
export interface OpinionRound {
  readonly contactIds: readonly number[]
  readonly opinions: readonly (Opinion & { readonly contactId: number })[]
  readonly model: string
  readonly promptVersion: number
  readonly at: number
  readonly expiresAt: number
}

/** Puts an answer in the place of what was thought of these contacts; those erased meanwhile are left out. */
export const replaceOpinions = async (tx: TenantTx, round: OpinionRound): Promise<void> => {
  await removeOpinions(tx, round.contactIds)
  await sql`
    insert into segment_opinion_round (tenant_id, contact_id, asked_at)
    select tenant_id, contact_id, ${toDate(round.at)} from contact_feature
    where tenant_id = ${tx.tenantId} and contact_id = any(${round.contactIds}::bigint[])
    on conflict (tenant_id, contact_id) do update set asked_at = excluded.asked_at`.execute(tx)
  await sql`
    insert into segment_opinion
      (tenant_id, contact_id, segment, confidence, reason, model, prompt_version, at, expires_at)
    select ${tx.tenantId}, o.contact_id, o.segment, o.confidence, o.reason, ${round.model}, ${round.promptVersion},
      ${toDate(round.at)}, ${toDate(round.expiresAt)}
    from unnest(${round.opinions.map((o) => o.contactId)}::bigint[], ${round.opinions.map((o) => o.segment)}::text[],
      ${round.opinions.map((o) => o.confidence)}::smallint[], ${round.opinions.map((o) => o.reason)}::text[])
      as o(contact_id, segment, confidence, reason)
    join contact_feature f on f.tenant_id = ${tx.tenantId} and f.contact_id = o.contact_id`.execute(tx)
}
