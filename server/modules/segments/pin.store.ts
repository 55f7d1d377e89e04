import type { Segment } from '#contract/words.ts'
import { toDate } from '#server/base/clock.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

/** A segment somebody gave a contact by hand. */
export interface Pin {
  readonly segment: Segment
  readonly note: string
  readonly pinnedBy: string
  readonly since: number
}

/** The segments a contact was given by hand. */
export const listPins = async (tx: TenantTx, contactId: number): Promise<readonly Pin[]> => {
  const rows = await tx
    .selectFrom('segment_pin')
    .select(['segment', 'note', 'pinned_by', 'since'])
    .where('tenant_id', '=', tx.tenantId)
    .where('contact_id', '=', contactId)
    .execute()
  return rows.map((row) => ({
    segment: row.segment as Segment,
    note: row.note,
    pinnedBy: row.pinned_by,
    since: row.since.getTime(),
  }))
}

/** Writes a pin; of one that exists, only note and author change. */
export const upsertPin = async (tx: TenantTx, contactId: number, pin: Pin): Promise<void> => {
  await tx
    .insertInto('segment_pin')
    .values({
      tenant_id: tx.tenantId,
      contact_id: contactId,
      segment: pin.segment,
      note: pin.note,
      pinned_by: pin.pinnedBy,
      since: toDate(pin.since),
    })
    .onConflict((conflict) =>
      conflict.columns(['tenant_id', 'contact_id', 'segment']).doUpdateSet({ note: pin.note, pinned_by: pin.pinnedBy }),
    )
    .execute()
}

/** Removes a pin and tells whether there was one. */
export const deletePin = async (tx: TenantTx, contactId: number, segment: Segment): Promise<boolean> => {
  const result = await tx
    .deleteFrom('segment_pin')
    .where('tenant_id', '=', tx.tenantId)
    .where('contact_id', '=', contactId)
    .where('segment', '=', segment)
    .executeTakeFirst()
  return result.numDeletedRows > 0n
}
