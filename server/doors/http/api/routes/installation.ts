import { DAY_MS } from '#server/base/duration.ts'
import { type OperatorTx, asOperator } from '#server/db/tenant-scope.ts'
import {
  listErrors,
  listOpenFaults,
  reportInstallation,
  reportSupport,
  resolveFault,
} from '#server/modules/admin/index.ts'
import { reportRevenue } from '#server/modules/billing/index.ts'
import { reportOnboardingFunnel } from '#server/modules/onboarding/index.ts'
import {
  can,
  findSendingStop,
  listTenants,
  resumeAllSending,
  searchAudit,
  stopAllSending,
} from '#server/modules/tenancy/index.ts'

import type { Handlers } from '../call.ts'
import { given } from '../given.ts'

const MONTH_MS = 30 * DAY_MS

const revenueAt = async (tx: OperatorTx, at: number) => {
  const report = await reportRevenue(tx, { from: at - MONTH_MS, to: at })
  const { currency, mrrMinor, payingAtEnd: paying, churnRatio, packages } = report
  return { currency, mrrMinor, paying, churnRatio, paid: packages }
}

export const installationRoutes: Handlers['installation'] = ({ db, health }) => ({
  async overview({ actor: { access }, at }) {
    const figures = await asOperator(db, 'overview of the installation', async (tx) => ({
      sendingStopped: await findSendingStop(tx),
      counts: await reportInstallation(tx, access, at - DAY_MS),
      faults: await listOpenFaults(tx),
      tickets: await reportSupport(tx, { from: at - MONTH_MS, at }),
      revenue: can(access, 'installation.revenue') ? await revenueAt(tx, at) : null,
      onboarding: await reportOnboardingFunnel(tx, { since: at - MONTH_MS, until: at + 1 }),
    }))
    const { sendingStopped, counts, faults, tickets, revenue, onboarding } = figures
    const { paymentsWaiting, updatesWaiting, deliveriesWaiting, noticesWaiting } = counts
    return {
      sendingStopped,
      tenants: counts.tenants,
      accounts: counts.accounts,
      sent: counts.failures.sent,
      failed: counts.failures.byReason.reduce((sum, row) => sum + row.count, 0),
      waiting: {
        payments: paymentsWaiting,
        updates: updatesWaiting,
        deliveries: deliveriesWaiting,
        notices: noticesWaiting,
      },
      parked: { updates: counts.updatesParked, events: counts.eventsParked },
      openFaults: faults.length,
      tickets: { open: tickets.open, overdue: tickets.overdue },
      revenue,
      onboarding: { started: onboarding.started, steps: onboarding.steps },
      parts: await health(),
    }
  },
  async stop({ actor, body: { reason } }) {
    await asOperator(db, 'kill switch', (tx) => stopAllSending(tx, reason, actor))
    return {}
  },
  async resume({ actor }) {
    await asOperator(db, 'kill switch', (tx) => resumeAllSending(tx, actor))
    return {}
  },
  errors: ({ actor, query: { which, days } }) =>
    asOperator(db, 'errors', (tx) =>
      listErrors(tx, { days, isOpen: which === 'all' ? null : which === 'open' }, actor),
    ),
  async resolveFault({ actor, body }) {
    await asOperator(db, 'resolve a fault', (tx) => resolveFault(tx, body, actor))
    return {}
  },
  audit: ({ query: { cursor, limit, ...filter } }) =>
    asOperator(db, 'audit log', async (tx) => {
      const before = cursor === undefined ? {} : { beforeId: Number(cursor) }
      const lines = await searchAudit(tx, { ...given(filter), ...before }, limit)
      const names = new Map((await listTenants(tx)).map(({ id, name }) => [id, name]))
      return {
        items: lines.map((line) => ({
          ...line,
          tenantName: line.tenantId === null ? null : (names.get(line.tenantId) ?? null),
        })),
        nextCursor: lines.length < limit ? null : String(lines.at(-1)?.id),
      }
    }),
})
