import { sql } from 'kysely'

import { toDate } from '#server/base/clock.ts'
import { DAY_MS, HOUR_MS } from '#server/base/duration.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

import type { Health, HealthFigures } from './health.rules.ts'

/** Failure reasons that a recipient causes by not wanting or not being able to be reached. */
const FORBIDDEN = ['blocked', 'deactivated', 'not_started', 'recipient_refused']

/** The account's figures of the day before `now`. */
export const findHealthFigures = async (tx: TenantTx, accountId: number, now: number): Promise<HealthFigures> => {
  const { rows } = await sql<HealthFigures>`
    select count(*) filter (where d.state in ('sent', 'failed', 'unknown')) as sends,
      count(*) filter (where d.blocked_at is not null) as blocks,
      count(*) filter (where d.opted_out_at is not null) as "optOuts",
      count(*) filter (where d.state = 'failed' and d.reason = any(${FORBIDDEN})) as forbidden,
      (select count(*) from attempt a where a.tenant_id = ${tx.tenantId} and a.account_id = ${accountId}
        and a.started_at > ${toDate(now - HOUR_MS)} and a.failure = 'flood_wait') as floods
    from delivery d
    where d.tenant_id = ${tx.tenantId} and d.account_id = ${accountId} and d.message_class <> 'reply'
      and d.reserved_at > ${toDate(now - DAY_MS)} and d.reserved_at <= ${toDate(now)}`.execute(tx)
  return rows[0] ?? { sends: 0, blocks: 0, optOuts: 0, forbidden: 0, floods: 0 }
}

export const findHealth = async (tx: TenantTx, accountId: number): Promise<Health | null> => {
  const row = await tx
    .selectFrom('account')
    .select('health')
    .where('tenant_id', '=', tx.tenantId)
    .where('id', '=', accountId)
    .executeTakeFirst()
  return (row?.health as Health | undefined) ?? null
}

export const setHealth = async (
  tx: TenantTx,
  accountId: number,
  health: Health,
  reason: string | null,
  at: number,
): Promise<void> => {
  await tx
    .updateTable('account')
    .set({ health, health_reason: reason, health_changed_at: toDate(at) })
    .where('tenant_id', '=', tx.tenantId)
    .where('id', '=', accountId)
    .execute()
}
