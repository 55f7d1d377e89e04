import { sql } from 'kysely'

import type { DripEvent } from '#contract/words.ts'
import { toDate } from '#server/base/clock.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import { type CampaignStep, stopsOf } from '#server/modules/campaigns/index.ts'

/** Of these contacts, those on their way through a drip: only they can end one by what they do. */
export const findDripping = async (tx: TenantTx, contactIds: readonly number[]): Promise<ReadonlySet<number>> => {
  if (contactIds.length === 0) return new Set()
  const { rows } = await sql<{ contact_id: number }>`
    select distinct contact_id from drip_position
    where tenant_id = ${tx.tenantId} and contact_id = any(${contactIds}::bigint[]) and state = 'active'`.execute(tx)
  return new Set(rows.map((row) => row.contact_id))
}

/** Something a contact did, epoch ms. With an account only drips of that account are concerned. */
export interface DripNews {
  readonly contactId: number
  readonly accountId?: number
  readonly what: DripEvent
  readonly at: number
}

interface Waiting {
  readonly campaign_id: number
  readonly delivery_id: number | null
  readonly step: number
  readonly steps: readonly CampaignStep[]
}

/**
 * Notes on the contact's drips what they did, and ends at once those whose waiting step it forbids; a later step looks
 * at the note when its turn comes. Locks the positions before it looks for waiting deliveries, so that a step planned at
 * this moment is seen. A send already on its way is not touched. Returns how many drips ended.
 */
export const noteDripEvent = async (tx: TenantTx, { contactId, accountId, what, at }: DripNews): Promise<number> => {
  const ofAccount = accountId === undefined ? sql`true` : sql`c.account_id = ${accountId}`
  const { rows: noted } = await sql<{ campaign_id: number }>`
    update drip_position p set
      happened = case when ${what} = any(p.happened) then p.happened else p.happened || ${what}::text end
    from campaign c
    where p.tenant_id = ${tx.tenantId} and p.contact_id = ${contactId} and p.state = 'active'
      and c.tenant_id = p.tenant_id and c.id = p.campaign_id and ${ofAccount}
    returning p.campaign_id`.execute(tx)
  if (noted.length === 0) return 0
  const { rows } = await sql<Waiting>`
    select c.id as campaign_id, c.steps, p.step, (
        select d.id from delivery d
        where d.tenant_id = p.tenant_id and d.contact_id = p.contact_id and d.campaign_id = p.campaign_id
          and d.campaign_step = p.step and d.state in ('planned', 'deferred') limit 1) as delivery_id
    from drip_position p join campaign c on c.tenant_id = p.tenant_id and c.id = p.campaign_id
    where p.tenant_id = ${tx.tenantId} and p.contact_id = ${contactId} and p.campaign_id = any(${noted.map((row) => row.campaign_id)}::bigint[])`.execute(
    tx,
  )
  const ended = rows.filter(({ delivery_id, step, steps }) => {
    const waiting = steps[step]
    return delivery_id !== null && waiting !== undefined && stopsOf(waiting).has(what)
  })
  if (ended.length > 0) await stopDrips(tx, contactId, ended, `drip_${what}`, what, at)
  return ended.length
}

const stopDrips = async (
  tx: TenantTx,
  contactId: number,
  ended: readonly Waiting[],
  reason: string,
  what: DripEvent,
  at: number,
): Promise<void> => {
  await sql`
    update drip_position set state = 'stopped', reason = ${what}, changed_at = ${toDate(at)}
    where tenant_id = ${tx.tenantId} and contact_id = ${contactId}
      and campaign_id = any(${ended.map((row) => row.campaign_id)}::bigint[])`.execute(tx)
  await sql`
    update delivery set state = 'cancelled', reason = ${reason}, finished_at = ${toDate(at)}
    where tenant_id = ${tx.tenantId} and id = any(${ended.flatMap((row) => row.delivery_id ?? [])}::bigint[])
      and state in ('planned', 'deferred')`.execute(tx)
}
