import type { api } from '#contract/api.ts'
import type { RouteOutput } from '#contract/route.ts'

export type CampaignDetail = RouteOutput<typeof api.campaigns.get>
type Counts = CampaignDetail['counts']

/** A send nobody can vouch for counts as sent, as in the report. */
export const sentOf = ({ states }: Counts): number => states.sent + states.unknown

/** What has not left and may still do so. */
export const leftOf = ({ states }: Counts): number => states.planned + states.deferred + states.reserved
