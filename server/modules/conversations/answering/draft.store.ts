import { type Selectable, sql } from 'kysely'

import type { AnswerFinding, DraftState } from '#contract/words.ts'
import { toDate } from '#server/base/clock.ts'
import type { Db } from '#server/db/pool.ts'
import type { ReplyDraftTable } from '#server/db/schema.generated.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

import type { Draft } from './draft.rules.ts'

const toDraft = (row: Selectable<ReplyDraftTable>): Draft => ({
  id: row.id,
  conversationId: row.conversation_id,
  accountId: row.account_id,
  contactId: row.contact_id,
  state: row.state as DraftState,
  text: row.text,
  editedText: row.edited_text,
  language: row.language,
  confidenceRatio: row.confidence_ratio,
  intent: row.intent,
  findings: row.findings as readonly AnswerFinding[],
  seenMessageId: row.seen_message_id,
  createdAt: row.created_at.getTime(),
  expiresAt: row.expires_at.getTime(),
  decidedAt: row.decided_at?.getTime() ?? null,
  decidedBy: row.decided_by,
  deliveryId: row.delivery_id,
})

export interface NewDraft extends Pick<
  Draft,
  | 'conversationId'
  | 'accountId'
  | 'contactId'
  | 'language'
  | 'confidenceRatio'
  | 'intent'
  | 'findings'
  | 'seenMessageId'
  | 'expiresAt'
> {
  readonly turnId: number
  readonly text: string
  readonly model: string
  readonly promptVersion: number
}

/** Puts drafts before whoever decides. The caller holds their conversations, in which no other is proposed. */
export const insertDrafts = async (tx: TenantTx, drafts: readonly NewDraft[], at: number): Promise<void> => {
  if (drafts.length === 0) return
  await tx
    .insertInto('reply_draft')
    .values(
      drafts.map((draft) => ({
        tenant_id: tx.tenantId,
        turn_id: draft.turnId,
        conversation_id: draft.conversationId,
        account_id: draft.accountId,
        contact_id: draft.contactId,
        text: draft.text,
        language: draft.language,
        confidence_ratio: draft.confidenceRatio,
        intent: draft.intent,
        findings: JSON.stringify(draft.findings),
        seen_message_id: draft.seenMessageId,
        model: draft.model,
        prompt_version: draft.promptVersion,
        created_at: toDate(at),
        expires_at: toDate(draft.expiresAt),
      })),
    )
    .execute()
}

const drafts = (tx: TenantTx) => tx.selectFrom('reply_draft').selectAll().where('tenant_id', '=', tx.tenantId)

/** One draft; null where there is none. */
export const findDraft = async (tx: TenantTx, id: number): Promise<Draft | null> => {
  const row = await drafts(tx).where('id', '=', id).executeTakeFirst()
  return row ? toDraft(row) : null
}

/** One draft, locked. The caller holds its conversation. */
export const lockDraft = async (tx: TenantTx, id: number): Promise<Draft | null> => {
  const row = await drafts(tx).where('id', '=', id).forUpdate().executeTakeFirst()
  return row ? toDraft(row) : null
}

export interface DraftFilter {
  readonly state?: DraftState
  readonly conversationId?: number
  readonly accountId?: number
  /** Ids below this one; pages go from new to old. */
  readonly beforeId?: number
  readonly limit: number
}

/** Drafts from new to old. */
export const selectDrafts = async (tx: TenantTx, filter: DraftFilter): Promise<readonly Draft[]> => {
  const { state, conversationId, accountId, beforeId, limit } = filter
  let query = drafts(tx).orderBy('id', 'desc').limit(limit)
  if (state) query = query.where('state', '=', state)
  if (conversationId !== undefined) query = query.where('conversation_id', '=', conversationId)
  if (accountId !== undefined) query = query.where('account_id', '=', accountId)
  if (beforeId !== undefined) query = query.where('id', '<', beforeId)
  return (await query.execute()).map(toDraft)
}

/** How many drafts wait for a decision, by account; accounts without any are left out. */
export const countProposedDrafts = async (tx: TenantTx): Promise<ReadonlyMap<number, number>> => {
  const rows = await tx
    .selectFrom('reply_draft')
    .select(['account_id', (e) => e.fn.countAll<number>().as('count')])
    .where('tenant_id', '=', tx.tenantId)
    .where('state', '=', 'proposed')
    .groupBy('account_id')
    .execute()
  return new Map(rows.map(({ account_id, count }) => [account_id, count]))
}

export interface SavedDecision {
  readonly state: DraftState
  readonly by: string
  readonly at: number
  readonly editedText?: string
  readonly deliveryId?: number
}

/** Writes what was decided. The caller has locked the draft. */
export const saveDecision = async (tx: TenantTx, id: number, decision: SavedDecision): Promise<void> => {
  await tx
    .updateTable('reply_draft')
    .set({
      state: decision.state,
      decided_at: toDate(decision.at),
      decided_by: decision.by,
      edited_text: decision.editedText ?? null,
      delivery_id: decision.deliveryId ?? null,
    })
    .where('tenant_id', '=', tx.tenantId)
    .where('id', '=', id)
    .execute()
}

/** Nobody has to decide any more: somebody else spoke. Returns how many were open. */
export const supersedeDrafts = async (
  tx: TenantTx,
  of: { readonly contactId: number; readonly accountId: number },
  by: string,
  at: number,
): Promise<number> => {
  const { numUpdatedRows } = await tx
    .updateTable('reply_draft')
    .set({ state: 'superseded', decided_at: toDate(at), decided_by: by })
    .where('tenant_id', '=', tx.tenantId)
    .where('contact_id', '=', of.contactId)
    .where('account_id', '=', of.accountId)
    .where('state', '=', 'proposed')
    .executeTakeFirst()
  return Number(numUpdatedRows)
}

/** Ends every draft whose time is over, in all tenants. Returns how many. */
export const expireDrafts = async (db: Db, at: number): Promise<number> => {
  const { numAffectedRows } = await sql`
    update reply_draft set state = 'expired', decided_at = ${toDate(at)}, decided_by = 'expiry'
    where state = 'proposed' and expires_at <= ${toDate(at)}`.execute(db)
  return Number(numAffectedRows ?? 0n)
}

/** The newest messages that drafts of a contact became; older ones have left or expired long ago. */
export const selectDraftDeliveries = async (
  tx: TenantTx,
  of: { readonly contactId: number; readonly accountId: number },
): Promise<readonly number[]> => {
  const rows = await tx
    .selectFrom('reply_draft')
    .select('delivery_id')
    .where('tenant_id', '=', tx.tenantId)
    .where('contact_id', '=', of.contactId)
    .where('account_id', '=', of.accountId)
    .where('delivery_id', 'is not', null)
    .orderBy('id', 'desc')
    .limit(20)
    .execute()
  return rows.flatMap(({ delivery_id: id }) => (id === null ? [] : [id]))
}
