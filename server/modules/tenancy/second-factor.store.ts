import { type Selectable, type Updateable, sql } from 'kysely'

import { toDate } from '#server/base/clock.ts'
import type { SecondFactorTable } from '#server/db/schema.generated.ts'
import type { OperatorTx } from '#server/db/tenant-scope.ts'

import type { SecondFactor } from './second-factor.rules.ts'

const toFactor = (row: Selectable<SecondFactorTable>): SecondFactor => ({
  secretSealed: row.secret_sealed,
  confirmedAt: row.confirmed_at?.getTime() ?? null,
  lastStep: row.last_step,
  wrongCodes: row.wrong_codes,
  lockedUntil: row.locked_until?.getTime() ?? null,
})

const select = (tx: OperatorTx, person: number) =>
  tx.selectFrom('second_factor').selectAll().where('person', '=', person)

export const selectSecondFactor = async (tx: OperatorTx, person: number): Promise<SecondFactor | null> => {
  const row = await select(tx, person).executeTakeFirst()
  return row ? toFactor(row) : null
}

/** Locked to the end of the transaction: of two who give the same code, one is let in. */
export const lockSecondFactor = async (tx: OperatorTx, person: number): Promise<SecondFactor | null> => {
  const row = await select(tx, person).forUpdate().executeTakeFirst()
  return row ? toFactor(row) : null
}

/** A secret that waits for its first code, in place of one that waited before. False when a confirmed one is there. */
export const insertPendingFactor = async (
  tx: OperatorTx,
  person: number,
  secretSealed: Buffer,
  at: number,
): Promise<boolean> => {
  const { numAffectedRows } = await sql`
    insert into second_factor (person, secret_sealed, created_at) values (${person}, ${secretSealed}, ${toDate(at)})
    on conflict (person) do update set secret_sealed = excluded.secret_sealed, created_at = excluded.created_at
    where second_factor.confirmed_at is null`.execute(tx)
  return numAffectedRows === 1n
}

export const saveSecondFactor = async (
  tx: OperatorTx,
  person: number,
  changes: Updateable<SecondFactorTable>,
): Promise<void> => {
  await tx.updateTable('second_factor').set(changes).where('person', '=', person).execute()
}

/** With its recovery codes. False when there was none. */
export const deleteSecondFactor = async (tx: OperatorTx, person: number): Promise<boolean> => {
  const { numDeletedRows } = await tx.deleteFrom('second_factor').where('person', '=', person).executeTakeFirst()
  return numDeletedRows > 0n
}

/** These codes in place of all before. */
export const replaceRecoveryCodes = async (
  tx: OperatorTx,
  person: number,
  hashes: readonly Buffer[],
): Promise<void> => {
  await tx.deleteFrom('second_factor_recovery').where('person', '=', person).execute()
  const rows = hashes.map((hash) => ({ person, code_hash: hash }))
  await tx.insertInto('second_factor_recovery').values(rows).execute()
}

/** True for the one who uses it first. */
export const useRecoveryCode = async (tx: OperatorTx, person: number, hash: Buffer, at: number): Promise<boolean> => {
  const { numUpdatedRows } = await tx
    .updateTable('second_factor_recovery')
    .set({ used_at: toDate(at) })
    .where('person', '=', person)
    .where('code_hash', '=', hash)
    .where('used_at', 'is', null)
    .executeTakeFirst()
  return numUpdatedRows === 1n
}

export const countRecoveryCodes = async (tx: OperatorTx, person: number): Promise<number> => {
  const { left } = await tx
    .selectFrom('second_factor_recovery')
    .select((e) => e.fn.countAll<number>().as('left'))
    .where('person', '=', person)
    .where('used_at', 'is', null)
    .executeTakeFirstOrThrow()
  return left
}

export const saveSessionPass = async (tx: OperatorTx, sessionId: number, at: number): Promise<void> => {
  await tx
    .updateTable('web_session')
    .set({ second_factor_at: toDate(at) })
    .where('id', '=', sessionId)
    .execute()
}
