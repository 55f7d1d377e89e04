import { type ConnectionProvider, type DatabaseConnection, QueryCreator, type QueryExecutor } from 'kysely'

import type { DB } from './schema.generated.ts'
import type { TenantTx } from './tenant-scope.ts'

/**
 * Runs statements of one transaction that do not wait for one another: `ask` begins them all, each on the transaction it
 * is given, and they leave in that order before the first is answered. Gives their answers. Whatever begins within `ask`
 * has ended when this resolves; where several fail, it rejects with the first.
 */
export const together = async <T extends readonly unknown[]>(
  tx: TenantTx,
  ask: (side: TenantTx) => readonly [...{ [K in keyof T]: Promise<T[K]> }],
): Promise<T> => {
  const executor: QueryExecutor = tx.getExecutor()
  return executor.provideConnection(async (connection) => {
    const asked: readonly Promise<unknown>[] = ask(sideOf(tx, executor.withConnectionProvider(sharing(connection))))
    const ends: readonly PromiseSettledResult<unknown>[] = await Promise.allSettled(asked)
    const failed = ends.find((end) => end.status === 'rejected')
    if (failed) throw failed.reason
    return ends.map((end) => (end.status === 'fulfilled' ? end.value : undefined)) as unknown as T
  })
}

/** Gives the connection to everybody at once: the driver sends what it is given in order, without waiting. */
const sharing = (connection: DatabaseConnection): ConnectionProvider => ({
  provideConnection: (consumer) => consumer(connection),
})

/** The same transaction, for statements alone: it begins, ends and narrows nothing. */
const sideOf = (tx: TenantTx, executor: QueryExecutor): TenantTx =>
  Object.assign(new QueryCreator<DB>({ executor }), {
    tenantId: tx.tenantId,
    getExecutor: () => executor,
  }) as unknown as TenantTx
