import { OPERATOR_ACTIONS, type OperatorAction, TENANT_ACTIONS, type TenantAction } from '#contract/actions.ts'
import type { Route } from '#contract/route.ts'
import { AppError, invalid, notFound } from '#server/base/errors.ts'
import { asOperator, type OperatorTx } from '#server/db/tenant-scope.ts'
import {
  type Access,
  type ActingPerson,
  type CurrentSession,
  type Member,
  type Tenant,
  type WebPerson,
  can,
  findOperator,
  findTenant,
  listMemberships,
  listTenants,
  noteOperatorVisit,
  requireCan,
} from '#server/modules/tenancy/index.ts'

import type { ApiDeps } from './api-deps.ts'
import type { Caller } from './caller.ts'

/** What letting somebody in takes. */
export type AdmitDeps = Pick<ApiDeps, 'clock' | 'consoleTenantSlug' | 'db' | 'isSecondFactorRequired' | 'pace'>

const NOBODY: Access = { kind: 'nobody' }

/** A tenant somebody may see, and what they are there. */
export interface Standing {
  readonly tenant: Tenant
  readonly access: Access
  /** For the audit log. */
  readonly by: string
}

/** What the person is to the installation, whatever they have proved. Whoever has its console runs it. */
export const rawOperatorAccess = async (tx: OperatorTx, { telegramId }: WebPerson): Promise<Access> => {
  if (telegramId === null) return { kind: 'operator', role: 'operator' }
  const operator = await findOperator(tx, telegramId)
  return operator ? { kind: 'operator', role: operator.role } : NOBODY
}

/** What the person may do to the installation: nothing while a second factor is asked of operators and they have none. */
export const operatorAccess = async (
  tx: OperatorTx,
  { isSecondFactorRequired }: Pick<ApiDeps, 'isSecondFactorRequired'>,
  session: CurrentSession,
): Promise<Access> =>
  session.secondFactor === 'owed' || (isSecondFactorRequired && session.secondFactor !== 'passed')
    ? NOBODY
    : rawOperatorAccess(tx, session)

const nameOf = ({ telegramId }: WebPerson): string => `operator:${telegramId ?? 'console'}`

/** What the person is to one tenant; null where they are nothing. */
const standingIn = (
  tenant: Tenant,
  session: WebPerson,
  membership: Pick<Member, 'id' | 'role'> | undefined,
  { operator, consoleTenantSlug }: { readonly operator: Access; readonly consoleTenantSlug: string | null },
): Standing | null => {
  if (membership) return { tenant, access: { kind: 'member', role: membership.role }, by: `member:${membership.id}` }
  if (session.telegramId === null && tenant.slug === consoleTenantSlug)
    return { tenant, access: { kind: 'member', role: 'owner' }, by: nameOf(session) }
  return operator.kind === 'operator' ? { tenant, access: operator, by: nameOf(session) } : null
}

const membershipsOf = async (tx: OperatorTx, { telegramId }: WebPerson): Promise<readonly Member[]> =>
  telegramId === null ? [] : listMemberships(tx, telegramId)

/** Every tenant the person is a member of; for an operator all others, too. */
export const listStandings = async (
  tx: OperatorTx,
  deps: Pick<ApiDeps, 'consoleTenantSlug' | 'isSecondFactorRequired'>,
  session: CurrentSession,
): Promise<readonly Standing[]> => {
  const { consoleTenantSlug } = deps
  const memberships = await membershipsOf(tx, session)
  const operator = await operatorAccess(tx, deps, session)
  return (await listTenants(tx)).flatMap((tenant) => {
    const membership = memberships.find(({ tenantId }) => tenantId === tenant.id)
    return standingIn(tenant, session, membership, { operator, consoleTenantSlug }) ?? []
  })
}

/** Errors: `forbidden/no_tenant`; `invalid/tenant_choose` where there are several. */
const onlyStanding = (standings: readonly Standing[]): Standing => {
  const [only, another] = standings
  if (!only) throw new AppError('forbidden', 'no_tenant')
  if (!another) return only
  throw invalid('tenant_choose', 'X-Tenant', { known: standings.map(({ tenant }) => tenant.slug).join(', ') })
}

/** The tenant of this number, else of this short name, which may be digits, too. */
const findGiven = async (tx: OperatorTx, given: string): Promise<Tenant | null> =>
  (/^\d{1,15}$/.test(given) ? await findTenant(tx, Number(given)) : null) ?? findTenant(tx, given)

/** Reads one tenant where the call names it, as every call of a screen does. Errors: `not_found`, those of {@link onlyStanding}. */
const standingOfPerson = async (
  tx: OperatorTx,
  deps: AdmitDeps,
  session: CurrentSession,
  given: string | null,
): Promise<Standing> => {
  if (given === null || given === '') return onlyStanding(await listStandings(tx, deps, session))
  const tenant = await findGiven(tx, given)
  const { consoleTenantSlug } = deps
  const membership = (await membershipsOf(tx, session)).find(({ tenantId }) => tenantId === tenant?.id)
  const operator = membership ? NOBODY : await operatorAccess(tx, deps, session)
  const standing = tenant && standingIn(tenant, session, membership, { operator, consoleTenantSlug })
  if (!standing) throw notFound('tenant', given.slice(0, 70))
  return standing
}

/** Of a suspended tenant everything can be looked at, paid and asked about, and nothing else changed. */
const requireRunning = ({ tenant }: Standing, action: TenantAction, method: Route['method']): void => {
  if (tenant.state === 'active' || method === 'GET' || /^(?:billing|support)[.]/.test(action)) return
  throw new AppError('forbidden', 'tenant_suspended', { tenant: tenant.name })
}

const isTenantAction = (access: string): access is TenantAction =>
  (TENANT_ACTIONS as readonly string[]).includes(access)
const isOperatorAction = (access: string): access is OperatorAction =>
  (OPERATOR_ACTIONS as readonly string[]).includes(access)

export type Admission =
  | { readonly kind: 'anybody' }
  | { readonly kind: 'session'; readonly caller: Caller }
  | { readonly kind: 'operator'; readonly caller: Caller; readonly actor: ActingPerson }
  | { readonly kind: 'tenant'; readonly caller: Caller; readonly tenant: Tenant; readonly actor: ActingPerson }

const standingOf = (deps: AdmitDeps, caller: Caller, given: string | null): Promise<Standing> =>
  asOperator(deps.db, 'tenant of a call', async (tx) => {
    if (caller.kind === 'person') {
      const standing = await standingOfPerson(tx, deps, caller.session, given)
      if (standing.access.kind === 'operator') {
        const visit = { tenant: standing.tenant, sessionId: caller.session.id, by: standing.by }
        await noteOperatorVisit(tx, visit, { now: deps.pace.now(), at: deps.clock.now() })
      }
      return standing
    }
    const tenant = await findTenant(tx, caller.tenantId)
    if (!tenant || (given !== null && given !== String(tenant.id) && given !== tenant.slug))
      throw notFound('tenant', given?.slice(0, 70) ?? caller.tenantId)
    return { tenant, access: caller.access, by: `key:${caller.keyId}` }
  })

/** A session that owes a code is good for nothing but giving one. */
const requireWhole = (caller: Caller): void => {
  if (caller.kind === 'person' && caller.session.secondFactor === 'owed')
    throw new AppError('forbidden', 'second_factor_needed')
}

/**
 * Lets a call in to a route, or says why not. Whatever a route does not grant is denied. Errors: `unauthenticated`,
 * `forbidden` with `not_allowed`, `no_tenant`, `tenant_suspended`, `second_factor_needed` or `second_factor_required`,
 * `not_found`, `invalid/tenant_choose`.
 */
export const admit = async (
  deps: AdmitDeps,
  { access, method }: Pick<Route, 'access' | 'method'>,
  caller: Caller | null,
  givenTenant: string | null,
): Promise<Admission> => {
  if (access === 'public') return { kind: 'anybody' }
  if (caller === null) throw new AppError('unauthenticated', 'sign_in_needed')
  const at = deps.clock.now()
  if (access === 'session' || access === 'half_session') {
    if (caller.kind !== 'person') throw new AppError('forbidden', 'not_for_keys')
    if (access === 'session') requireWhole(caller)
    return { kind: 'session', caller }
  }
  requireWhole(caller)
  if (isOperatorAction(access)) {
    if (caller.kind !== 'person') throw new AppError('forbidden', 'not_for_keys')
    const { session } = caller
    const [raw, operator] = await asOperator(deps.db, 'operator of a call', async (tx) => [
      await rawOperatorAccess(tx, session),
      await operatorAccess(tx, deps, session),
    ])
    if (can(raw, access) && !can(operator, access)) throw new AppError('forbidden', 'second_factor_required')
    requireCan(operator, access)
    return { kind: 'operator', caller, actor: { by: nameOf(session), access: operator, at } }
  }
  if (!isTenantAction(access)) throw new Error(`nobody may do "${String(access)}"`)
  const standing = await standingOf(deps, caller, givenTenant)
  requireCan(standing.access, access)
  requireRunning(standing, access, method)
  return { kind: 'tenant', caller, tenant: standing.tenant, actor: { by: standing.by, access: standing.access, at } }
}

/** What may be done with this access, of all there is. */
export const actionsOf = <A extends TenantAction | OperatorAction>(access: Access, all: readonly A[]): readonly A[] =>
  all.filter((action) => can(access, action))
