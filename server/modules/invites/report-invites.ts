import { invalid } from '#server/base/errors.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

import { type InviteCounts, type InviteShares, type ReportKey, sharesOf } from './invite-report.rules.ts'
import { countCampaignLinks, countInvitations } from './invite-report.store.ts'

export interface InviteReportRow extends InviteCounts, InviteShares {
  /** Row id of the chat, campaign, batch or contact. */
  readonly key: number
  readonly name: string | null
}

/**
 * What came of invitations planned between two instants (epoch ms, `until` outside), by chat, campaign, batch or person,
 * with 95 % intervals. Errors: `invalid/span_reversed`.
 */
export const reportInvites = async (
  tx: TenantTx,
  { by, ...span }: { readonly by: ReportKey; readonly since: number; readonly until: number; readonly now: number },
): Promise<readonly InviteReportRow[]> => {
  if (span.since > span.until) throw invalid('span_reversed', 'since')
  const rows = by === 'campaign' ? await countCampaignLinks(tx, span) : await countInvitations(tx, by, span)
  return rows.map((row) => ({ ...row, ...sharesOf(row) }))
}
