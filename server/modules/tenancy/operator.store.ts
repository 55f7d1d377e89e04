import type { OperatorRole } from '#contract/words.ts'
import { toDate } from '#server/base/clock.ts'
import type { OperatorTx } from '#server/db/tenant-scope.ts'

export interface Operator {
  readonly telegramId: number
  readonly role: OperatorRole
  readonly name: string
  readonly addedAt: number
}

/** Those who run the installation, oldest first. */
export const listOperators = async (tx: OperatorTx): Promise<readonly Operator[]> => {
  const rows = await tx
    .selectFrom('operator')
    .selectAll()
    .where('removed_at', 'is', null)
    .orderBy('added_at')
    .orderBy('telegram_id')
    .execute()
  return rows.map((row) => ({
    telegramId: row.telegram_id,
    role: row.role as OperatorRole,
    name: row.name,
    addedAt: row.added_at.getTime(),
  }))
}

/** Makes somebody operator or gives them another role; the role before, or null. */
export const upsertOperator = async (tx: OperatorTx, operator: Operator): Promise<OperatorRole | null> => {
  const before = await tx
    .selectFrom('operator')
    .select('role')
    .where('telegram_id', '=', operator.telegramId)
    .where('removed_at', 'is', null)
    .forUpdate()
    .executeTakeFirst()
  const columns = { role: operator.role, name: operator.name, removed_at: null }
  await tx
    .insertInto('operator')
    .values({ telegram_id: operator.telegramId, ...columns, added_at: toDate(operator.addedAt) })
    .onConflict((c) => c.column('telegram_id').doUpdateSet(columns))
    .execute()
  return (before?.role as OperatorRole | undefined) ?? null
}

/** The role that ended, or null when there was none. */
export const endOperator = async (tx: OperatorTx, telegramId: number, at: number): Promise<OperatorRole | null> => {
  const row = await tx
    .updateTable('operator')
    .set({ removed_at: toDate(at) })
    .where('telegram_id', '=', telegramId)
    .where('removed_at', 'is', null)
    .returning('role')
    .executeTakeFirst()
  return (row?.role as OperatorRole | undefined) ?? null
}
