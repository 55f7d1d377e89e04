import { sql } from 'kysely'

import type { TenantTx } from '#server/db/tenant-scope.ts'
import type { SlotTexts } from '#server/modules/templates/index.ts'

interface SlotRow {
  readonly delivery_id: number
  readonly slot: string
  readonly text: string
  readonly wording_hash: number
  readonly by_checks: boolean
}

/** What may stand in the slots of a delivery: `wordingHash` is the wording it was written for. */
export interface ApprovedSlots extends SlotTexts {
  readonly wordingHash: number
}

/**
 * Texts that may leave with these deliveries, by delivery: approved, without findings, written under the catalogue that is
 * still in force, for a contact who still agrees to a model.
 */
export const findApprovedSlots = async (
  tx: TenantTx,
  deliveryIds: readonly number[],
): Promise<ReadonlyMap<number, ApprovedSlots>> => {
  if (deliveryIds.length === 0) return new Map()
  const { rows } = await sql<SlotRow>`
    select s.delivery_id, s.slot, s.text, s.wording_hash, s.decided_by = 'checks' as by_checks
    from delivery_slot s
    join delivery d on d.tenant_id = s.tenant_id and d.id = s.delivery_id and d.contact_id = s.contact_id
    join contact_consent c on c.tenant_id = s.tenant_id and c.contact_id = s.contact_id
      and c.purpose = 'ai_processing' and c.granted
    left join persona p on p.tenant_id = s.tenant_id and p.account_id = d.account_id and p.is_current
    where s.tenant_id = ${tx.tenantId} and s.delivery_id = any(${[...deliveryIds]}::bigint[])
      and s.state = 'approved' and s.findings = '[]' and s.text is not null
      and s.persona_version = coalesce(p.version, 0)
    order by s.id`.execute(tx)
  const found = new Map<number, ApprovedSlots>()
  for (const [deliveryId, slots] of Map.groupBy(rows, (row) => row.delivery_id)) {
    const [first] = slots
    if (!first) continue
    const own = slots.filter((row) => row.wording_hash === first.wording_hash)
    found.set(deliveryId, {
      texts: new Map(own.map((row) => [row.slot, row.text])),
      isUnread: own.some((row) => row.by_checks),
      wordingHash: first.wording_hash,
    })
  }
  return found
}
