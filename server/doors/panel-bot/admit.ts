import { type Access, type Action, can } from '#server/modules/tenancy/index.ts'

import type { PanelCommand } from './panel-command.ts'
import type { Speaker, TalkTenant } from './talk.ts'

export type Admission =
  | { readonly kind: 'in'; readonly tenant: TalkTenant | null }
  /** Several tenants: which one? */
  | { readonly kind: 'choose' }
  /** Belongs to no tenant. */
  | { readonly kind: 'stranger' }
  /** To this person the command does not exist. */
  | { readonly kind: 'unknown' }
  | { readonly kind: 'forbidden' }

const operatorAccess = ({ operator }: Speaker): Access =>
  operator === null ? { kind: 'nobody' } : { kind: 'operator', role: operator.role }

/** What the speaker is in a tenant: a member first, then an operator, else nobody. */
const standingIn = (speaker: Speaker, tenantId: number): TalkTenant | null => {
  const member = speaker.memberships.find((membership) => membership.tenantId === tenantId)
  if (member) return { id: tenantId, access: { kind: 'member', role: member.role }, by: `member:${member.id}` }
  return speaker.operator === null
    ? null
    : { id: tenantId, access: operatorAccess(speaker), by: `operator:${speaker.operator.telegramId}` }
}

/**
 * Whether the speaker may use a command, and on which tenant; `tenantId` is the one a button names, 0 for none. Pure
 * and no by default.
 */
export const admit = (
  { audience, needs }: Pick<PanelCommand, 'audience'> & { readonly needs?: Action | undefined },
  speaker: Speaker,
  tenantId: number,
): Admission => {
  const allows = (access: Access): boolean => needs === undefined || can(access, needs)
  if (audience === 'operator') {
    if (speaker.operator === null) return { kind: 'unknown' }
    if (!allows(operatorAccess(speaker))) return { kind: 'forbidden' }
    return { kind: 'in', tenant: tenantId === 0 ? null : standingIn(speaker, tenantId) }
  }
  const named = tenantId === 0 ? null : standingIn(speaker, tenantId)
  if (tenantId !== 0 && named === null) return { kind: 'stranger' }
  const only = speaker.memberships.length === 1 ? speaker.memberships[0] : undefined
  const tenant = named ?? (only ? standingIn(speaker, only.tenantId) : null)
  if (audience === 'anyone' && needs === undefined) return { kind: 'in', tenant }
  if (tenant !== null) return allows(tenant.access) ? { kind: 'in', tenant } : { kind: 'forbidden' }
  if (speaker.memberships.length > 1) return { kind: 'choose' }
  if (speaker.operator === null) return { kind: 'stranger' }
  return allows(operatorAccess(speaker)) ? { kind: 'choose' } : { kind: 'forbidden' }
}
