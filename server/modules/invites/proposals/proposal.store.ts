import { sql } from 'kysely'

import type { InviteBatchState, InviteSkip } from '#contract/words.ts'
import { toDate } from '#server/base/clock.ts'
import { DAY_MS } from '#server/base/duration.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import { ENGAGEMENT_HALF_LIFE_MS, ENGAGEMENT_SCALE } from '#server/modules/contacts/index.ts'

import { EVIDENCE_DAYS } from '../interests/interest.rules.ts'
import { INVITE_PAUSE_MS } from '../invite.rules.ts'
import {
  BATCH_LIFE_MS,
  EVIDENCE_SCALE,
  type InviteBatch,
  type InviteProposal,
  type InviteReason,
  SCORE_MIN,
} from './proposal.rules.ts'

/** One planner of a tenant at a time. */
export const lockProposals = async (tx: TenantTx): Promise<void> => {
  await sql`select pg_advisory_xact_lock(hashtextextended('invites', ${tx.tenantId}))`.execute(tx)
}

/** Proposals of the last 24 hours, whatever became of them, and when the newest batch was made. */
export const readTaken = async (
  tx: TenantTx,
  at: number,
): Promise<{ readonly taken: number; readonly lastAt: number | null }> => {
  const { rows } = await sql<{ taken: number; last: Date | null }>`
    select
      (select count(*)::int from invite_batch b join invite_proposal p on p.tenant_id = b.tenant_id and p.batch_id = b.id
        where b.tenant_id = ${tx.tenantId} and b.proposed_at > ${toDate(at - DAY_MS)}) as taken,
      (select max(proposed_at) from invite_batch where tenant_id = ${tx.tenantId}) as last`.execute(tx)
  return { taken: rows[0]?.taken ?? 0, lastAt: rows[0]?.last?.getTime() ?? null }
}

export interface InviteCandidate {
  readonly contactId: number
  readonly chatId: number
  readonly accountId: number
  readonly score: number
  readonly engagement: number
  readonly reasons: readonly InviteReason[]
}

/**
 * Who fits which chat best, best first, at most `limit`, one chat a person. A chat counts while it is here, says what it is
 * for and has a way in; a person who allowed marketing, can be reached by an active account, is not suppressed, is not in
 * the chat nor put out of it, never refused it to any account, was not invited there in 30 days and waits in no batch.
 * Refusals, invitations and memberships of the group before it became a supergroup count.
 */
export const findCandidates = async (
  tx: TenantTx,
  { at, limit, chatId }: { readonly at: number; readonly limit: number; readonly chatId: number | null },
): Promise<readonly InviteCandidate[]> => {
  const tenant = tx.tenantId
  const { rows } = await sql<InviteCandidate>`
    with evidence as (
      select i.contact_id, i.interest, sum(i.count)::int as count from contact_interest i
      where i.tenant_id = ${tenant} and i.day > ${toDate(at - EVIDENCE_DAYS * DAY_MS)}::timestamptz::date
      group by i.contact_id, i.interest
    ), places as (
      select c.id, g.interests from chat_interest g
      join chat c on c.tenant_id = g.tenant_id and c.id = g.chat_id and c.migrated_to_id is null
      where g.tenant_id = ${tenant} and (${chatId}::bigint is null or c.id = ${chatId}::bigint)
        and (c.username is not null or exists (
          select from chat_account a join account b on b.tenant_id = a.tenant_id and b.id = a.account_id
            and b.state = 'active' and b.kind = 'bot'
          where a.tenant_id = ${tenant} and a.chat_id = c.id and a.status = 'administrator'
            and a.rights ->> 'can_invite_users' = 'true'))
    ), matched as (
      select e.contact_id, p.id as chat_id, sum(e.count) as count,
        jsonb_agg(jsonb_build_object('interest', e.interest, 'count', e.count, 'days', ${EVIDENCE_DAYS}::int)
          order by e.count desc, e.interest) as reasons
      from places p join evidence e on e.interest = any (p.interests)
      group by e.contact_id, p.id
    ), scored as (
      select m.*, a.account_id,
        100 * (1 - exp(-least(700, f.engagement_mass * power(0.5::float8, least(900, greatest(0,
          extract(epoch from ${toDate(at)}::timestamptz - f.engagement_at)::float8 * 1000) / ${ENGAGEMENT_HALF_LIFE_MS}::float8))
          / ${ENGAGEMENT_SCALE}::float8))) as engagement
      from matched m
      join contact p on p.tenant_id = ${tenant} and p.id = m.contact_id and p.telegram_id is not null
        and p.suppressed_at is null and p.merged_into_id is null and p.erased_at is null
        and not p.is_bot and not p.is_official
      join contact_consent k on k.tenant_id = p.tenant_id and k.contact_id = p.id
        and k.purpose = 'marketing' and k.granted
      join contact_feature f on f.tenant_id = p.tenant_id and f.contact_id = p.id
        and f.engagement_at is not null and f.engagement_mass > 1e-9
      cross join lateral (
        select c.account_id from contact_account c
        join account b on b.tenant_id = c.tenant_id and b.id = c.account_id and b.state = 'active'
        where c.tenant_id = p.tenant_id and c.contact_id = p.id and c.reachability = 'reachable'
        order by c.last_inbound_at desc nulls last, c.account_id limit 1) a
    ), ranked as (
      select distinct on (contact_id) contact_id, chat_id, account_id, reasons, engagement,
        (1 - exp(-count::float8 / ${EVIDENCE_SCALE}::float8)) * engagement / 100 as score
      from scored s
      where not exists (
        select from chat now join chat was on was.tenant_id = now.tenant_id
          and (was.id = now.id or was.migrated_to_id = now.telegram_id)
        where now.tenant_id = ${tenant} and now.id = s.chat_id and (
          exists (select from contact_chat x where x.tenant_id = ${tenant} and x.contact_id = s.contact_id
            and x.chat_id = was.id and x.status in ('member', 'kicked'))
          or exists (select from invite_refusal x where x.tenant_id = ${tenant} and x.contact_id = s.contact_id
            and x.chat_id = was.id)
          or exists (select from delivery x where x.tenant_id = ${tenant} and x.contact_id = s.contact_id
            and x.invite_chat_id = was.id
            and (x.state in ('planned', 'deferred') or x.reserved_at > ${toDate(at - INVITE_PAUSE_MS)}))))
        and not exists (select from invite_proposal w join invite_batch b on b.tenant_id = w.tenant_id and b.id = w.batch_id
          where w.tenant_id = ${tenant} and w.contact_id = s.contact_id and w.state = 'waiting'
            and b.state in ('proposed', 'approved'))
      order by contact_id, score desc, chat_id
    )
    select contact_id as "contactId", chat_id as "chatId", account_id as "accountId", score,
      round(engagement)::int as engagement, reasons
    from ranked where score >= ${SCORE_MIN} order by score desc, contact_id limit ${limit}`.execute(tx)
  return rows
}

/** Writes a batch; decided at once where `decidedBy` says by whom. Returns its id. */
export const insertBatch = async (
  tx: TenantTx,
  candidates: readonly InviteCandidate[],
  { decidedBy, at }: { readonly decidedBy: string | null; readonly at: number },
): Promise<number> => {
  const { id } = await tx
    .insertInto('invite_batch')
    .values({
      tenant_id: tx.tenantId,
      proposed_at: toDate(at),
      ...(decidedBy !== null && { state: 'approved', decided_by: decidedBy, decided_at: toDate(at) }),
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  await tx
    .insertInto('invite_proposal')
    .values(
      candidates.map((candidate) => ({
        tenant_id: tx.tenantId,
        batch_id: id,
        contact_id: candidate.contactId,
        chat_id: candidate.chatId,
        account_id: candidate.accountId,
        score: candidate.score,
        reasons: JSON.stringify(candidate.reasons),
        engagement: candidate.engagement,
      })),
    )
    .execute()
  return id
}

/** Takes people out of an open batch before it is decided. */
export const dropProposals = async (tx: TenantTx, batchId: number, contactIds: readonly number[]): Promise<void> => {
  if (contactIds.length === 0) return
  await tx
    .deleteFrom('invite_proposal')
    .where('tenant_id', '=', tx.tenantId)
    .where('batch_id', '=', batchId)
    .where('contact_id', 'in', [...contactIds])
    .where('state', '=', 'waiting')
    .execute()
}

/** Decides an open batch; its state when it was decided before, null when there is none. */
export const decideBatch = async (
  tx: TenantTx,
  batchId: number,
  decision: { readonly state: 'approved' | 'rejected'; readonly by: string; readonly at: number },
): Promise<'done' | InviteBatchState | null> => {
  const row = await tx
    .selectFrom('invite_batch')
    .select('state')
    .where('tenant_id', '=', tx.tenantId)
    .where('id', '=', batchId)
    .forUpdate()
    .executeTakeFirst()
  if (!row) return null
  if (row.state !== 'proposed') return row.state as InviteBatchState
  await tx
    .updateTable('invite_batch')
    .set({ state: decision.state, decided_by: decision.by, decided_at: toDate(decision.at) })
    .where('tenant_id', '=', tx.tenantId)
    .where('id', '=', batchId)
    .execute()
  return 'done'
}

/** Ends batches that nobody decided in time. */
export const expireBatches = async (tx: TenantTx, at: number): Promise<void> => {
  await tx
    .updateTable('invite_batch')
    .set({ state: 'expired', decided_by: 'system', decided_at: toDate(at) })
    .where('tenant_id', '=', tx.tenantId)
    .where('state', '=', 'proposed')
    .where('proposed_at', '<', toDate(at - BATCH_LIFE_MS))
    .execute()
}

export interface ApprovedProposal {
  readonly batchId: number
  readonly contactId: number
  readonly chatId: number
  readonly accountId: number
  readonly languageCode: string | null
}

/** The next approved proposal after `after` that waits for its turn; null when none does. */
export const findApproved = async (
  tx: TenantTx,
  after: Pick<ApprovedProposal, 'batchId' | 'contactId'>,
): Promise<ApprovedProposal | null> => {
  const { rows } = await sql<ApprovedProposal>`
    select p.batch_id as "batchId", p.contact_id as "contactId", p.chat_id as "chatId", p.account_id as "accountId",
      c.language_code as "languageCode"
    from invite_proposal p
    join invite_batch b on b.tenant_id = p.tenant_id and b.id = p.batch_id and b.state = 'approved'
    join contact c on c.tenant_id = p.tenant_id and c.id = p.contact_id
    where p.tenant_id = ${tx.tenantId} and p.state = 'waiting'
      and (p.batch_id, p.contact_id) > (${after.batchId}::bigint, ${after.contactId}::bigint)
    order by p.batch_id, p.contact_id limit 1`.execute(tx)
  return rows[0] ?? null
}

/** Locks a proposal that still waits; false when somebody else saw to it. */
export const lockWaiting = async (
  tx: TenantTx,
  { batchId, contactId }: Pick<ApprovedProposal, 'batchId' | 'contactId'>,
): Promise<boolean> =>
  (await tx
    .selectFrom('invite_proposal')
    .select('contact_id')
    .where('tenant_id', '=', tx.tenantId)
    .where('batch_id', '=', batchId)
    .where('contact_id', '=', contactId)
    .where('state', '=', 'waiting')
    .forUpdate()
    .executeTakeFirst()) !== undefined

export const finishProposal = async (
  tx: TenantTx,
  { batchId, contactId }: Pick<ApprovedProposal, 'batchId' | 'contactId'>,
  end: { readonly deliveryId: number } | { readonly skipReason: InviteSkip },
): Promise<void> => {
  await tx
    .updateTable('invite_proposal')
    .set(
      'deliveryId' in end
        ? { state: 'invited', delivery_id: end.deliveryId }
        : { state: 'skipped', skip_reason: end.skipReason },
    )
    .where('tenant_id', '=', tx.tenantId)
    .where('batch_id', '=', batchId)
    .where('contact_id', '=', contactId)
    .where('state', '=', 'waiting')
    .execute()
}

/** Batches, newest first, or the one of this number. */
export const listBatches = async (
  tx: TenantTx,
  { batchId = null, limit }: { readonly batchId?: number | null; readonly limit: number },
): Promise<readonly InviteBatch[]> => {
  const { rows } = await sql<Omit<InviteBatch, 'proposedAt'> & { proposed_at: Date }>`
    select b.id, b.state, b.proposed_at, b.decided_by as "decidedBy", count(p.contact_id)::int as people,
      count(*) filter (where p.state = 'invited')::int as invited,
      count(*) filter (where p.state = 'skipped')::int as skipped
    from invite_batch b left join invite_proposal p on p.tenant_id = b.tenant_id and p.batch_id = b.id
    where b.tenant_id = ${tx.tenantId} and (${batchId}::bigint is null or b.id = ${batchId}::bigint)
    group by b.tenant_id, b.id order by b.id desc limit ${limit}`.execute(tx)
  return rows.map(({ proposed_at: at, ...row }) => ({ ...row, proposedAt: at.getTime() }))
}

/** Who is in a batch, best first. */
export const listProposals = async (tx: TenantTx, batchId: number): Promise<readonly InviteProposal[]> => {
  const { rows } = await sql<InviteProposal>`
    select p.contact_id as "contactId", c.first_name as "firstName", p.chat_id as "chatId", h.title as "chatTitle",
      p.account_id as "accountId", p.score, p.engagement, p.reasons, p.state, p.skip_reason as "skipReason"
    from invite_proposal p
    join contact c on c.tenant_id = p.tenant_id and c.id = p.contact_id
    join chat h on h.tenant_id = p.tenant_id and h.id = p.chat_id
    where p.tenant_id = ${tx.tenantId} and p.batch_id = ${batchId} order by p.score desc, p.contact_id`.execute(tx)
  return rows
}
