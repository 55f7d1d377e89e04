import { sql } from 'kysely'

import type { PackageName, ReplyMode } from '#contract/words.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

/** Where a contact's conversation with an account stands. */
export interface ConversationStandRow {
  readonly contact_id: number
  readonly state: string
  readonly paused_until: Date | null
  readonly is_handed_over: boolean
}

/**
 * The conversations of these people with the account, held in share until the transaction ends: nobody takes one over
 * between the guard's look and its word. One that somebody changes right now is left out rather than waited for.
 */
export const holdConversations = async (
  tx: TenantTx,
  accountId: number,
  contactIds: readonly number[],
): Promise<readonly ConversationStandRow[]> => {
  const { rows } = await sql<ConversationStandRow>`
    select v.contact_id, v.state, v.ai_paused_until as paused_until, v.handed_over_at is not null as is_handed_over
    from conversation v
    where v.tenant_id = ${tx.tenantId} and v.account_id = ${accountId} and v.contact_id = any(${contactIds}::bigint[])
    order by v.id for share skip locked`.execute(tx)
  return rows
}

/** Which of these people have a conversation with the account, whoever holds it. */
export const listConversing = async (
  tx: TenantTx,
  accountId: number,
  contactIds: readonly number[],
): Promise<ReadonlySet<number>> => {
  const { rows } = await sql<{ contact_id: number }>`
    select contact_id from conversation
    where tenant_id = ${tx.tenantId} and account_id = ${accountId} and contact_id = any(${contactIds}::bigint[])`.execute(
    tx,
  )
  return new Set(rows.map((row) => row.contact_id))
}

export interface ChosenModeRow {
  readonly reply_mode: ReplyMode
  readonly package: PackageName
}

/** How the account was chosen to answer, and its tenant's package; null before anybody chose. Held in share. */
export const holdChosenMode = async (tx: TenantTx, accountId: number): Promise<ChosenModeRow | null> => {
  const { rows } = await sql<ChosenModeRow>`
    select s.reply_mode, l.package from account_setting s join tenant_limits l on l.tenant_id = s.tenant_id
    where s.tenant_id = ${tx.tenantId} and s.account_id = ${accountId} and s.is_current
    for share of s`.execute(tx)
  return rows[0] ?? null
}
