import type { Selectable } from 'kysely'

import type { Locale } from '#contract/words.ts'
import { toDate } from '#server/base/clock.ts'
import type { TenantTable } from '#server/db/schema.generated.ts'
import type { OperatorTx, TenantTx } from '#server/db/tenant-scope.ts'

import { type CheckedTenant, OBSERVE_MS, type Tenant } from './tenant.rules.ts'

/** Asked for with every call: statements that name their columns keep their plans. */
const TENANT = ['id', 'slug', 'name', 'sender_name', 'locale', 'time_zone', 'state', 'sending_stopped_reason'] as const

const toTenant = (row: Pick<Selectable<TenantTable>, (typeof TENANT)[number]>): Tenant => ({
  id: row.id,
  slug: row.slug,
  name: row.name,
  senderName: row.sender_name,
  locale: row.locale as Locale,
  timeZone: row.time_zone,
  state: row.state as Tenant['state'],
  sendingStopped: row.sending_stopped_reason,
})

/** The new tenant's id, or null when the slug is taken. */
export const insertTenant = async (tx: OperatorTx, input: CheckedTenant, at: number): Promise<number | null> => {
  const row = await tx
    .insertInto('tenant')
    .values({
      slug: input.slug,
      name: input.name,
      sender_name: input.senderName,
      locale: input.locale,
      time_zone: input.timeZone,
      observe_until: toDate(at + OBSERVE_MS),
      created_at: toDate(at),
    })
    .onConflict((c) => c.column('slug').doNothing())
    .returning('id')
    .executeTakeFirst()
  return row?.id ?? null
}

export const selectTenant = async (tx: OperatorTx | TenantTx, id: number): Promise<Tenant | null> => {
  const row = await (tx as OperatorTx).selectFrom('tenant').select(TENANT).where('id', '=', id).executeTakeFirst()
  return row ? toTenant(row) : null
}

export const selectTenantBySlug = async (tx: OperatorTx, slug: string): Promise<Tenant | null> => {
  const row = await tx.selectFrom('tenant').select(TENANT).where('slug', '=', slug).executeTakeFirst()
  return row ? toTenant(row) : null
}

export const saveTenantState = async (tx: OperatorTx, id: number, state: Tenant['state']): Promise<void> => {
  await tx.updateTable('tenant').set({ state }).where('id', '=', id).execute()
}

export const selectTenants = async (tx: OperatorTx): Promise<readonly Tenant[]> =>
  (await tx.selectFrom('tenant').select(TENANT).orderBy('id').execute()).map(toTenant)

export const deleteTenant = async (tx: OperatorTx, id: number): Promise<void> => {
  await tx.deleteFrom('tenant').where('id', '=', id).execute()
}
