import { invalid } from '#server/base/errors.ts'
import { DAY_MS } from '#server/base/duration.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import { requireCan } from '#server/modules/tenancy/index.ts'

import type { Viewer } from './list-conversations.ts'
import { type RatingSummary, summarise } from './rating.rules.ts'
import { type RatingComment, type RatingGroup, selectComments, selectRatings } from './rating.store.ts'

export interface RatedGroup extends RatingSummary {
  readonly key: string | null
  readonly name: string | null
  /** Questions asked, answered or not. */
  readonly asked: number
}

export interface RatingReport {
  readonly days: number
  readonly groups: readonly RatedGroup[]
  /** The newest twenty. */
  readonly comments: readonly RatingComment[]
}

const COMMENTS_SHOWN = 20

/**
 * How conversations were rated whose question was asked in the last `days` (1–365): average with interval, distribution,
 * how many were asked, by member, account, or whether people or a model answered. Errors: `forbidden/not_allowed`,
 * `invalid/whole_number_expected`.
 */
export const reportRatings = async (
  tx: TenantTx,
  wanted: {
    readonly days: number
    readonly by: RatingGroup
    readonly accountId?: number | null
    readonly at: number
  },
  { access }: Viewer,
): Promise<RatingReport> => {
  requireCan(access, 'analytics.view')
  const { days, by, accountId = null, at } = wanted
  if (!Number.isInteger(days) || days < 1 || days > 365)
    throw invalid('whole_number_expected', 'days', { given: String(days), min: 1, max: 365 })
  const from = at - days * DAY_MS
  const groups = await selectRatings(tx, { from, by, accountId })
  return {
    days,
    groups: groups.map((group) => ({ ...summarise(group), key: group.key, name: group.name, asked: group.asked })),
    comments: await selectComments(tx, { from, accountId }, COMMENTS_SHOWN),
  }
}
