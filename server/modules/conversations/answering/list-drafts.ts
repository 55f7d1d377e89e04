import { invalid, notFound } from '#server/base/errors.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import { type ActingPerson, requireCan } from '#server/modules/tenancy/index.ts'

import type { Draft } from './draft.rules.ts'
import { type DraftFilter, findDraft, selectDrafts } from './draft.store.ts'

const LIMIT = 50
const LIMIT_MAX = 500

/** Drafts from new to old. Errors: `forbidden/not_allowed`, `invalid/page_limit`. */
export const listDrafts = (
  tx: TenantTx,
  filter: Omit<DraftFilter, 'limit'> & { readonly limit?: number },
  { access }: Pick<ActingPerson, 'access'>,
): Promise<readonly Draft[]> => {
  requireCan(access, 'conversations.view')
  const { limit = LIMIT } = filter
  if (!Number.isInteger(limit) || limit < 1 || limit > LIMIT_MAX)
    throw invalid('page_limit', 'limit', { min: 1, max: LIMIT_MAX })
  return selectDrafts(tx, { ...filter, limit })
}

/** One draft. Errors: `forbidden/not_allowed`, `not_found`. */
export const getDraft = async (tx: TenantTx, id: number, { access }: Pick<ActingPerson, 'access'>): Promise<Draft> => {
  requireCan(access, 'conversations.view')
  const draft = await findDraft(tx, id)
  if (!draft) throw notFound('draft', id)
  return draft
}
