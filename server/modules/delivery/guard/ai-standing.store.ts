import { sql } from 'kysely'

import type { PackageName, ReplyMode } from '#contract/words.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

import type { Meeting } from './guard.store.ts'

/** Where a contact's conversation with an account stands. */
export interface ConversationStandRow {
  readonly account_id: number
  readonly contact_id: number
  readonly state: string
  readonly paused_until: Date | null
  readonly is_handed_over: boolean
}

const meetingsOf = (meetings: readonly Meeting[]) => sql`
  unnest(${meetings.map((m) => m.accountId)}::bigint[], ${meetings.map((m) => m.contactId)}::bigint[])
    as u (account_id, contact_id)`

/**
 * The conversations of people with an account each, held in share until the transaction ends: nobody takes one over
 * between the guard's look and its word. One that somebody changes right now is left out rather than waited for.
 */
export const holdConversations = async (
  tx: TenantTx,
  meetings: readonly Meeting[],
): Promise<readonly ConversationStandRow[]> => {
  const { rows } = await sql<ConversationStandRow>`
    select v.account_id, v.contact_id, v.state, v.ai_paused_until as paused_until,
      v.handed_over_at is not null as is_handed_over
    from ${meetingsOf(meetings)}
    join conversation v on v.tenant_id = ${tx.tenantId} and v.account_id = u.account_id and v.contact_id = u.contact_id
    order by v.id for share of v skip locked`.execute(tx)
  return rows
}

/** Which of these people have a conversation with their account, whoever holds it. */
export const listConversing = async (tx: TenantTx, meetings: readonly Meeting[]): Promise<readonly Meeting[]> => {
  const { rows } = await sql<Meeting>`
    select v.account_id as "accountId", v.contact_id as "contactId" from ${meetingsOf(meetings)}
    join conversation v on v.tenant_id = ${tx.tenantId} and v.account_id = u.account_id and v.contact_id = u.contact_id`.execute(
    tx,
  )
  return rows
}

export interface ChosenModeRow {
  readonly account_id: number
  readonly reply_mode: ReplyMode
  readonly package: PackageName
}

/** How accounts were chosen to answer, and their tenant's package; none for one where nobody chose. Held in share. */
export const holdChosenModes = async (
  tx: TenantTx,
  accountIds: readonly number[],
): Promise<readonly ChosenModeRow[]> => {
  const { rows } = await sql<ChosenModeRow>`
    select s.account_id, s.reply_mode, l.package
    from account_setting s join tenant_limits l on l.tenant_id = s.tenant_id
    where s.tenant_id = ${tx.tenantId} and s.account_id = any(${accountIds}::bigint[]) and s.is_current
    order by s.account_id for share of s`.execute(tx)
  return rows
}
