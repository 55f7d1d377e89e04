import type { TenantTx } from '#server/db/tenant-scope.ts'

import { type CompiledRule, compileRule, inOrder } from './compile-rule.rules.ts'
import { findRuleRevisions, selectRules } from './rule.store.ts'

interface Kept {
  readonly revision: string
  readonly rules: readonly CompiledRule[]
}

/** Accounts whose rules stay compiled; the one that was asked longest ago makes room. */
const ACCOUNTS_MAX = 500

const kept = new Map<string, Kept>()
/** Updates that are applied together ask once. */
const readIn = new WeakMap<TenantTx, Map<number, readonly CompiledRule[]>>()

const load = async (
  tx: TenantTx,
  accountId: number,
  revision: string | undefined,
): Promise<readonly CompiledRule[]> => {
  const key = `${tx.tenantId}:${accountId}`
  const known = kept.get(key)
  kept.delete(key)
  if (revision === undefined) return []
  const found =
    known?.revision === revision
      ? known
      : {
          revision,
          rules: inOrder(
            (await selectRules(tx, accountId)).filter(({ state }) => state === 'enabled').map(compileRule),
          ),
        }
  kept.set(key, found)
  const [oldest] = kept.keys()
  if (kept.size > ACCOUNTS_MAX && oldest !== undefined) kept.delete(oldest)
  return found.rules
}

/**
 * Accounts' enabled rules in the order they are asked, by account, compiled once for as long as none of them changes. One
 * small query a transaction. What a transaction changes itself it sees from the next one on.
 */
export const findCompiledRules = async (
  tx: TenantTx,
  accountIds: readonly number[],
): Promise<ReadonlyMap<number, readonly CompiledRule[]>> => {
  const read = readIn.get(tx) ?? new Map<number, readonly CompiledRule[]>()
  readIn.set(tx, read)
  const unread = [...new Set(accountIds)].filter((id) => !read.has(id))
  if (unread.length === 0) return read
  const revisions = await findRuleRevisions(tx, unread)
  for (const id of unread) read.set(id, await load(tx, id, revisions.get(id)))
  return read
}
