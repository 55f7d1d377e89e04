import { PAYMENT_STATES } from '#contract/words.ts'
import { asOperator, narrowToTenant } from '#server/db/tenant-scope.ts'
import {
  type Payment,
  activatePaidPackage,
  approvePayment,
  getPayment,
  listPayments,
  refundPayment,
  rejectPayment,
} from '#server/modules/billing/index.ts'
import { listTenants } from '#server/modules/tenancy/index.ts'

import { type CommandGroup, command } from '../command.ts'
import type { CommandInput } from '../command-input.ts'
import { ACTOR, type CliContext } from '../context.ts'
import { renderPairs, renderTable } from '../present/table.ts'
import { invalid } from '#server/base/errors.ts'

type Shown = Payment & { readonly tenant: string }

const stateOf = ({ t }: CliContext, { state, reviewReason }: Payment): string => {
  const words = t(`words:paymentState.${state}`)
  return reviewReason === null ? words : `${words}: ${t(`words:paymentReview.${reviewReason}`)}`
}

const moneyOf = ({ formats }: CliContext, { amountMinor, currency }: Payment['asked']): string =>
  formats.money(amountMinor, currency)

/** The queue of all tenants unless asked for more: what waits for a person, newest first. */
const list = command({
  name: 'list',
  options: [
    { name: 'state', value: 'state' },
    { name: 'all' },
    { name: 'limit', value: 'count' },
    { name: 'before', value: 'id' },
  ],
  run: async (context, input) => {
    const state = input.oneOf('state', PAYMENT_STATES)
    const beforeId = input.whole('before', 1, Number.MAX_SAFE_INTEGER)
    const filter = {
      ...(state !== null && { states: [state] }),
      ...(state === null && !input.isOn('all') && { needsDecision: true }),
      ...(beforeId !== null && { beforeId }),
    }
    return asOperator(await context.db(), 'list payments', async (tx): Promise<readonly Shown[]> => {
      const slugs = new Map((await listTenants(tx)).map(({ id, slug }) => [id, slug]))
      const payments = await listPayments(tx, filter, input.whole('limit', 1, 200) ?? 50)
      return payments.map((payment) => ({ ...payment, tenant: slugs.get(payment.tenantId) ?? '' }))
    })
  },
  render: (context, rows) => {
    const { t, terminal, formats, now } = context
    return renderTable(
      terminal,
      [
        { title: t('payments.reference'), value: (row) => row.reference },
        { title: t('column.slug'), value: (row) => row.tenant },
        { title: t('packages.package'), value: (row) => t(`words:package.${row.package}`) },
        { title: t('payments.asked'), value: (row) => moneyOf(context, row.asked), align: 'right' },
        {
          title: t('payments.received'),
          value: (row) => (row.received === null ? '' : moneyOf(context, row.received)),
          align: 'right',
        },
        { title: t('payments.way'), value: (row) => t(`words:paymentProvider.${row.provider}`) },
        { title: t('column.state'), value: (row) => stateOf(context, row) },
        { title: t('payments.created'), value: (row) => formats.relative(row.createdAt, now()) },
      ],
      rows,
      t('payments.none'),
    )
  },
})

const findByReference = async (context: CliContext, input: CommandInput): Promise<Payment> => {
  const reference = input.arg('reference').trim().toUpperCase()
  return asOperator(await context.db(), 'find a payment', (tx) => getPayment(tx, { reference }))
}

const show = command({
  name: 'show',
  args: [{ name: 'reference' }],
  run: findByReference,
  render: (context, payment) => {
    const { t, terminal, formats, now } = context
    const { received, claimedBy, claimedAt, decidedBy, decidedAt, decisionNote } = payment
    return renderPairs(terminal, [
      [t('payments.reference'), payment.reference],
      [t('packages.package'), t(`words:package.${payment.package}`)],
      [t('payments.asked'), moneyOf(context, payment.asked)],
      [t('payments.received'), received === null ? '–' : moneyOf(context, received)],
      [t('payments.way'), t(`words:paymentProvider.${payment.provider}`)],
      [t('column.state'), stateOf(context, payment)],
      [t('payments.created'), formats.relative(payment.createdAt, now())],
      [t('payments.claimed'), claimedAt === null ? '–' : `${claimedBy ?? ''} · ${formats.relative(claimedAt, now())}`],
      [t('payments.evidence'), payment.evidenceText ?? payment.evidenceFileId ?? '–'],
      [t('payments.decided'), decidedAt === null ? '–' : `${decidedBy ?? ''} · ${formats.relative(decidedAt, now())}`],
      [t('payments.note'), decisionNote ?? '–'],
    ])
  },
})

const sayState = (context: CliContext, payment: Payment): string =>
  context.t('payments.isNow', { reference: payment.reference, state: stateOf(context, payment) })

const approve = command({
  name: 'approve',
  args: [{ name: 'reference' }],
  run: async (context, input) => {
    const found = await findByReference(context, input)
    const { reference } = found
    await context.confirm(context.t('payments.approveSure', { reference, amount: moneyOf(context, found.asked) }))
    return context.changeInstallation(async (tx) =>
      approvePayment(await narrowToTenant(tx, found.tenantId), {
        paymentId: found.id,
        by: ACTOR,
        at: context.now(),
        activate: activatePaidPackage,
      }),
    )
  },
  render: sayState,
})

const reject = command({
  name: 'reject',
  args: [{ name: 'reference' }],
  options: [{ name: 'reason', value: 'text', required: true }],
  run: async (context, input) => {
    const found = await findByReference(context, input)
    await context.confirm(context.t('payments.rejectSure', { reference: found.reference }))
    const reason = input.text('reason') ?? ''
    return context.changeInstallation(async (tx) =>
      rejectPayment(await narrowToTenant(tx, found.tenantId), {
        paymentId: found.id,
        by: ACTOR,
        at: context.now(),
        reason,
      }),
    )
  },
  render: sayState,
})

const refund = command({
  name: 'refund',
  args: [{ name: 'reference' }],
  options: [{ name: 'by-hand' }],
  run: async (context, input) => {
    // Money that went back cannot be undone, so there is nothing to rehearse.
    if (context.options.dryRun) throw invalid('no_dry_run', '--dry-run')
    const found = await findByReference(context, input)
    const { reference, tenantId, received } = found
    await context.confirm(
      context.t('payments.refundSure', { reference, amount: moneyOf(context, received ?? found.asked) }),
    )
    const deps = await context.host.payments(await context.db())
    const order = { paymentId: found.id, by: ACTOR, at: context.now(), isSentByHand: input.isOn('by-hand') }
    return refundPayment(deps, tenantId, order)
  },
  render: sayState,
})

export const payments: CommandGroup = { name: 'payments', commands: [list, show, approve, reject, refund] }
