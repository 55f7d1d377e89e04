import { OPERATOR_ACTIONS, type OperatorAction, TENANT_ACTIONS, type TenantAction } from '#contract/actions.ts'
import type { MemberRole, OperatorRole } from '#contract/words.ts'
import { AppError } from '#server/base/errors.ts'

export type Action = TenantAction | OperatorAction

/** Who asks, as far as rights go. A removed member is nobody. */
export type Access =
  | { readonly kind: 'member'; readonly role: MemberRole }
  | { readonly kind: 'operator'; readonly role: OperatorRole }
  | { readonly kind: 'api_key'; readonly scopes: readonly TenantAction[] }
  | { readonly kind: 'nobody' }

const VIEWS: readonly TenantAction[] = [
  'panel.open',
  'tenant.view',
  'accounts.view',
  'settings.view',
  'segments.view',
  'strategies.view',
  'templates.view',
  'campaigns.view',
  'deliveries.view',
  'sales.view',
  'analytics.view',
  'support.ask',
]

/** Only an owner ends what is paid for or cannot be taken back. */
const OWNERS_ALONE: readonly TenantAction[] = ['billing.cancel', 'contacts.erase']

const GRANTS: Readonly<Record<MemberRole, ReadonlySet<TenantAction>>> = {
  owner: new Set(TENANT_ACTIONS),
  admin: new Set(TENANT_ACTIONS.filter((action) => !OWNERS_ALONE.includes(action))),
  agent: new Set([
    ...VIEWS,
    'sending.stop',
    'personas.view',
    'contacts.view',
    'contacts.edit',
    'conversations.view',
    'sales.fulfil',
    'conversations.reply',
  ]),
  analyst: new Set([...VIEWS, 'contacts.view', 'members.view']),
  billing: new Set(['panel.open', 'tenant.view', 'support.ask', 'billing.view', 'billing.pay', 'billing.change']),
}

const OPERATOR_GRANTS: Readonly<Record<OperatorRole, ReadonlySet<Action>>> = {
  operator: new Set<Action>([
    ...OPERATOR_ACTIONS,
    ...VIEWS,
    'sending.stop',
    'sending.resume',
    'members.view',
    'members.invite',
    'members.change_role',
    'members.remove',
    'keys.view',
    'keys.revoke',
    'webhooks.view',
    'audit.view',
    'billing.view',
    'billing.change',
    'billing.cancel',
    'accounts.control',
    'accounts.disconnect',
    'contacts.view',
  ]),
  support: new Set<Action>([
    'installation.view',
    'installation.errors',
    'tenants.view',
    'payments.view',
    'support.answer',
    ...VIEWS,
    'billing.view',
  ]),
}

/** What a key may be given: people, keys and money are for people. */
export const KEY_SCOPES: readonly TenantAction[] = TENANT_ACTIONS.filter(
  (action) => !/^(?:(?:panel|members|keys|billing|support)[.]|sales[.]decide$)/.test(action),
)

/** May whoever asks do this? Pure, total, and no by default. */
export const can = (access: Access, action: Action): boolean => {
  switch (access.kind) {
    case 'member':
      return (GRANTS[access.role] as ReadonlySet<Action>).has(action)
    case 'operator':
      return OPERATOR_GRANTS[access.role].has(action)
    case 'api_key':
      return (KEY_SCOPES as readonly Action[]).includes(action) && (access.scopes as readonly Action[]).includes(action)
    case 'nobody':
      return false
  }
}

/** Errors: `forbidden/not_allowed` naming the action. */
export const requireCan = (access: Access, action: Action): void => {
  if (!can(access, action)) throw new AppError('forbidden', 'not_allowed', { action })
}

/** Roles whoever asks may give and take: nobody makes or unmakes somebody who stands as high as they do, but owners. */
export const canGrant = (access: Access, role: MemberRole): boolean => {
  if (access.kind === 'operator') return access.role === 'operator'
  if (access.kind !== 'member') return false
  return access.role === 'owner' || (access.role === 'admin' && role !== 'owner' && role !== 'admin')
}

/** What says who a person is. */
export interface PersonalDetails {
  readonly telegramId?: number | null
  readonly username?: string | null
  readonly firstName?: string | null
  readonly lastName?: string | null
  readonly phone?: string | null
}

type Sight = 'all' | 'name' | 'none'

const sightOf = (access: Access): Sight => {
  if (access.kind === 'api_key') return access.scopes.includes('contacts.export') ? 'all' : 'none'
  if (access.kind !== 'member') return 'none'
  if (access.role === 'owner' || access.role === 'admin') return 'all'
  return access.role === 'agent' ? 'name' : 'none'
}

const SEEN: Readonly<Record<Sight, ReadonlySet<string>>> = {
  all: new Set(['telegramId', 'username', 'firstName', 'lastName', 'phone']),
  name: new Set(['firstName', 'lastName']),
  none: new Set(),
}

const DETAILS = ['telegramId', 'username', 'firstName', 'lastName', 'phone'] as const

/**
 * The contact as whoever asks may see it: owners and admins see who it is, agents the name they talk to, everybody else
 * (analysts, billing, operators and support) a number. What is hidden becomes null; everything else stays.
 */
export const maskContact = <T extends PersonalDetails>(access: Access, contact: T): T => {
  const seen = SEEN[sightOf(access)]
  const hidden = DETAILS.filter((detail) => detail in contact && !seen.has(detail))
  return { ...contact, ...Object.fromEntries(hidden.map((detail) => [detail, null])) }
}
