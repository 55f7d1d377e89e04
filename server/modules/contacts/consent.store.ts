import { sql } from 'kysely'

import type { ConsentPurpose } from '#contract/words.ts'
import { toDate } from '#server/base/clock.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

/** One word of one person about one purpose. */
export interface ConsentEntry {
  readonly contactId: number
  readonly purpose: ConsentPurpose
  readonly granted: boolean
  /** Version of the text the person was shown. */
  readonly textVersion: string
  /** Where it was said: `bot`, `import`, `member:12` … */
  readonly source: string
  readonly accountId: number | null
  /** The update that proves it. */
  readonly updateId: number | null
  /** Epoch ms. */
  readonly at: number
}

/**
 * The caller holds the contact's lock, as the guard does: whatever is reserved by now was decided without this word, and
 * whatever is reserved later is decided with it. An update that waited is thus recorded after the sends it could not stop.
 */
const recordedAfterReservations = (
  tx: TenantTx,
  contactId: number,
  at: Date,
) => sql<Date>`greatest(${at}::timestamptz, (
  select max(d.reserved_at) + interval '1 millisecond' from delivery d
  where d.tenant_id = ${tx.tenantId} and d.contact_id = ${contactId} and d.reserved_at is not null))`

/** Appends to the ledger and, unless a newer word is known, makes it the current one. Returns whether it is current now. */
export const appendConsent = async (tx: TenantTx, entry: ConsentEntry): Promise<boolean> => {
  const at = toDate(entry.at)
  const { id } = await tx
    .insertInto('consent_ledger')
    .values({
      tenant_id: tx.tenantId,
      contact_id: entry.contactId,
      purpose: entry.purpose,
      granted: entry.granted,
      text_version: entry.textVersion,
      source: entry.source,
      account_id: entry.accountId,
      evidence_update_id: entry.updateId,
      at,
      recorded_at: recordedAfterReservations(tx, entry.contactId, at),
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  const current = await tx
    .insertInto('contact_consent')
    .values({
      tenant_id: tx.tenantId,
      contact_id: entry.contactId,
      purpose: entry.purpose,
      granted: entry.granted,
      ledger_id: id,
      changed_at: at,
    })
    .onConflict((conflict) =>
      conflict
        .columns(['tenant_id', 'contact_id', 'purpose'])
        .doUpdateSet({ granted: entry.granted, ledger_id: id, changed_at: at })
        .where('contact_consent.changed_at', '<=', at),
    )
    .returning('ledger_id')
    .execute()
  return current.length > 0
}

/** Puts a person on the suppression list. Somebody already on it stays there with the first reason. */
export const addSuppression = async (
  tx: TenantTx,
  hash: Buffer,
  reason: string,
  source: string,
  at: number,
): Promise<void> => {
  await sql`
    insert into suppression as s (tenant_id, person_hash, reason, source, since)
    values (${tx.tenantId}, ${hash}, ${reason}, ${source}, ${toDate(at)})
    on conflict (tenant_id, person_hash) do update
      set reason = excluded.reason, source = excluded.source, since = excluded.since, lifted_at = null
      where s.lifted_at is not null`.execute(tx)
}

/** Takes a person off the suppression list if they were put there at or before `at`. */
export const endSuppression = async (tx: TenantTx, hash: Buffer, at: number): Promise<void> => {
  await tx
    .updateTable('suppression')
    .set({ lifted_at: toDate(at) })
    .where('tenant_id', '=', tx.tenantId)
    .where('person_hash', '=', hash)
    .where('lifted_at', 'is', null)
    .where('since', '<=', toDate(at))
    .execute()
}

/** Sets or clears the suppression mark on the contact itself, which the guard reads. */
export const markSuppressed = async (
  tx: TenantTx,
  contactId: number,
  mark: { readonly at: number; readonly reason: string } | null,
): Promise<void> => {
  await tx
    .updateTable('contact')
    .set({ suppressed_at: mark && toDate(mark.at), suppressed_reason: mark && mark.reason })
    .where('tenant_id', '=', tx.tenantId)
    .where('id', '=', contactId)
    .execute()
}

/** How many living people said yes to a purpose, and how many no, by their newest word. */
export const countConsents = async (
  tx: TenantTx,
  purpose: ConsentPurpose,
): Promise<{ readonly granted: number; readonly refused: number }> => {
  const { rows } = await sql<{ readonly granted: number; readonly refused: number }>`
    select count(*) filter (where k.granted)::int as granted, count(*) filter (where not k.granted)::int as refused
    from contact_consent k
    join contact c on c.tenant_id = k.tenant_id and c.id = k.contact_id and c.erased_at is null
    where k.tenant_id = ${tx.tenantId} and k.purpose = ${purpose}`.execute(tx)
  return rows[0] ?? { granted: 0, refused: 0 }
}
