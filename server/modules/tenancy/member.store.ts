import { type Selectable, sql } from 'kysely'

import type { MemberRole } from '#contract/words.ts'
import { toDate } from '#server/base/clock.ts'
import type { InvitationTable, MemberTable } from '#server/db/schema.generated.ts'
import type { OperatorTx, TenantTx } from '#server/db/tenant-scope.ts'

import type { Invitation, Member } from './member.rules.ts'

/** Asked for with every call: statements that name their columns keep their plans. */
const MEMBER = ['tenant_id', 'id', 'telegram_id', 'role', 'name', 'invited_by', 'joined_at'] as const

const toMember = (row: Pick<Selectable<MemberTable>, (typeof MEMBER)[number]>): Member => ({
  tenantId: row.tenant_id,
  id: row.id,
  telegramId: row.telegram_id,
  role: row.role as MemberRole,
  name: row.name,
  invitedBy: row.invited_by,
  joinedAt: row.joined_at.getTime(),
})

export interface NewMember {
  readonly telegramId: number
  readonly role: MemberRole
  readonly name: string
  readonly invitedBy: string
}

/** The new member, or null when this person is one already. */
export const insertMember = async (tx: TenantTx, member: NewMember, at: number): Promise<Member | null> => {
  const row = await tx
    .insertInto('member')
    .values({
      tenant_id: tx.tenantId,
      telegram_id: member.telegramId,
      role: member.role,
      name: member.name,
      invited_by: member.invitedBy,
      joined_at: toDate(at),
    })
    .onConflict((c) => c.columns(['tenant_id', 'telegram_id']).where('removed_at', 'is', null).doNothing())
    .returningAll()
    .executeTakeFirst()
  return row ? toMember(row) : null
}

/** Members who have not left, oldest first; of a person, all tenants an operator's transaction sees. */
export const selectMembers = async (
  tx: OperatorTx | TenantTx,
  filter: { readonly telegramId?: number; readonly tenantId?: number } = {},
): Promise<readonly Member[]> => {
  let query = (tx as OperatorTx).selectFrom('member').select(MEMBER).where('removed_at', 'is', null).orderBy('id')
  if (filter.telegramId !== undefined) query = query.where('telegram_id', '=', filter.telegramId)
  if (filter.tenantId !== undefined) query = query.where('tenant_id', '=', filter.tenantId)
  return (await query.execute()).map(toMember)
}

/** One who has not left, or null. Holds all members of the tenant: who is the last owner is decided by one alone. */
export const lockMember = async (
  tx: TenantTx,
  id: number,
): Promise<{ readonly member: Member; readonly owners: number } | null> => {
  const rows = await tx
    .selectFrom('member')
    .selectAll()
    .where('tenant_id', '=', tx.tenantId)
    .where('removed_at', 'is', null)
    .orderBy('id')
    .forUpdate()
    .execute()
  const row = rows.find((candidate) => candidate.id === id)
  return row ? { member: toMember(row), owners: rows.filter((other) => other.role === 'owner').length } : null
}

/** The role of a member who has not left, held so until the transaction ends; null for nobody. */
export const holdRole = async (tx: TenantTx, id: number): Promise<MemberRole | null> => {
  const row = await tx
    .selectFrom('member')
    .select('role')
    .where('tenant_id', '=', tx.tenantId)
    .where('id', '=', id)
    .where('removed_at', 'is', null)
    .forShare()
    .executeTakeFirst()
  return (row?.role as MemberRole | undefined) ?? null
}

export const saveRole = async (tx: TenantTx, id: number, role: MemberRole): Promise<void> => {
  await tx.updateTable('member').set({ role }).where('tenant_id', '=', tx.tenantId).where('id', '=', id).execute()
}

export const saveRemoval = async (tx: TenantTx, id: number, at: number): Promise<void> => {
  const removal = { removed_at: toDate(at) }
  await tx.updateTable('member').set(removal).where('tenant_id', '=', tx.tenantId).where('id', '=', id).execute()
}

export interface NewInvitation {
  readonly tokenHash: Buffer
  readonly role: MemberRole
  readonly invitedBy: string
  readonly expiresAt: number
}

export const insertInvitation = async (tx: TenantTx, invitation: NewInvitation, at: number): Promise<number> => {
  const { id } = await tx
    .insertInto('invitation')
    .values({
      tenant_id: tx.tenantId,
      token_hash: invitation.tokenHash,
      role: invitation.role,
      invited_by: invitation.invitedBy,
      created_at: toDate(at),
      expires_at: toDate(invitation.expiresAt),
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  return id
}

/** Whose invitation a token belongs to; null for a token nobody gave. */
export const findInvitationTenant = async (tx: OperatorTx, tokenHash: Buffer): Promise<number | null> => {
  const row = await tx
    .selectFrom('invitation')
    .select('tenant_id')
    .where('token_hash', '=', sql<Buffer>`${tokenHash}`)
    .executeTakeFirst()
  return row?.tenant_id ?? null
}

const toInvitation = (row: Selectable<InvitationTable>): Invitation => ({
  id: row.id,
  role: row.role as MemberRole,
  invitedBy: row.invited_by,
  invitedAt: row.created_at.getTime(),
  expiresAt: row.expires_at.getTime(),
  acceptedAt: row.accepted_at?.getTime() ?? null,
  revokedAt: row.revoked_at?.getTime() ?? null,
})

/** Invitations that still let somebody in, newest first. */
export const selectOpenInvitations = async (tx: TenantTx, now: number): Promise<readonly Invitation[]> => {
  const rows = await tx
    .selectFrom('invitation')
    .selectAll()
    .where('tenant_id', '=', tx.tenantId)
    .where('accepted_at', 'is', null)
    .where('revoked_at', 'is', null)
    .where('expires_at', '>', toDate(now))
    .orderBy('id', 'desc')
    .execute()
  return rows.map(toInvitation)
}

/** One invitation by number, locked: whoever comes in by it at this moment comes before or after. */
export const lockInvitationById = async (tx: TenantTx, id: number): Promise<Invitation | null> => {
  const row = await tx
    .selectFrom('invitation')
    .selectAll()
    .where('tenant_id', '=', tx.tenantId)
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst()
  return row ? toInvitation(row) : null
}

export const saveRevocation = async (tx: TenantTx, id: number, at: number): Promise<void> => {
  const revocation = { revoked_at: toDate(at) }
  await tx.updateTable('invitation').set(revocation).where('tenant_id', '=', tx.tenantId).where('id', '=', id).execute()
}

/** Locked: of two who press the same link, one comes in. */
export const lockInvitation = async (tx: TenantTx, tokenHash: Buffer): Promise<Invitation | null> => {
  const row = await tx
    .selectFrom('invitation')
    .selectAll()
    .where('tenant_id', '=', tx.tenantId)
    .where('token_hash', '=', tokenHash)
    .forUpdate()
    .executeTakeFirst()
  return row ? toInvitation(row) : null
}

export const saveAcceptance = async (tx: TenantTx, id: number, telegramId: number, at: number): Promise<void> => {
  await tx
    .updateTable('invitation')
    .set({ accepted_at: toDate(at), accepted_by: telegramId })
    .where('tenant_id', '=', tx.tenantId)
    .where('id', '=', id)
    .execute()
}
