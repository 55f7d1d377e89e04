import { notFound } from '#server/base/errors.ts'
import { type OperatorTx, withinTenant } from '#server/db/tenant-scope.ts'
import { type GrantedDays, type Subscription, grantDays } from '#server/modules/billing/index.ts'
import {
  type ActingPerson,
  type Tenant,
  findTenant,
  requireCan,
  setTenantState,
} from '#server/modules/tenancy/index.ts'

import { noticeMembers } from './record-notices.ts'

/**
 * Suspends a customer or lets them work again: nothing is sent for a suspended one from the commit on, nothing of theirs
 * is lost, and their people are told. The state they are in already changes nothing. Audited with before and after.
 * Errors: `forbidden/not_allowed`, `not_found`, `invalid/text_length` for a reason that is not 1–200 characters.
 */
export const setCustomerState = async (
  tx: OperatorTx,
  tenantId: number,
  change: { readonly state: Tenant['state']; readonly reason: string },
  { by, access, at }: ActingPerson,
): Promise<{ readonly tenant: Tenant; readonly isChanged: boolean }> => {
  requireCan(access, 'tenants.activate')
  const before = await findTenant(tx, tenantId)
  if (!before) throw notFound('tenant', tenantId)
  if (before.state === change.state) return { tenant: before, isChanged: false }
  const tenant = await setTenantState(tx, tenantId, change, { by, at })
  const kind = change.state === 'active' ? 'tenant_active' : 'tenant_suspended'
  const params = { tenant: before.name }
  await noticeMembers(tx, tenantId, { kind, dedupeKey: `${kind}:${tenantId}:${at}`, params }, at)
  return { tenant, isChanged: true }
}

/** Gives a customer days; see {@link grantDays}. Errors: those, `forbidden/not_allowed`. */
export const grantCustomerDays = async (
  tx: OperatorTx,
  tenantId: number,
  gift: Pick<GrantedDays, 'days' | 'reference'>,
  { by, access, at }: ActingPerson,
): Promise<{ readonly subscription: Subscription; readonly isNew: boolean }> => {
  requireCan(access, 'licences.extend')
  return withinTenant(tx, tenantId, (inner) => grantDays(inner, { ...gift, by, at }))
}
