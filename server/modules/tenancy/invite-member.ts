import type { MemberRole } from '#contract/words.ts'
import { AppError } from '#server/base/errors.ts'
import { hashSecret, randomToken } from '#server/base/secret.ts'
import type { Db } from '#server/db/pool.ts'
import { type TenantTx, asOperator, inTenant } from '#server/db/tenant-scope.ts'

import { canGrant, requireCan } from './access.rules.ts'
import { recordAudit } from './audit.store.ts'
import {
  type ActingPerson,
  INVITATION_MS,
  type Member,
  checkPerson,
  checkRole,
  invitationFault,
} from './member.rules.ts'
import { findInvitationTenant, insertInvitation, insertMember, lockInvitation, saveAcceptance } from './member.store.ts'

export interface GivenInvitation {
  readonly id: number
  readonly role: MemberRole
  /** Shown once: only its hash is kept. */
  readonly token: string
  readonly expiresAt: number
}

/**
 * Invites one person with a role, for seven days. Audited. Errors: `forbidden` with `not_allowed` or
 * `role_not_grantable`, `invalid/unknown_word`.
 */
export const inviteMember = async (
  tx: TenantTx,
  { role }: { readonly role: MemberRole },
  { by, access, at }: ActingPerson,
): Promise<GivenInvitation> => {
  requireCan(access, 'members.invite')
  checkRole(role)
  if (!canGrant(access, role)) throw new AppError('forbidden', 'role_not_grantable', { field: 'role', role })
  const token = randomToken(32)
  const expiresAt = at + INVITATION_MS
  const id = await insertInvitation(tx, { tokenHash: hashSecret(token), role, invitedBy: by, expiresAt }, at)
  await recordAudit(tx, {
    tenantId: tx.tenantId,
    actor: by,
    action: 'member.invited',
    target: `invitation:${id}`,
    detail: { role, expiresAt },
    at,
  })
  return { id, role, token, expiresAt }
}

export interface AcceptDeps {
  readonly db: Db
  /** Refuses where the package has no room for another member; called under its own lock. */
  readonly requireRoom: (tx: TenantTx) => Promise<void>
}

/**
 * Lets the person who brings an invitation in, once. Audited. Errors: `conflict/invitation_unusable` saying why,
 * `conflict/member_already`, `invalid/telegram_id_expected`, what `requireRoom` refuses.
 */
export const acceptInvitation = async (
  { db, requireRoom }: AcceptDeps,
  input: { readonly token: string; readonly telegramId: number; readonly name: string },
  at: number,
): Promise<Member> => {
  const person = checkPerson(input)
  const tokenHash = hashSecret(input.token)
  const tenantId = await asOperator(db, 'invitation', (tx) => findInvitationTenant(tx, tokenHash))
  if (tenantId === null) throw new AppError('conflict', 'invitation_unusable', { why: 'unknown' })
  return inTenant(db, tenantId, async (tx) => {
    await requireRoom(tx)
    const invitation = await lockInvitation(tx, tokenHash)
    const why = invitationFault(invitation, at)
    if (invitation === null || why !== null)
      throw new AppError('conflict', 'invitation_unusable', { why: why ?? 'unknown' })
    const { role, invitedBy } = invitation
    const member = await insertMember(tx, { ...person, role, invitedBy }, at)
    if (member === null) throw new AppError('conflict', 'member_already', { role })
    await saveAcceptance(tx, invitation.id, person.telegramId, at)
    await recordAudit(tx, {
      tenantId,
      actor: `member:${member.id}`,
      action: 'member.joined',
      target: `invitation:${invitation.id}`,
      detail: { before: null, after: role, invitedBy },
      at,
    })
    return member
  })
}

/**
 * Makes the first owner of a tenant: whoever ordered it. Audited. Errors: `conflict/member_already`, those of
 * {@link acceptInvitation} about the person.
 */
export const addOwner = async (
  tx: TenantTx,
  input: { readonly telegramId: number; readonly name: string },
  { by, at }: { readonly by: string; readonly at: number },
): Promise<Member> => {
  const member = await insertMember(tx, { ...checkPerson(input), role: 'owner', invitedBy: by }, at)
  if (member === null) throw new AppError('conflict', 'member_already', { role: 'owner' })
  await recordAudit(tx, {
    tenantId: tx.tenantId,
    actor: by,
    action: 'member.joined',
    target: `member:${member.id}`,
    detail: { before: null, after: 'owner' },
    at,
  })
  return member
}
