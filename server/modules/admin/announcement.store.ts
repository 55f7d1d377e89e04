import { type Selectable, sql } from 'kysely'

import { toDate } from '#server/base/clock.ts'
import type { AnnouncementTable } from '#server/db/schema.generated.ts'
import type { OperatorTx } from '#server/db/tenant-scope.ts'

export interface Announcement {
  readonly id: number
  /** Null for the owners of all tenants. */
  readonly tenantId: number | null
  /** Null once its 90 days are over. */
  readonly text: string | null
  readonly createdBy: number
  readonly createdAt: number
  readonly confirmedAt: number | null
  readonly recipients: number | null
}

const toAnnouncement = (row: Selectable<AnnouncementTable>): Announcement => ({
  id: row.id,
  tenantId: row.for_tenant_id,
  text: row.text,
  createdBy: row.created_by,
  createdAt: row.created_at.getTime(),
  confirmedAt: row.confirmed_at?.getTime() ?? null,
  recipients: row.recipients,
})

export const insertAnnouncement = async (
  tx: OperatorTx,
  input: Pick<Announcement, 'tenantId' | 'createdBy' | 'createdAt'> & {
    readonly text: string
    readonly reference: string
  },
): Promise<Announcement> => {
  const row = await tx
    .insertInto('announcement')
    .values({
      for_tenant_id: input.tenantId,
      text: input.text,
      created_by: input.createdBy,
      created_at: toDate(input.createdAt),
      reference: input.reference,
    })
    .onConflict((c) => c.column('reference').doUpdateSet((e) => ({ reference: e.ref('excluded.reference') })))
    .returningAll()
    .executeTakeFirstOrThrow()
  return toAnnouncement(row)
}

export const selectAnnouncement = async (tx: OperatorTx, id: number): Promise<Announcement | null> => {
  const row = await tx.selectFrom('announcement').selectAll().where('id', '=', id).executeTakeFirst()
  return row ? toAnnouncement(row) : null
}

export const lockAnnouncement = async (tx: OperatorTx, id: number): Promise<Announcement | null> => {
  const row = await tx.selectFrom('announcement').selectAll().where('id', '=', id).forUpdate().executeTakeFirst()
  return row ? toAnnouncement(row) : null
}

export const saveConfirmation = async (tx: OperatorTx, id: number, recipients: number, at: number): Promise<void> => {
  await tx
    .updateTable('announcement')
    .set({ confirmed_at: toDate(at), recipients })
    .where('id', '=', id)
    .execute()
}

export interface Audience {
  /** Owners who have spoken with the panel bot, read it, and want announcements. */
  readonly recipients: readonly number[]
  /** Owners the bot cannot reach, and owners who want none. */
  readonly unreachable: number
  readonly muted: number
}

/** The owners of one tenant, or of all that are not suspended, each person once. */
export const selectOwners = async (tx: OperatorTx, tenantId: number | null): Promise<Audience> => {
  const { rows } = await sql<{ id: number; reachable: boolean; muted: boolean }>`
    select distinct m.telegram_id as id, coalesce(p.blocked_at is null, false) and p.telegram_id is not null as reachable,
      p.muted_at is not null as muted
    from member m join tenant t on t.id = m.tenant_id
    left join panel_person p on p.telegram_id = m.telegram_id
    where m.role = 'owner' and m.removed_at is null
      and ${tenantId === null ? sql`t.state = 'active'` : sql`t.id = ${tenantId}`}
    order by 1`.execute(tx)
  return {
    recipients: rows.filter((row) => row.reachable && !row.muted).map((row) => row.id),
    unreachable: rows.filter((row) => !row.reachable).length,
    muted: rows.filter((row) => row.reachable && row.muted).length,
  }
}

/** Drops texts written before an instant; the rows stay. Returns how many. */
export const dropAnnouncementTexts = async (tx: OperatorTx, before: number): Promise<number> => {
  const { numAffectedRows } = await sql`
    update announcement set text = null where text is not null and created_at < ${toDate(before)}`.execute(tx)
  return Number(numAffectedRows ?? 0n)
}
