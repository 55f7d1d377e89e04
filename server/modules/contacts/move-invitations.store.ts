import { sql } from 'kysely'

import { toDate } from '#server/base/clock.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

/**
 * Moves what invitations and referrals know of `goneId` to `keepId`. Points move by two lines of the ledger; interests
 * are read anew from the messages that moved.
 */
export const moveInvitations = async (tx: TenantTx, keepId: number, goneId: number, at: number): Promise<void> => {
  const tenant = tx.tenantId
  for (const table of ['contact_interest', 'contact_interest_reading'] as const)
    await sql`delete from ${sql.table(table)}
      where tenant_id = ${tenant} and contact_id in (${keepId}, ${goneId})`.execute(tx)
  await sql`
    delete from invite_join g using invite_join k
    where g.tenant_id = ${tenant} and g.contact_id = ${goneId} and k.tenant_id = g.tenant_id
      and k.contact_id = ${keepId} and k.link_id = g.link_id`.execute(tx)
  await sql`
    delete from invite_proposal g using invite_proposal k
    where g.tenant_id = ${tenant} and g.contact_id = ${goneId} and k.tenant_id = g.tenant_id
      and k.contact_id = ${keepId} and k.batch_id = g.batch_id`.execute(tx)
  for (const table of ['invite_join', 'invite_proposal', 'invite_answer', 'invite_link', 'referral_code'] as const)
    await sql`update ${sql.table(table)} set contact_id = ${keepId}
      where tenant_id = ${tenant} and contact_id = ${goneId}`.execute(tx)
  // Nobody brings themselves, and a newcomer came by one person: the earlier word stays.
  await sql`
    delete from referral where tenant_id = ${tenant}
      and newcomer_id in (${keepId}, ${goneId}) and referrer_id in (${keepId}, ${goneId})`.execute(tx)
  await sql`
    delete from referral where tenant_id = ${tenant} and newcomer_id in (${keepId}, ${goneId}) and newcomer_id <> (
      select newcomer_id from referral where tenant_id = ${tenant} and newcomer_id in (${keepId}, ${goneId})
      order by started_at, newcomer_id limit 1)`.execute(tx)
  await sql`update referral set newcomer_id = ${keepId}
    where tenant_id = ${tenant} and newcomer_id = ${goneId}`.execute(tx)
  await sql`update referral set referrer_id = ${keepId}
    where tenant_id = ${tenant} and referrer_id = ${goneId}`.execute(tx)
  await sql`
    with gone as (delete from point_balance where tenant_id = ${tenant} and contact_id = ${goneId} returning points),
    lines as (
      insert into point_entry (tenant_id, contact_id, kind, points, recorded_by, at)
      select ${tenant}, v.id, 'merged', v.sign * gone.points, 'system', ${toDate(at)}
      from gone, (values (${keepId}::bigint, 1), (${goneId}::bigint, -1)) as v(id, sign) where gone.points > 0)
    insert into point_balance as b (tenant_id, contact_id, points)
    select ${tenant}, ${keepId}::bigint, points from gone where points > 0
    on conflict (tenant_id, contact_id) do update set points = b.points + excluded.points`.execute(tx)
}
