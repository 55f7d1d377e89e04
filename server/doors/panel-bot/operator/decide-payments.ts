import { AppError, notFound } from '#server/base/errors.ts'
import { asOperator, withinTenant } from '#server/db/tenant-scope.ts'
import { openAccount } from '#server/modules/accounts/index.ts'
import { type Payment, approvePayment, getPayment, listPayments, rejectPayment } from '#server/modules/billing/index.ts'
import { can, findTenant, listTenants } from '#server/modules/tenancy/index.ts'

import { pageOf, pageRow } from '../paging.ts'
import type { PanelCommand } from '../panel-command.ts'
import type { PanelButton, Reply } from '../reply.ts'
import { isolate, momentText, moneyText, numberText, say } from '../say.ts'
import { type Talk, actingOperator } from '../talk.ts'

/** Longest waiting first: nobody is overtaken. */
const listQueue = (talk: Talk) =>
  asOperator(talk.deps.db, 'payments that wait', async (tx) => {
    const payments = (await listPayments(tx, { needsDecision: true }, 200)).toReversed()
    const names = new Map((await listTenants(tx)).map(({ id, name }) => [id, name]))
    return payments.map((payment) => ({ payment, name: names.get(payment.tenantId) ?? '' }))
  })

const showQueue = async (talk: Talk, wanted: number): Promise<Reply> => {
  const queue = await listQueue(talk)
  const page = pageOf(queue, wanted)
  const rows = page.items.map(({ payment, name }) => [
    {
      label: `${payment.reviewReason === null ? '🕐' : '⚠️'} ${name} · ${moneyText(talk, payment.asked.amountMinor, payment.asked.currency)}`,
      action: 'pay.show',
      args: [payment.id],
    },
  ])
  const key = queue.length === 0 ? 'operator.payments.none' : 'operator.payments.title'
  return {
    text: say(talk, key, { number: numberText(talk, queue.length) }),
    rows: [...rows, pageRow({ ...talk, tenant: null }, 'pay.page', page)],
  }
}

const idOf = (talk: Talk): number => {
  const id = Number(talk.args[0] ?? Number.NaN)
  if (!Number.isSafeInteger(id) || id < 1) throw notFound('payment', (talk.args[0] ?? '').slice(0, 20))
  return id
}

const readPayment = (talk: Talk, id: number): Promise<{ readonly payment: Payment; readonly name: string }> =>
  asOperator(talk.deps.db, 'a payment', async (tx) => {
    const payment = await getPayment(tx, { id })
    return { payment, name: (await findTenant(tx, payment.tenantId))?.name ?? '' }
  })

const waits = ({ state, reviewReason }: Payment): boolean => state === 'claimed' || reviewReason !== null

/** What came in beside what was asked for: the one thing that must not be overlooked. */
const amountLine = (talk: Talk, { asked, received, provider }: Payment): string => {
  const params = {
    asked: moneyText(talk, asked.amountMinor, asked.currency),
    received: received === null ? '–' : moneyText(talk, received.amountMinor, received.currency),
  }
  if (received === null)
    return say(talk, provider === 'transfer' ? 'operator.payments.checkBank' : 'operator.payments.asked', params)
  const isSame = received.amountMinor === asked.amountMinor && received.currency === asked.currency
  return say(talk, isSame ? 'operator.payments.same' : 'operator.payments.differs', params)
}

const describe = (talk: Talk, payment: Payment, name: string): string => {
  const { claimedAt, claimedBy, evidenceText, evidenceFileId, reviewReason, decidedBy } = payment
  const lines = [
    say(talk, 'operator.payments.head', { name: isolate(name), reference: payment.reference }),
    say(talk, 'operator.payments.what', {
      package: talk.t(`words:package.${payment.package}`),
      provider: talk.t(`words:paymentProvider.${payment.provider}`),
      state: talk.t(`words:paymentState.${payment.state}`),
    }),
    amountLine(talk, payment),
    reviewReason === null
      ? ''
      : say(talk, 'operator.payments.review', { why: talk.t(`words:paymentReview.${reviewReason}`) }),
    claimedAt === null
      ? ''
      : say(talk, 'operator.payments.claimed', { at: momentText(talk, claimedAt), by: isolate(claimedBy ?? '') }),
    evidenceText === null ? '' : say(talk, 'operator.payments.evidence', { text: isolate(evidenceText.slice(0, 800)) }),
    evidenceFileId === null ? '' : talk.t('operator.payments.hasFile'),
    decidedBy === null
      ? ''
      : say(talk, 'operator.payments.decided', { by: isolate(decidedBy), note: isolate(payment.decisionNote ?? '') }),
  ]
  return lines.filter((line) => line !== '').join('\n')
}

const buttonsOf = (talk: Talk, payment: Payment): readonly (readonly PanelButton[])[] => {
  const args = [payment.id]
  const decides = waits(payment) && can(actingOperator(talk).access, 'payments.decide')
  const amount = moneyText(talk, payment.asked.amountMinor, payment.asked.currency)
  return [
    decides
      ? [
          { label: talk.t('operator.button.approve', { amount }), action: 'pay.ok', args },
          { label: talk.t('operator.button.reject'), action: 'pay.no', args },
        ]
      : [],
    payment.evidenceFileId === null ? [] : [{ label: talk.t('operator.button.evidence'), action: 'pay.file', args }],
    [
      { label: talk.t('operator.button.detail'), action: 'det', tenantId: payment.tenantId },
      { label: talk.t('operator.button.queue'), action: 'pay' },
    ],
  ]
}

const showPayment = async (talk: Talk, above = ''): Promise<Reply> => {
  const { payment, name } = await readPayment(talk, idOf(talk))
  const text = describe(talk, payment, name)
  return { text: above === '' ? text : `${above}\n\n${text}`, rows: buttonsOf(talk, payment) }
}

const approveQuestion = async (talk: Talk): Promise<string> => {
  const { payment, name } = await readPayment(talk, idOf(talk))
  const amount = moneyText(talk, payment.asked.amountMinor, payment.asked.currency)
  const params = { amount, reference: payment.reference, name: isolate(name) }
  return `${say(talk, 'operator.payments.sure', params)}\n\n${amountLine(talk, payment)}`
}

/** Of two who approve at once, one approves and the other is told who did. */
const approve = async (talk: Talk): Promise<Reply> => {
  const { by, at } = actingOperator(talk)
  const paymentId = idOf(talk)
  const { activate } = talk.deps.payments
  const { before, after } = await asOperator(talk.deps.db, 'approve a payment', async (tx) => {
    const { tenantId } = await getPayment(tx, { id: paymentId })
    return withinTenant(tx, tenantId, async (inner) => {
      const before = await getPayment(inner, { id: paymentId })
      return { before, after: await approvePayment(inner, { paymentId, by, at, activate }) }
    })
  })
  const isMine = waits(before) && after.decidedBy === by && after.decidedAt === at
  const who = isolate(after.decidedBy ?? '–')
  return showPayment(
    talk,
    isMine ? talk.t('operator.payments.approved') : say(talk, 'operator.payments.already', { who }),
  )
}

const reject = async (talk: Talk, reason: string): Promise<Reply> => {
  const { by, at } = actingOperator(talk)
  const paymentId = idOf(talk)
  await asOperator(talk.deps.db, 'reject a payment', async (tx) => {
    const { tenantId } = await getPayment(tx, { id: paymentId })
    return withinTenant(tx, tenantId, (inner) => rejectPayment(inner, { paymentId, by, at, reason }))
  })
  return showPayment(talk, talk.t('operator.payments.rejected'))
}

/** Shows the photo or file a claim was made with: Telegram takes an id back as what it was alone. */
const showFile = async (talk: Talk): Promise<Reply> => {
  const { payment } = await readPayment(talk, idOf(talk))
  const source = payment.evidenceFileId
  if (source === null) return { toast: talk.t('operator.payments.noFile') }
  const account = await openAccount(talk.deps.accounts, talk.panel.accountId)
  const text = payment.reference
  for (const kind of ['photo', 'document'] as const) {
    const sent = await talk.deps.sender.send(account, { chatId: talk.speaker.chatId, text, media: { kind, source } })
    if (sent.kind === 'sent') return { toast: talk.t('operator.payments.fileSent') }
    if (sent.kind !== 'rejected') break
  }
  throw new AppError('unavailable', 'evidence_unreadable', { reference: payment.reference })
}

export const payments: PanelCommand = {
  key: 'pay',
  name: 'odemeler',
  aliases: ['payments'],
  audience: 'operator',
  needs: 'payments.view',
  about: 'operator.about.payments',
  run: (talk) => showQueue(talk, 0),
  actions: {
    page: { run: (talk) => showQueue(talk, Number(talk.args[0] ?? 0)) },
    show: { run: (talk) => showPayment(talk) },
    file: { run: showFile },
    ok: { needs: 'payments.decide', confirm: approveQuestion, run: approve },
    no: {
      needs: 'payments.decide',
      run: (talk) => ({
        text: talk.t('operator.payments.why'),
        awaits: { input: 'pay.reason', args: [idOf(talk)] },
      }),
    },
  },
  inputs: { reason: { needs: 'payments.decide', run: (talk, { text }) => reject(talk, text) } },
}
