import type { Db } from '#server/db/pool.ts'
import { type OperatorTx, type TenantTx, asOperator, withinTenant } from '#server/db/tenant-scope.ts'
import { openEvidence } from '#server/modules/admin/index.ts'
import {
  type Payment,
  approvePayment,
  getPayment,
  listPayments,
  refundPayment,
  rejectPayment,
} from '#server/modules/billing/index.ts'
import { findTenant, listTenants } from '#server/modules/tenancy/index.ts'

import type { Handlers } from '../call.ts'

const shown = (payment: Payment, tenantName: string) => ({
  ...payment,
  tenantName,
  hasEvidenceFile: payment.evidenceFileId !== null,
})

const named = async (tx: OperatorTx, payment: Payment) =>
  shown(payment, (await findTenant(tx, payment.tenantId))?.name ?? '')

/** A decision about one payment within its tenant, and how it stands then. */
const deciding = (db: Db, id: number, decide: (tx: TenantTx) => Promise<Payment>) =>
  asOperator(db, 'decide a payment', async (tx) => {
    const { tenantId } = await getPayment(tx, { id })
    return named(tx, await withinTenant(tx, tenantId, decide))
  })

export const paymentQueueRoutes: Handlers['paymentQueue'] = ({ db, payments, box, files }) => ({
  evidence: ({ actor: { access }, params: { id } }) => openEvidence({ db, box, files }, id, access),
  list: ({ query: { cursor, limit, which } }) =>
    asOperator(db, 'list payments', async (tx) => {
      const filter = {
        ...(which === 'waiting' && { needsDecision: true }),
        ...(cursor !== undefined && { beforeId: Number(cursor) }),
      }
      const rows = await listPayments(tx, filter, limit)
      const names = new Map((await listTenants(tx)).map(({ id, name }) => [id, name]))
      return {
        items: rows.map((payment) => shown(payment, names.get(payment.tenantId) ?? '')),
        nextCursor: rows.length < limit ? null : String(rows.at(-1)?.id),
      }
    }),
  approve: ({ actor: { by, at }, params: { id } }) =>
    deciding(db, id, (tx) => approvePayment(tx, { paymentId: id, by, at, activate: payments.activate })),
  reject: ({ actor: { by, at }, params: { id }, body: { reason } }) =>
    deciding(db, id, (tx) => rejectPayment(tx, { paymentId: id, by, at, reason })),
  async refund({ actor: { by, at }, params: { id }, body: { isSentByHand } }) {
    const { tenantId } = await asOperator(db, 'a payment', (tx) => getPayment(tx, { id }))
    const payment = await refundPayment(payments, tenantId, { paymentId: id, by, at, isSentByHand })
    return asOperator(db, 'a payment', (tx) => named(tx, payment))
  },
})
