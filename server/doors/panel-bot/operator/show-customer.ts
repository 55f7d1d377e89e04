import { asOperator } from '#server/db/tenant-scope.ts'
import { type TenantReport, reportTenant } from '#server/modules/admin/index.ts'
import { can, listAudit } from '#server/modules/tenancy/index.ts'

import { pageOf, pageRow } from '../paging.ts'
import type { PanelCommand } from '../panel-command.ts'
import type { PanelButton, Reply } from '../reply.ts'
import { dayText, isolate, momentText, moneyText, numberText, say } from '../say.ts'
import { type Talk, actingOperator } from '../talk.ts'
import { type Target, withTarget } from './find-target.ts'
import { remainingText } from './list-customers.ts'

const section = (talk: Talk, key: string, lines: readonly string[]): string =>
  `<b>${talk.t(`operator.detail.${key}`)}</b>\n${lines.length === 0 ? talk.t('operator.detail.nothing') : lines.join('\n')}`

const headOf = (talk: Talk, { tenant, subscription, onboarding }: TenantReport): string => {
  const lines = [
    say(talk, 'operator.detail.head', {
      name: isolate(tenant.name),
      slug: isolate(tenant.slug),
      state: talk.t(`words:tenantState.${tenant.state}`),
    }),
    subscription === null
      ? ''
      : say(talk, 'operator.detail.package', {
          package: talk.t(`words:package.${subscription.package}`),
          state: talk.t(`words:subscriptionState.${subscription.state}`),
          time: remainingText(talk, subscription.periodEndsAt),
        }),
    tenant.sendingStopped === null
      ? ''
      : say(talk, 'operator.detail.halted', { reason: isolate(tenant.sendingStopped) }),
    onboarding === null
      ? ''
      : say(talk, 'operator.detail.onboarding', {
          state: talk.t(`operator.onboarding.${onboarding.state}`),
          at: dayText(talk, onboarding.enteredAt),
        }),
  ]
  return lines.filter((line) => line !== '').join('\n')
}

const memberLines = (talk: Talk, { members }: TenantReport): readonly string[] =>
  members.slice(0, 8).map(({ name, role, username, telegramId }) =>
    say(talk, 'operator.detail.member', {
      name: isolate(name),
      role: talk.t(`words:role.${role}`),
      who: username === null ? String(telegramId ?? '–') : isolate(`@${username}`),
    }),
  )

const accountLines = (talk: Talk, { accounts }: TenantReport): readonly string[] =>
  accounts.slice(0, 8).map(({ username, displayName, state, health, stateReason, healthReason, sendingStopped }) =>
    say(talk, 'operator.detail.account', {
      name: isolate(username === null ? displayName : `@${username}`),
      state: talk.t(`words:accountState.${state}`),
      health: talk.t(`words:health.${health}`),
      reason: isolate([stateReason, healthReason, sendingStopped].filter((why) => why !== null).join(' · ')),
    }),
  )

const paymentLines = (talk: Talk, { payments }: TenantReport): readonly string[] =>
  payments.map(({ reference, asked, state, createdAt }) =>
    say(talk, 'operator.detail.payment', {
      reference,
      amount: moneyText(talk, asked.amountMinor, asked.currency),
      state: talk.t(`words:paymentState.${state}`),
      at: dayText(talk, createdAt),
    }),
  )

const usageLines = (talk: Talk, { usage }: TenantReport): readonly string[] =>
  usage.map(({ name, used, limit }) => {
    const most = limit === null ? '∞' : numberText(talk, limit)
    const mark = limit === null || used * 5 < limit * 4 ? '' : used >= limit ? ' 🔴' : ' 🟡'
    return `${talk.t(`words:entitlement.${name}`)}: ${numberText(talk, used)} / ${most}${mark}`
  })

/** What went wrong in the last seven days, and what was put aside. */
const faultLines = (talk: Talk, { failures, parked }: TenantReport): readonly string[] => [
  ...failures.byReason
    .slice(0, 5)
    .map(({ reason, count }) => say(talk, 'operator.faults.reason', { reason, number: numberText(talk, count) })),
  ...parked.map(({ kind, receivedAt, attempts }) =>
    say(talk, 'operator.faults.parked', { kind, attempts, at: momentText(talk, receivedAt) }),
  ),
]

const ticketLines = (talk: Talk, { tickets }: TenantReport): readonly string[] =>
  tickets.map(({ id, subject, state }) =>
    say(talk, 'operator.detail.ticket', { id, subject: isolate(subject), state: talk.t(`ticket.state.${state}`) }),
  )

const buttonsOf = (talk: Talk, report: TenantReport): readonly (readonly PanelButton[])[] => {
  const { access } = actingOperator(talk)
  const { id: tenantId, state } = report.tenant
  const button = (label: string, action: string): PanelButton => ({
    label: talk.t(`operator.button.${label}`),
    action,
    tenantId,
  })
  const decides = can(access, 'tenants.activate')
  return [
    [button('dashboard', 'pan'), ...(can(access, 'licences.extend') ? [button('grant', 'gift')] : [])],
    [
      ...(decides ? [state === 'active' ? button('deactivate', 'deac.off') : button('activate', 'act.on')] : []),
      ...(can(access, 'installation.message') ? [button('message', 'msg.one')] : []),
    ],
    [
      ...(can(access, 'installation.audit') ? [button('log', 'log')] : []),
      { label: talk.t('operator.button.customers'), action: 'cust', tenantId: 0 },
    ],
  ]
}

/** The report of one customer as a screen. */
const showCustomer = async (talk: Talk, target: Pick<Target, 'tenantId'>): Promise<Reply> => {
  const { access, at } = actingOperator(talk)
  const report = await reportTenant(talk.deps, target.tenantId, access, at)
  const text = [
    headOf(talk, report),
    section(talk, 'members', memberLines(talk, report)),
    section(talk, 'accounts', accountLines(talk, report)),
    section(talk, 'usage', usageLines(talk, report)),
    section(talk, 'payments', paymentLines(talk, report)),
    section(talk, 'faults', faultLines(talk, report)),
    section(talk, 'tickets', ticketLines(talk, report)),
  ].join('\n\n')
  return { text, rows: buttonsOf(talk, report) }
}

export const customerDetail: PanelCommand = {
  key: 'det',
  name: 'musteri_detay',
  aliases: ['customer_detail'],
  audience: 'operator',
  needs: 'tenants.view',
  about: 'operator.about.detail',
  run: (talk) => withTarget(talk, 'det', (target) => showCustomer(talk, target)),
}

/** The customer's own dashboard, as the operator sees it: through the same row of the registry, with the same rights. */
export const customerPanel: PanelCommand = {
  key: 'pan',
  name: 'panel',
  aliases: ['customer_panel'],
  audience: 'operator',
  needs: 'tenants.view',
  about: 'operator.about.panel',
  run: (talk) =>
    withTarget(talk, 'pan', async (target) => {
      const dashboard = talk.commands.find((row) => row.key === 'dash')
      const { by, access } = actingOperator(talk)
      if (!dashboard || !can(access, dashboard.needs ?? 'panel.open')) return showCustomer(talk, target)
      const shown = await dashboard.run({ ...talk, args: [], tenant: { id: target.tenantId, access, by } })
      return { ...shown, tenantId: target.tenantId }
    }),
}

const LINES = 200

const showLog = async (talk: Talk, target: Target | null, wanted: number): Promise<Reply> => {
  const tenantId = target?.tenantId ?? null
  const lines = await asOperator(talk.deps.db, 'audit log', (tx) => listAudit(tx, tenantId, LINES))
  const page = pageOf(lines, wanted)
  const shown = page.items.map(({ at, actor, action, target: on, detail }) => {
    const { before, after } = detail
    const change = before === undefined || after === undefined ? '' : ` ${before ?? '–'} → ${after ?? '–'}`
    const params = { at: momentText(talk, at), actor: isolate(actor), action, on: isolate(on ?? '') }
    return say(talk, 'operator.log.line', { ...params, change: isolate(change) })
  })
  const title =
    target === null ? talk.t('operator.log.all') : say(talk, 'operator.log.of', { name: isolate(target.name) })
  const on = { ...talk, tenant: target === null ? null : talk.tenant }
  return {
    text: [`<b>${title}</b>`, ...(shown.length === 0 ? [talk.t('operator.log.none')] : shown)].join('\n'),
    rows: [
      pageRow(on, 'log.page', page),
      target === null ? [] : [{ label: talk.t('operator.button.detail'), action: 'det', tenantId: target.tenantId }],
    ],
  }
}

export const log: PanelCommand = {
  key: 'log',
  name: 'log',
  aliases: ['kayitlar', 'audit'],
  audience: 'operator',
  needs: 'installation.audit',
  about: 'operator.about.log',
  run: (talk) =>
    talk.tenant === null && talk.args.length === 0
      ? showLog(talk, null, 0)
      : withTarget(talk, 'log', (target) => showLog(on(talk, target), target, 0)),
  actions: {
    page: {
      run: (talk) =>
        talk.tenant === null
          ? showLog(talk, null, Number(talk.args[0] ?? 0))
          : withTarget(talk, 'log', (target) => showLog(talk, target, Number(talk.args[0] ?? 0))),
    },
  },
}

/** The talk on a customer that a word has named, so that its buttons carry them. */
const on = (talk: Talk, target: Target): Talk => {
  const { by, access } = actingOperator(talk)
  return { ...talk, tenant: { id: target.tenantId, access, by } }
}
