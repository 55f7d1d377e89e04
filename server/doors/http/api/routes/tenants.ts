import type { Db } from '#server/db/pool.ts'
import { asOperator, inTenant } from '#server/db/tenant-scope.ts'
import {
  type Customer,
  grantCustomerDays,
  listCustomers,
  reportTenant,
  setCustomerState,
} from '#server/modules/admin/index.ts'
import { listUsage } from '#server/modules/billing/index.ts'
import { setUpTenant } from '#server/modules/onboarding/index.ts'

import type { Handlers } from '../call.ts'
import { given } from '../given.ts'

const messagesOf = async (db: Db, { tenantId, package: name }: Customer, at: number) => {
  if (name === null) return null
  const usage = await inTenant(db, tenantId, (tx) => listUsage(tx, at))
  return usage.find((row) => row.name === 'messages_month') ?? null
}

const reasonOf = (reasons: readonly (string | null)[]): string | null =>
  reasons.filter((reason) => reason !== null).join(' · ') || null

export const allTenantRoutes: Handlers['tenants'] = (deps) => ({
  async list({ actor: { access }, at, query: { cursor, limit, search } }) {
    const offset = Number(cursor ?? 0)
    const { customers, total } = await asOperator(deps.db, 'list of customers', (tx) =>
      listCustomers(tx, access, search ?? null, { limit, offset }),
    )
    const items = []
    for (const customer of customers)
      items.push({ ...customer, id: customer.tenantId, messagesMonth: await messagesOf(deps.db, customer, at) })
    const next = offset + customers.length
    return { items, nextCursor: customers.length > 0 && next < total ? String(next) : null }
  },
  async get({ actor: { access }, at, params: { id } }) {
    const report = await reportTenant(deps, id, access, at)
    const { tenant, subscription, failures, accounts } = report
    return {
      ...report,
      ...tenant,
      package: subscription?.package ?? null,
      subscriptionState: subscription?.state ?? null,
      periodEndsAt: subscription?.periodEndsAt ?? null,
      failures: failures.byReason,
      sent: failures.sent,
      accounts: accounts.map((account) => ({
        ...account,
        reason: reasonOf([account.stateReason, account.healthReason, account.sendingStopped]),
      })),
    }
  },
  async create({ actor, body: { slug, name, package: packageName, ...more } }) {
    const order = { slug, name, package: packageName, ...given(more) }
    return setUpTenant(deps.db, order, { by: actor.by, at: actor.at })
  },
  setState: ({ actor, params: { id }, body }) =>
    asOperator(deps.db, 'state of a customer', async (tx) => {
      const { tenant, isChanged } = await setCustomerState(tx, id, body, actor)
      return { state: tenant.state, isChanged }
    }),
  extend: ({ actor, params: { id }, body: { days, requestId } }) =>
    asOperator(deps.db, 'days of a customer', async (tx) => {
      const gift = { days, reference: `web:${requestId}` }
      const { subscription, isNew } = await grantCustomerDays(tx, id, gift, actor)
      return { periodEndsAt: subscription.periodEndsAt, isNew }
    }),
})
