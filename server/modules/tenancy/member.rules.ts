import { MEMBER_ROLES, type MemberRole } from '#contract/words.ts'
import { invalid } from '#server/base/errors.ts'
import { DAY_MS } from '#server/base/duration.ts'

import type { Access } from './access.rules.ts'

/** A person of a tenant. `id` is the number the audit log names: `member:12`. */
export interface Member {
  readonly tenantId: number
  readonly id: number
  readonly telegramId: number
  readonly role: MemberRole
  readonly name: string
  readonly invitedBy: string
  readonly joinedAt: number
}

export interface Invitation {
  readonly id: number
  readonly role: MemberRole
  readonly invitedBy: string
  readonly invitedAt: number
  readonly expiresAt: number
  readonly acceptedAt: number | null
  readonly revokedAt: number | null
}

/** Who changes something, with what rights, and when. */
export interface ActingPerson {
  /** For the audit log: `member:12`, `operator:777`, `cli`, `system`. */
  readonly by: string
  readonly access: Access
  readonly at: number
}

export const INVITATION_MS = 7 * DAY_MS

/** Errors: `invalid/unknown_word`. */
export const checkRole = (role: MemberRole): MemberRole => {
  if (!MEMBER_ROLES.includes(role))
    throw invalid('unknown_word', 'role', { given: role, allowed: MEMBER_ROLES.join(', ') })
  return role
}

/** Telegram's numbers for people are positive and below 2^52. Errors: `invalid/telegram_id_expected`, `invalid/text_length`. */
export const checkPerson = (person: {
  readonly telegramId: number
  readonly name: string
}): { readonly telegramId: number; readonly name: string } => {
  if (!Number.isSafeInteger(person.telegramId) || person.telegramId <= 0 || person.telegramId >= 2 ** 52)
    throw invalid('telegram_id_expected', 'telegramId', { given: String(person.telegramId) })
  const name = person.name.trim().slice(0, 100)
  if (name === '') throw invalid('text_length', 'name', { min: 1, max: 100, length: 0 })
  return { telegramId: person.telegramId, name }
}

export type InvitationFault = 'unknown' | 'used' | 'revoked' | 'expired'

/** Why an invitation lets nobody in; null when it does. */
export const invitationFault = (invitation: Invitation | null, now: number): InvitationFault | null => {
  if (invitation === null) return 'unknown'
  if (invitation.acceptedAt !== null) return 'used'
  if (invitation.revokedAt !== null) return 'revoked'
  return now >= invitation.expiresAt ? 'expired' : null
}
