import type { api } from '#contract/api.ts'
import type { RouteOutput } from '#contract/route.ts'
import type { CampaignState } from '#contract/words.ts'

export type CampaignRow = RouteOutput<typeof api.campaigns.list>['items'][number]
export type CampaignDetail = RouteOutput<typeof api.campaigns.get>
type Counts = CampaignRow['counts']

/** All messages of it, however they ended. */
export const totalOf = ({ states }: Counts): number => Object.values(states).reduce((sum, n) => sum + n, 0)

/** What has not left and may still do so. */
export const leftOf = ({ states }: Counts): number => states.planned + states.deferred + states.reserved

/** A send nobody can vouch for counts as sent, as in the report. */
export const sentOf = ({ states }: Counts): number => states.sent + states.unknown

export const isOver = (state: CampaignState): boolean => state === 'completed' || state === 'cancelled'

export const STATE_COLORS: Readonly<Record<CampaignState, string>> = {
  draft: 'gray',
  in_review: 'yellow',
  running: 'teal',
  paused: 'orange',
  completed: 'blue',
  cancelled: 'red',
}
