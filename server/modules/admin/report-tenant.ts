import { DAY_MS } from '#server/base/duration.ts'
import { notFound } from '#server/base/errors.ts'
import type { Db } from '#server/db/pool.ts'
import { type TenantTx, asOperator, inTenant } from '#server/db/tenant-scope.ts'
import { type Account, type ParkedUpdate, listAccounts, listParkedUpdates } from '#server/modules/accounts/index.ts'
import {
  type Payment,
  type Subscription,
  type Usage,
  findSubscription,
  listPayments,
  listUsage,
} from '#server/modules/billing/index.ts'
import {
  type Access,
  type Member,
  type Tenant,
  findTenant,
  listMembers,
  requireCan,
} from '#server/modules/tenancy/index.ts'

import { type RecentFailures, selectFailures, selectOnboardingState } from './customer.store.ts'
import { seesPeople } from './list-customers.ts'
import { findPanelPerson } from './panel-person.store.ts'
import type { Ticket } from './ticket.rules.ts'
import { selectTickets } from './ticket.store.ts'

const PAYMENTS_SHOWN = 5
const PARKED_SHOWN = 5
const TICKETS_SHOWN = 5
const FAILURES_MS = 7 * DAY_MS

/** Somebody of the tenant as far as the viewer may see them: without the right, number and user name are null. */
export interface SeenMember extends Pick<Member, 'id' | 'role' | 'joinedAt'> {
  readonly telegramId: number | null
  readonly username: string | null
  readonly name: string
}

export interface TenantReport {
  readonly tenant: Tenant
  readonly members: readonly SeenMember[]
  /** Null for a tenant that has chosen no package yet. */
  readonly subscription: Subscription | null
  /** Until the period ends, ms; negative once it is over, null for no end. */
  readonly remainingMs: number | null
  readonly payments: readonly Payment[]
  /** The panel's own left out. */
  readonly accounts: readonly Account[]
  readonly usage: readonly Usage[]
  /** Of the last seven days. */
  readonly failures: RecentFailures
  readonly parked: readonly ParkedUpdate[]
  /** Not closed ones, the most urgent first. */
  readonly tickets: readonly Ticket[]
  readonly onboarding: Awaited<ReturnType<typeof selectOnboardingState>>
}

/** `Ayşe Yılmaz` as `A. Y.`. */
const initials = (name: string): string =>
  name
    .split(/\s+/)
    .filter((word) => word !== '')
    .map((word) => `${/^./u.exec(word)?.[0] ?? ''}.`)
    .join(' ')

const listSeen = async (
  { db, access }: { readonly db: Db; readonly access: Access },
  members: readonly Member[],
): Promise<readonly SeenMember[]> => {
  if (!seesPeople(access))
    return members.map(({ id, role, joinedAt, name }) => ({
      id,
      role,
      joinedAt,
      telegramId: null,
      username: null,
      name: initials(name),
    }))
  return asOperator(db, 'names of members', async (tx) => {
    const seen: SeenMember[] = []
    for (const { id, role, joinedAt, name, telegramId } of members) {
      const person = await findPanelPerson(tx, telegramId)
      seen.push({ id, role, joinedAt, name, telegramId, username: person?.username ?? null })
    }
    return seen
  })
}

const readInside = async (tx: TenantTx, hasPackage: boolean, at: number) => ({
  members: await listMembers(tx),
  payments: await listPayments(tx, {}, PAYMENTS_SHOWN),
  accounts: (await listAccounts(tx)).filter((account) => account.purpose === 'contacts'),
  usage: hasPackage ? await listUsage(tx, at) : [],
  failures: await selectFailures(tx, at - FAILURES_MS),
  parked: await listParkedUpdates(tx, PARKED_SHOWN),
  tickets: (await selectTickets(tx, { states: ['open', 'answered'] }, { limit: TICKETS_SHOWN, offset: 0 })).tickets,
})

/**
 * Everything an operator wants to know of one customer: package and remaining time, people (masked by role), payments,
 * accounts with their health, use and limits, errors of a week, open tickets, onboarding. Errors: `forbidden/not_allowed`,
 * `not_found`.
 */
export const reportTenant = async (
  { db }: { readonly db: Db },
  tenantId: number,
  access: Access,
  at: number,
): Promise<TenantReport> => {
  requireCan(access, 'tenants.view')
  const above = await asOperator(db, 'report of a tenant', async (tx) => ({
    tenant: await findTenant(tx, tenantId),
    subscription: await findSubscription(tx, tenantId),
    onboarding: await selectOnboardingState(tx, tenantId),
  }))
  const { tenant, subscription, onboarding } = above
  if (!tenant) throw notFound('tenant', tenantId)
  const inside = await inTenant(db, tenantId, (tx) => readInside(tx, subscription !== null, at))
  const endsAt = subscription?.periodEndsAt ?? null
  return {
    ...inside,
    tenant,
    subscription,
    onboarding,
    members: await listSeen({ db, access }, inside.members),
    remainingMs: endsAt === null ? null : endsAt - at,
  }
}
