import type { MemberRole } from '#contract/words.ts'
import { AppError, notFound } from '#server/base/errors.ts'
import { emitEvents } from '#server/db/emit-events.ts'
import type { OperatorTx, TenantTx } from '#server/db/tenant-scope.ts'

import { type Access, can, canGrant, requireCan } from './access.rules.ts'
import { recordAudit } from './audit.store.ts'
import { type ActingPerson, type Member, checkRole } from './member.rules.ts'
import { lockMember, saveRemoval, saveRole, selectMembers } from './member.store.ts'

/** The tenant's members, oldest first. */
export const listMembers = (tx: TenantTx): Promise<readonly Member[]> => selectMembers(tx)

/** {@link listMembers} of one tenant, for a transaction that sees all. */
export const listMembersOf = async (tx: OperatorTx, tenantId: number): Promise<readonly Member[]> =>
  selectMembers(tx, { tenantId })

/** Every tenant this person is a member of. */
export const listMemberships = (tx: OperatorTx, telegramId: number): Promise<readonly Member[]> =>
  selectMembers(tx, { telegramId })

/** The person as member of the tenant, or null. */
export const findMember = async (tx: TenantTx, telegramId: number): Promise<Member | null> =>
  (await selectMembers(tx, { telegramId }))[0] ?? null

const requireGrant = (access: Access, role: MemberRole): void => {
  if (!canGrant(access, role)) throw new AppError('forbidden', 'role_not_grantable', { field: 'role', role })
}

/**
 * Gives a member another role. Locks the tenant's members. Audited with before and after. Emits `member.left` where the
 * new role answers nobody. Errors: `forbidden` with
 * `not_allowed` or `role_not_grantable` (for the role given or taken), `not_found`, `conflict/last_owner`.
 */
export const changeRole = async (
  tx: TenantTx,
  id: number,
  role: MemberRole,
  { by, access, at }: ActingPerson,
): Promise<Member> => {
  requireCan(access, 'members.change_role')
  checkRole(role)
  const found = await lockMember(tx, id)
  if (!found) throw notFound('member', id)
  const { member, owners } = found
  if (member.role === role) return member
  requireGrant(access, member.role)
  requireGrant(access, role)
  if (member.role === 'owner' && owners === 1) throw new AppError('conflict', 'last_owner', { id })
  await saveRole(tx, id, role)
  await recordAudit(tx, {
    tenantId: tx.tenantId,
    actor: by,
    action: 'member.role_changed',
    target: `member:${id}`,
    detail: { before: member.role, after: role },
    at,
  })
  if (!can({ kind: 'member', role }, 'conversations.reply'))
    await emitEvents(tx, at, [{ type: 'member.left', payload: { memberId: id } }])
  return { ...member, role }
}

/**
 * Ends a membership; whoever leaves is kept by number for the audit log. Members may remove themselves. Locks the
 * tenant's members. Audited. Emits `member.left`. Errors: as {@link changeRole}.
 */
export const removeMember = async (tx: TenantTx, id: number, { by, access, at }: ActingPerson): Promise<Member> => {
  const isSelf = access.kind === 'member' && by === `member:${id}`
  if (!isSelf) requireCan(access, 'members.remove')
  const found = await lockMember(tx, id)
  if (!found) throw notFound('member', id)
  const { member, owners } = found
  if (!isSelf) requireGrant(access, member.role)
  if (member.role === 'owner' && owners === 1) throw new AppError('conflict', 'last_owner', { id })
  await saveRemoval(tx, id, at)
  await recordAudit(tx, {
    tenantId: tx.tenantId,
    actor: by,
    action: 'member.removed',
    target: `member:${id}`,
    detail: { before: member.role, after: null },
    at,
  })
  await emitEvents(tx, at, [{ type: 'member.left', payload: { memberId: id } }])
  return member
}
