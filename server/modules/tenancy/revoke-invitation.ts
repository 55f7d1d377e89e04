import { AppError, notFound } from '#server/base/errors.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

import { canGrant, requireCan } from './access.rules.ts'
import { recordAudit } from './audit.store.ts'
import { type ActingPerson, type Invitation, invitationFault } from './member.rules.ts'
import { lockInvitationById, saveRevocation, selectOpenInvitations } from './member.store.ts'

/** The tenant's invitations that still let somebody in, newest first. Errors: `forbidden/not_allowed`. */
export const listInvitations = (
  tx: TenantTx,
  { access, at }: Pick<ActingPerson, 'access' | 'at'>,
): Promise<readonly Invitation[]> => {
  requireCan(access, 'members.view')
  return selectOpenInvitations(tx, at)
}

/**
 * Takes an invitation back: it lets nobody in from then on. Locks it. Audited. Errors: `forbidden` with `not_allowed` or
 * `role_not_grantable`, `not_found`, `conflict/invitation_unusable` when it was used, taken back or is over.
 */
export const revokeInvitation = async (tx: TenantTx, id: number, { by, access, at }: ActingPerson): Promise<void> => {
  requireCan(access, 'members.invite')
  const invitation = await lockInvitationById(tx, id)
  if (invitation === null) throw notFound('invitation', id)
  const { role, invitedBy } = invitation
  if (!canGrant(access, role)) throw new AppError('forbidden', 'role_not_grantable', { role })
  const why = invitationFault(invitation, at)
  if (why !== null) throw new AppError('conflict', 'invitation_unusable', { why })
  await saveRevocation(tx, id, at)
  await recordAudit(tx, {
    tenantId: tx.tenantId,
    actor: by,
    action: 'member.invitation_revoked',
    target: `invitation:${id}`,
    detail: { role, invitedBy },
    at,
  })
}
