import type { TenantTx } from '#server/db/tenant-scope.ts'

import { checkLimit } from './cursor.rules.ts'
import { type DuplicateGroup, selectDuplicates } from './merge.store.ts'

const LIMIT_MAX = 1_000

/**
 * Groups of contacts that are probably one person: one user name, at most one Telegram id. Ordered by user name;
 * `after` is the last one of the page before. Errors: `invalid/limit_out_of_range`.
 */
export const findDuplicates = (
  tx: TenantTx,
  page: { readonly after?: string; readonly limit?: number } = {},
): Promise<DuplicateGroup[]> => selectDuplicates(tx, page.after ?? '', checkLimit(page.limit ?? 100, LIMIT_MAX))
