import { sql } from 'kysely'

import { toDate } from '#server/base/clock.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

/**
 * Removes what invitations and referrals know of a person. A link made for them is ended; of points the ledger keeps
 * numbers that sum up to nothing, and of a newcomer that they counted once.
 */
export const eraseInvitations = async (tx: TenantTx, contactId: number, at: number): Promise<void> => {
  const of = sql`tenant_id = ${tx.tenantId} and contact_id = ${contactId}`
  for (const table of [
    'contact_interest',
    'contact_interest_reading',
    'invite_proposal',
    'invite_answer',
    'invite_join',
    'referral_code',
  ] as const)
    await sql`delete from ${sql.table(table)} where ${of}`.execute(tx)
  await sql`
    update invite_link set contact_id = null, state = case when state = 'made' then 'ending' else 'revoked' end,
      ended_at = case when state = 'made' then null else ${toDate(at)}::timestamptz end
    where ${of} and state in ('wanted', 'making', 'made', 'failed')`.execute(tx)
  await sql`update invite_link set contact_id = null where ${of}`.execute(tx)
  await sql`
    delete from referral
    where tenant_id = ${tx.tenantId} and (newcomer_id = ${contactId} or referrer_id = ${contactId})`.execute(tx)
  await sql`
    with gone as (delete from point_balance where ${of} returning points)
    insert into point_entry (tenant_id, contact_id, kind, points, recorded_by, at)
    select ${tx.tenantId}, ${contactId}, 'erased', -points, 'system', ${toDate(at)} from gone where points > 0`.execute(
    tx,
  )
}
