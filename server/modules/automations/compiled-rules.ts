import type { TenantTx } from '#server/db/tenant-scope.ts'

import { type CompiledRule, compileRule, inOrder } from './compile-rule.rules.ts'
import { findRuleRevision, selectRules } from './rule.store.ts'

interface Kept {
  readonly revision: string
  readonly rules: readonly CompiledRule[]
}

/** Accounts whose rules stay compiled; the one that was asked longest ago makes room. */
const ACCOUNTS_MAX = 500

const kept = new Map<string, Kept>()
/** Updates that are applied together ask once. */
const readIn = new WeakMap<TenantTx, Map<number, Promise<readonly CompiledRule[]>>>()

const load = async (tx: TenantTx, accountId: number): Promise<readonly CompiledRule[]> => {
  const key = `${tx.tenantId}:${accountId}`
  const revision = await findRuleRevision(tx, accountId)
  const known = kept.get(key)
  kept.delete(key)
  if (revision === null) return []
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
 * The account's enabled rules in the order they are asked, compiled once for as long as none of them changes. One small
 * query a transaction. What a transaction changes itself it sees from the next one on.
 */
export const findCompiledRules = (tx: TenantTx, accountId: number): Promise<readonly CompiledRule[]> => {
  const asked = readIn.get(tx) ?? new Map<number, Promise<readonly CompiledRule[]>>()
  readIn.set(tx, asked)
  const found = asked.get(accountId) ?? load(tx, accountId)
  asked.set(accountId, found)
  return found
}
