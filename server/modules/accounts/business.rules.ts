import type { MemberRole } from '#contract/words.ts'
import type { AccountPurpose } from './account.rules.ts'

/** A connection as Telegram tells of it: a person lets a bot of ours work in their private chats. */
export interface BusinessConnection {
  readonly connectionId: string
  readonly ownerTelegramId: number
  /** The owner's private chat with the bot. */
  readonly userChatId: number
  readonly displayName: string
  readonly username: string | null
  /** Telegram's names of what is allowed (`can_reply`, …). */
  readonly rights: readonly string[]
  readonly isEnabled: boolean
}

/** Why a connection became no account. */
export type UnlinkedReason = 'owner_unknown' | 'several_tenants' | 'linked_elsewhere'

/** A stored connection that waits for somebody to say whose it is. */
export interface WaitingConnection extends BusinessConnection {
  readonly viaAccountId: number
  readonly reason: UnlinkedReason
}

/** What the choice of a tenant looks at. */
export interface OwnerFacts {
  readonly via: { readonly tenantId: number; readonly purpose: AccountPurpose; readonly ownerTelegramId: number | null }
  readonly ownerTelegramId: number
  readonly memberships: readonly { readonly tenantId: number; readonly role: MemberRole }[]
  /** The tenant whose newcomer is at the step of linking an account. */
  readonly awaitingTenantId: number | null
}

const MAY_LINK: ReadonlySet<MemberRole> = new Set(['owner', 'admin'])

/**
 * Whose account a connection becomes by itself. Anybody may connect a public bot, so at a tenant's own bot only who may
 * link accounts there is believed; at the panel's bot it must be clear which tenant is meant.
 */
export const chooseTenant = (
  facts: OwnerFacts,
): { readonly tenantId: number } | { readonly reason: Exclude<UnlinkedReason, 'linked_elsewhere'> } => {
  const { via, ownerTelegramId, awaitingTenantId } = facts
  const own = facts.memberships.filter(({ role }) => MAY_LINK.has(role)).map(({ tenantId }) => tenantId)
  if (via.purpose === 'contacts') {
    const isKnown = via.ownerTelegramId === ownerTelegramId || own.includes(via.tenantId)
    return isKnown ? { tenantId: via.tenantId } : { reason: 'owner_unknown' }
  }
  if (awaitingTenantId !== null) return { tenantId: awaitingTenantId }
  const [only, ...others] = own
  if (only === undefined) return { reason: 'owner_unknown' }
  return others.length === 0 ? { tenantId: only } : { reason: 'several_tenants' }
}

/** Reasons after which a connection that is on makes the account work again by itself. */
export const staysEnded = (stateReason: string | null, wasEnabled: boolean): boolean =>
  // Somebody of ours ended it: only connecting anew in Telegram, or a member, brings it back.
  stateReason === 'disconnected_by_member' && wasEnabled

const UPDATE_IDS_PER_BOT = 2 ** 31

/**
 * The number of a bot's update in the inbox of a business account: it may speak through one bot after another, and their
 * numbers may meet. Telegram's numbers stay below 2^31.
 */
export const businessUpdateId = (viaAccountId: number, updateId: number): number =>
  viaAccountId * UPDATE_IDS_PER_BOT + updateId
