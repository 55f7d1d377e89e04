import { invalid } from '#server/base/errors.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import { type ActingPerson, requireCan } from '#server/modules/tenancy/index.ts'

import type { WrittenSlot } from './slot.rules.ts'
import { type SlotFilter, selectSlots } from './slot.store.ts'

const LIMIT_MAX = 500

/** What a model wrote into slots, the soonest to leave first. Errors: `forbidden/not_allowed`, `invalid/page_limit`. */
export const listSlots = (
  tx: TenantTx,
  filter: SlotFilter,
  { access }: Pick<ActingPerson, 'access'>,
): Promise<readonly WrittenSlot[]> => {
  requireCan(access, 'templates.view')
  if (!Number.isInteger(filter.limit) || filter.limit < 1 || filter.limit > LIMIT_MAX)
    throw invalid('page_limit', 'limit', { min: 1, max: LIMIT_MAX })
  return selectSlots(tx, filter)
}
