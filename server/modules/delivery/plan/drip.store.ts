import { sql } from 'kysely'

import type { DeliveryState, DripEvent } from '#contract/words.ts'
import { toDate } from '#server/base/clock.ts'
import { MINUTE_MS } from '#server/base/duration.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import { type Campaign, stopsOf } from '#server/modules/campaigns/index.ts'

import type { DripMove, DripStanding } from './drip.rules.ts'

export interface DuePosition extends DripStanding {
  readonly contactId: number
}

/**
 * People of a drip somebody has to look at now, locked until the transaction ends; those another process looks at are
 * left to it. A conversation that a person took over and a withdrawal count as having happened, whoever noted them.
 */
export const listDuePositions = async (
  tx: TenantTx,
  campaign: Pick<Campaign, 'id' | 'accountId'>,
  at: number,
  limit: number,
): Promise<readonly DuePosition[]> => {
  const { rows } = await sql<{
    contact_id: number
    step: number
    entered_at: Date
    happened: DripEvent[]
    is_handed_over: boolean
    is_suppressed: boolean
    state: DeliveryState | null
    reason: string | null
    due_at: Date | null
    finished_at: Date | null
  }>`
    with due as materialized (
      select p.contact_id, p.step, p.entered_at, p.happened from drip_position p
      where p.tenant_id = ${tx.tenantId} and p.campaign_id = ${campaign.id} and p.state = 'active' and p.check_at <= ${toDate(at)}
      order by p.check_at limit ${limit} for no key update skip locked
    )
    select due.*, last.state, last.reason, last.due_at, last.finished_at, c.suppressed_at is not null as is_suppressed,
      exists (select from conversation v where v.tenant_id = ${tx.tenantId} and v.account_id = ${campaign.accountId}
        and v.contact_id = due.contact_id and v.handed_over_at is not null) as is_handed_over
    from due
    cross join lateral (select suppressed_at from contact known where known.tenant_id = ${tx.tenantId} and known.id = due.contact_id) c
    left join lateral (
      select d.state, d.reason, d.due_at, d.finished_at from delivery d
      where d.tenant_id = ${tx.tenantId} and d.contact_id = due.contact_id and d.campaign_id = ${campaign.id}
        and d.campaign_step = due.step limit 1
    ) last on true
    order by due.contact_id`.execute(tx)
  return rows.map((row) => ({
    contactId: row.contact_id,
    step: row.step,
    enteredAt: row.entered_at.getTime(),
    happened: [
      ...row.happened,
      ...(row.is_handed_over ? (['handed_over'] as const) : []),
      ...(row.is_suppressed ? (['opt_out'] as const) : []),
    ],
    delivery:
      row.state === null || row.due_at === null
        ? null
        : {
            state: row.state,
            reason: row.reason,
            dueAt: row.due_at.getTime(),
            finishedAt: row.finished_at?.getTime() ?? null,
          },
  }))
}

/** Writes where these people go from here, in one statement. */
export const saveMoves = async (
  tx: TenantTx,
  campaignId: number,
  moves: readonly { readonly contactId: number; readonly move: DripMove }[],
  at: number,
): Promise<void> => {
  const rows = moves.map(({ contactId, move }) => ({
    contact_id: contactId,
    step: move.kind === 'plan' ? move.step : null,
    state: { wait: 'active', plan: 'active', done: 'done', stop: 'stopped' }[move.kind],
    reason: move.kind === 'stop' ? move.reason : null,
    check_at: toDate(move.kind === 'wait' ? move.checkAt : at + MINUTE_MS),
  }))
  await sql`
    update drip_position p set step = coalesce(m.step, p.step), state = m.state, reason = m.reason, check_at = m.check_at,
      changed_at = ${toDate(at)}
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as m(contact_id bigint, step smallint, state text, reason text, check_at timestamptz)
    where p.tenant_id = ${tx.tenantId} and p.campaign_id = ${campaignId} and p.contact_id = m.contact_id`.execute(tx)
}

/** Lets people in at the first step who have just been planned for it; nobody enters twice. */
export const enterDrip = async (
  tx: TenantTx,
  campaignId: number,
  contactIds: readonly number[],
  enteredAt: number,
  at: number,
): Promise<void> => {
  if (contactIds.length === 0) return
  await sql`
    insert into drip_position (tenant_id, campaign_id, contact_id, entered_at, check_at, changed_at)
    select ${tx.tenantId}, ${campaignId}, id, ${toDate(enteredAt)}, ${toDate(at)}, ${toDate(at)}
    from unnest(${contactIds}::bigint[]) as entering (id)
    on conflict (tenant_id, campaign_id, contact_id) do nothing`.execute(tx)
}

/** Cancels waiting steps of people whose conversation a person took over, and ends the drip for them. Returns how many. */
export const stopHandedOver = async (
  tx: TenantTx,
  { id, accountId, steps }: Pick<Campaign, 'id' | 'accountId' | 'steps'>,
  at: number,
): Promise<number> => {
  const ending = steps.flatMap((step, i) => (stopsOf(step).has('handed_over') ? [i] : []))
  if (ending.length === 0) return 0
  const { rows } = await sql<{ contact_id: number }>`
    update drip_position p set state = 'stopped', reason = 'handed_over', changed_at = ${toDate(at)}
    from delivery d
    where p.tenant_id = ${tx.tenantId} and p.campaign_id = ${id} and p.state = 'active' and p.step = any(${ending}::smallint[])
      and d.tenant_id = p.tenant_id and d.contact_id = p.contact_id and d.campaign_id = p.campaign_id
      and d.campaign_step = p.step and d.state in ('planned', 'deferred')
      and exists (select from conversation v where v.tenant_id = p.tenant_id and v.account_id = ${accountId}
        and v.contact_id = p.contact_id and v.handed_over_at is not null)
    returning p.contact_id`.execute(tx)
  if (rows.length === 0) return 0
  await sql`
    update delivery set state = 'cancelled', reason = 'drip_handed_over', finished_at = ${toDate(at)}
    where tenant_id = ${tx.tenantId} and campaign_id = ${id} and contact_id = any(${rows.map((row) => row.contact_id)}::bigint[])
      and state in ('planned', 'deferred')`.execute(tx)
  return rows.length
}
