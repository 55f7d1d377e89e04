import { AppError } from '#server/base/errors.ts'
import type { ActingPerson, Member } from '#server/modules/tenancy/index.ts'

import type { Campaign } from './campaign.rules.ts'

/**
 * May this person approve the campaign? Whoever changed it since its last approval may not, unless they are the tenant's
 * only owner and nobody else could. Errors: `conflict/campaign_own_edit`.
 */
export const checkApprover = (
  { id, editedBy }: Pick<Campaign, 'id' | 'editedBy'>,
  { by, access }: Pick<ActingPerson, 'by' | 'access'>,
  members: readonly Pick<Member, 'id' | 'role'>[],
): void => {
  if (!editedBy.includes(by)) return
  const otherOwners = members.filter((member) => member.role === 'owner' && `member:${member.id}` !== by)
  if (access.kind === 'member' && access.role === 'owner' && otherOwners.length === 0) return
  throw new AppError('conflict', 'campaign_own_edit', { field: 'approvedBy', campaign: id })
}

/**
 * Does the approval hold for the campaign as it is now? Errors: `conflict/campaign_not_approved` before anybody approved
 * it, `conflict/campaign_approval_stale` when something changed since.
 */
export const checkApproval = (
  { id, approvedVersion }: Pick<Campaign, 'id' | 'approvedVersion'>,
  version: string,
): void => {
  if (approvedVersion === null)
    throw new AppError('conflict', 'campaign_not_approved', { field: 'state', campaign: id })
  if (approvedVersion !== version)
    throw new AppError('conflict', 'campaign_approval_stale', { field: 'approvedVersion', campaign: id })
}
