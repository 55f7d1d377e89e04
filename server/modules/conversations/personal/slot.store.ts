import { sql } from 'kysely'

import type { AnswerFinding, SlotState } from '#contract/words.ts'
import { toDate } from '#server/base/clock.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

import type { CheckedSlot, SlotReview, WrittenSlot } from './slot.rules.ts'

/** Who reads what a model wrote; a member, before anybody chose. */
export const findSlotReview = async (tx: TenantTx): Promise<SlotReview> => {
  const row = await tx
    .selectFrom('slot_setting')
    .select('review')
    .where('tenant_id', '=', tx.tenantId)
    .executeTakeFirst()
  return (row?.review ?? 'required') as SlotReview
}

export const saveSlotReview = async (
  tx: TenantTx,
  review: SlotReview,
  { by, at }: { readonly by: string; readonly at: number },
): Promise<void> => {
  const chosen = { review, updated_by: by, updated_at: toDate(at) }
  await tx
    .insertInto('slot_setting')
    .values({ tenant_id: tx.tenantId, ...chosen })
    .onConflict((c) => c.column('tenant_id').doUpdateSet(chosen))
    .execute()
}

/** A delivery that waits and whose template has slots to write. */
export interface WantedRow {
  readonly id: number
  readonly account_id: number
  readonly contact_id: number
  readonly template_id: number
  readonly variant: string | null
  readonly language_code: string | null
  readonly first_name: string
  readonly last_seen_at: Date | null
}

/** Deliveries due until then for which nothing was written yet, of contacts who agree to a model; soonest first. */
export const findUnwritten = async (
  tx: TenantTx,
  { now, until, limit }: { readonly now: number; readonly until: number; readonly limit: number },
): Promise<readonly WantedRow[]> => {
  const { rows } = await sql<WantedRow>`
    select d.id, d.account_id, d.contact_id, d.template_id, d.variant, c.language_code, c.first_name, c.last_seen_at
    from delivery d
    join template t on t.tenant_id = d.tenant_id and t.id = d.template_id and t.state = 'approved'
      and t.slot_briefs <> '{}'
    join contact c on c.tenant_id = d.tenant_id and c.id = d.contact_id and c.erased_at is null
    join contact_consent k on k.tenant_id = d.tenant_id and k.contact_id = d.contact_id
      and k.purpose = 'ai_processing' and k.granted
    where d.tenant_id = ${tx.tenantId} and d.state in ('planned', 'deferred') and not d.is_holdout
      and d.due_at <= ${toDate(until)} and (d.expires_at is null or d.expires_at > ${toDate(now)})
      and not exists (select from delivery_slot s where s.tenant_id = d.tenant_id and s.delivery_id = d.id)
    order by d.due_at, d.id limit ${limit}`.execute(tx)
  return rows
}

/** Texts for one delivery, with what they were written for. */
export interface SlotsToSave {
  readonly deliveryId: number
  readonly contactId: number
  readonly wordingHash: number
  readonly personaVersion: number
  readonly model: string
  readonly promptVersion: number
  readonly slots: readonly CheckedSlot[]
}

/**
 * Keeps what was written: with a finding it is failed; else approved where the checks decide, and proposed where a member
 * does. What another run wrote first stays, and nothing is written for a delivery that no longer waits. Returns how many
 * of each state.
 */
export const saveSlots = async (
  tx: TenantTx,
  { deliveryId, contactId, wordingHash, personaVersion, model, promptVersion, slots }: SlotsToSave,
  { review, at }: { readonly review: SlotReview; readonly at: number },
): Promise<readonly SlotState[]> => {
  const saved: SlotState[] = []
  for (const { slot, text, findings } of slots) {
    const state: SlotState = findings.length > 0 ? 'failed' : review === 'checks' ? 'approved' : 'proposed'
    const isDecided = state === 'approved'
    const { numAffectedRows } = await sql`
      insert into delivery_slot (tenant_id, delivery_id, contact_id, slot, state, text, findings, wording_hash,
        persona_version, model, prompt_version, created_at, decided_at, decided_by)
      select tenant_id, id, contact_id, ${slot}, ${state}, ${text}, ${JSON.stringify(findings)}::jsonb, ${wordingHash},
        ${personaVersion}, ${model}, ${promptVersion}, ${toDate(at)}, ${isDecided ? toDate(at) : null}::timestamptz,
        ${isDecided ? 'checks' : null}::text
      from delivery where tenant_id = ${tx.tenantId} and id = ${deliveryId} and contact_id = ${contactId}
        and state in ('planned', 'deferred')
      on conflict (tenant_id, delivery_id, slot) do nothing`.execute(tx)
    if ((numAffectedRows ?? 0n) > 0n) saved.push(state)
  }
  return saved
}

const slots = (tx: TenantTx) =>
  tx
    .selectFrom('delivery_slot as s')
    .innerJoin('delivery as d', (j) => j.onRef('d.tenant_id', '=', 's.tenant_id').onRef('d.id', '=', 's.delivery_id'))
    .leftJoin('template as t', (j) => j.onRef('t.tenant_id', '=', 'd.tenant_id').onRef('t.id', '=', 'd.template_id'))
    .select(['s.id', 's.delivery_id', 's.contact_id', 's.slot', 's.state', 's.text', 's.findings', 's.model'])
    .select(['s.prompt_version', 's.created_at', 's.decided_by', 'd.due_at', 'd.state as delivery_state', 't.name'])
    .where('s.tenant_id', '=', tx.tenantId)

type SlotRow = Awaited<ReturnType<ReturnType<typeof slots>['execute']>>[number]

const toSlot = (row: SlotRow): WrittenSlot => ({
  id: row.id,
  deliveryId: row.delivery_id,
  contactId: row.contact_id,
  template: row.name ?? '',
  slot: row.slot,
  state: row.state as SlotState,
  text: row.text,
  findings: row.findings as readonly AnswerFinding[],
  model: row.model,
  promptVersion: row.prompt_version,
  dueAt: row.due_at.getTime(),
  createdAt: row.created_at.getTime(),
  decidedBy: row.decided_by,
})

/** Which texts: all filters narrow. */
export interface SlotFilter {
  readonly state?: SlotState
  readonly deliveryId?: number
  readonly limit: number
}

/** What was written, the soonest to leave first. */
export const selectSlots = async (tx: TenantTx, filter: SlotFilter): Promise<readonly WrittenSlot[]> => {
  let query = slots(tx).orderBy('d.due_at').orderBy('s.id').limit(filter.limit)
  if (filter.state) query = query.where('s.state', '=', filter.state)
  if (filter.deliveryId) query = query.where('s.delivery_id', '=', filter.deliveryId)
  return (await query.execute()).map(toSlot)
}

/**
 * One text with whether its delivery still waits, or null. Holds the delivery, so that the guard lets it leave either
 * before the decision or after it, and then the text.
 */
export const lockSlot = async (
  tx: TenantTx,
  id: number,
): Promise<{ readonly slot: WrittenSlot; readonly isWaiting: boolean } | null> => {
  await sql`
    select from delivery d where d.tenant_id = ${tx.tenantId} and d.id = (
      select delivery_id from delivery_slot where tenant_id = ${tx.tenantId} and id = ${id})
    for no key update`.execute(tx)
  const row = await slots(tx).where('s.id', '=', id).forUpdate('s').executeTakeFirst()
  return row ? { slot: toSlot(row), isWaiting: ['planned', 'deferred'].includes(row.delivery_state) } : null
}

export const saveSlotDecision = async (
  tx: TenantTx,
  id: number,
  { state, by, at }: { readonly state: 'approved' | 'rejected'; readonly by: string; readonly at: number },
): Promise<void> => {
  await tx
    .updateTable('delivery_slot')
    .set({ state, decided_by: by, decided_at: toDate(at) })
    .where('tenant_id', '=', tx.tenantId)
    .where('id', '=', id)
    .execute()
}
