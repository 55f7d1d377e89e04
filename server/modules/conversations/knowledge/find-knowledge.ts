import { invalid } from '#server/base/errors.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import { getOwnTenant } from '#server/modules/tenancy/index.ts'

import { queryWords } from './knowledge-words.rules.ts'
import { type FoundPassage, searchPassages } from './knowledge.store.ts'

const LIMIT_MAX = 20

/**
 * Passages of the account's knowledge files that speak of what the text asks, best first, each with its file; none where
 * nothing fits. Full text search in the language of each file; without marks it finds as well. Errors:
 * `invalid/page_limit`.
 */
export const findKnowledge = async (
  tx: TenantTx,
  accountId: number,
  query: string,
  limit = 5,
): Promise<readonly FoundPassage[]> => {
  if (!Number.isInteger(limit) || limit < 1 || limit > LIMIT_MAX)
    throw invalid('page_limit', 'limit', { min: 1, max: LIMIT_MAX })
  const { locale } = await getOwnTenant(tx)
  return searchPassages(tx, accountId, queryWords(query, locale), limit)
}
