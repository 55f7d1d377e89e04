import { DAY_MS } from '#server/base/duration.ts'
import { asOperator } from '#server/db/tenant-scope.ts'
import { type Account, listAccounts, listParkedUpdates } from '#server/modules/accounts/index.ts'
import { listOpenFaults, reportInstallation, reportSupport } from '#server/modules/admin/index.ts'
import { findSendingStop, listTenants, resumeAllSending, stopAllSending } from '#server/modules/tenancy/index.ts'

import { pageOf, pageRow } from '../paging.ts'
import type { PanelCommand } from '../panel-command.ts'
import type { Reply } from '../reply.ts'
import { durationText, isolate, momentText, numberText, say } from '../say.ts'
import { type Talk, actingOperator } from '../talk.ts'

const partLines = async (talk: Talk): Promise<readonly string[]> => {
  const parts = await talk.deps.health()
  return parts.map(({ name, fault, restarts }) =>
    fault === null
      ? `🟢 ${name}`
      : say(talk, 'operator.status.part', {
          name,
          fault: isolate(fault.slice(0, 120)),
          restarts: numberText(talk, restarts),
        }),
  )
}

const showStatus = async (talk: Talk): Promise<Reply> => {
  const { access, at } = actingOperator(talk)
  const { figures, support, stop } = await asOperator(talk.deps.db, 'state of the installation', async (tx) => ({
    figures: await reportInstallation(tx, access, at - DAY_MS),
    support: await reportSupport(tx, { from: at - 30 * DAY_MS, at }),
    stop: await findSendingStop(tx),
  }))
  const numbers = (row: object): Readonly<Record<string, string>> =>
    Object.fromEntries(
      Object.entries(row).flatMap(([name, value]) =>
        typeof value === 'number' ? [[name, numberText(talk, value)]] : [],
      ),
    )
  const failed = figures.failures.byReason.reduce((sum, row) => sum + row.count, 0)
  const median = support.medianFirstResponseMs === null ? '–' : durationText(talk, support.medianFirstResponseMs)
  const text = [
    `<b>${talk.t('operator.status.title')}</b>`,
    stop === null ? '' : say(talk, 'operator.status.stopped', { reason: isolate(stop) }),
    say(talk, 'operator.status.tenants', numbers(figures.tenants)),
    say(talk, 'operator.status.accounts', numbers(figures.accounts)),
    say(talk, 'operator.status.sends', {
      sent: numberText(talk, figures.failures.sent),
      failed: numberText(talk, failed),
    }),
    say(talk, 'operator.status.queues', numbers(figures)),
    say(talk, 'operator.status.support', { ...numbers(support), median }),
    `<b>${talk.t('operator.status.parts')}</b>\n${(await partLines(talk)).join('\n')}`,
  ]
  return {
    text: text.filter((line) => line !== '').join('\n\n'),
    rows: [
      [
        { label: talk.t('button.refresh'), action: 'inst' },
        { label: talk.t('operator.button.faults'), action: 'err' },
      ],
      [
        { label: talk.t('operator.button.queue'), action: 'pay' },
        { label: talk.t('operator.button.tickets'), action: 'tix' },
      ],
    ],
  }
}

export const status: PanelCommand = {
  key: 'inst',
  name: 'durum',
  aliases: ['status'],
  audience: 'operator',
  needs: 'installation.view',
  about: 'operator.about.status',
  run: showStatus,
}

/** What needs a look comes first. */
const rankOf = (account: Account): number => {
  if (account.state === 'disconnected') return 3
  if (account.health === 'stopped' || account.sendingStopped !== null) return 0
  return account.state === 'paused' || account.health === 'slowed' ? 1 : 2
}
const MARKS = ['🔴', '🟡', '🟢', '⚪️'] as const

const showAccounts = async (talk: Talk, wanted: number): Promise<Reply> => {
  const { accounts, names } = await asOperator(talk.deps.db, 'accounts of all', async (tx) => ({
    accounts: await listAccounts(tx),
    names: new Map((await listTenants(tx)).map(({ id, name }) => [id, name])),
  }))
  const sorted = accounts
    .filter((account) => account.purpose === 'contacts')
    .toSorted((a, b) => rankOf(a) - rankOf(b) || a.id - b.id)
  const page = pageOf(sorted, wanted)
  const lines = page.items.map((account) =>
    say(talk, 'operator.bots.line', {
      mark: MARKS[rankOf(account)] ?? '',
      name: isolate(account.username === null ? account.displayName : `@${account.username}`),
      tenant: isolate(names.get(account.tenantId) ?? ''),
      state: talk.t(`words:accountState.${account.state}`),
      health: talk.t(`words:health.${account.health}`),
      reason: isolate(
        [account.stateReason, account.healthReason, account.sendingStopped].filter((why) => why !== null).join(' · '),
      ),
    }),
  )
  const title = say(talk, 'operator.bots.title', { number: numberText(talk, sorted.length) })
  return {
    text: [`<b>${title}</b>`, ...(lines.length === 0 ? [talk.t('operator.bots.none')] : lines)].join('\n\n'),
    rows: [pageRow({ ...talk, tenant: null }, 'bots.page', page)],
  }
}

export const bots: PanelCommand = {
  key: 'bots',
  name: 'bots',
  aliases: ['botlar'],
  audience: 'operator',
  needs: 'installation.view',
  about: 'operator.about.bots',
  run: (talk) => showAccounts(talk, 0),
  actions: { page: { run: (talk) => showAccounts(talk, Number(talk.args[0] ?? 0)) } },
}

const PARKED_SHOWN = 8

const showFaults = async (talk: Talk): Promise<Reply> => {
  const { access, at } = actingOperator(talk)
  const { alerts, figures, parked } = await asOperator(talk.deps.db, 'faults', async (tx) => ({
    alerts: await listOpenFaults(tx),
    figures: await reportInstallation(tx, access, at - DAY_MS),
    parked: await listParkedUpdates(tx, PARKED_SHOWN),
  }))
  const section = (key: string, lines: readonly string[]): string =>
    `<b>${talk.t(`operator.faults.${key}`)}</b>\n${lines.length === 0 ? talk.t('operator.faults.none') : lines.join('\n')}`
  const text = [
    section(
      'open',
      alerts.map(({ params, openedAt }) =>
        say(talk, 'operator.faults.alert', {
          what: talk.t(`notice.fault.${params['what'] ?? 'part'}`),
          detail: isolate([params['part'], params['detail']].filter((word) => word !== undefined).join(' · ')),
          since: momentText(talk, openedAt),
        }),
      ),
    ),
    section(
      'sends',
      figures.failures.byReason
        .slice(0, 8)
        .map(({ reason, count }) => say(talk, 'operator.faults.reason', { reason, number: numberText(talk, count) })),
    ),
    section(
      'updates',
      parked.map(({ kind, receivedAt, attempts }) =>
        say(talk, 'operator.faults.parked', { kind, attempts, at: momentText(talk, receivedAt) }),
      ),
    ),
    say(talk, 'operator.faults.events', { number: numberText(talk, figures.eventsParked) }),
    `<i>${talk.t('operator.faults.honest')}</i>`,
  ]
  return { text: text.join('\n\n'), rows: [[{ label: talk.t('button.refresh'), action: 'err' }]] }
}

export const faults: PanelCommand = {
  key: 'err',
  name: 'hatalar',
  aliases: ['errors', 'faults'],
  audience: 'operator',
  needs: 'installation.errors',
  about: 'operator.about.faults',
  run: showFaults,
}

export const backup: PanelCommand = {
  key: 'bak',
  name: 'yedek',
  aliases: ['backup'],
  audience: 'operator',
  needs: 'installation.backup',
  about: 'operator.about.backup',
  run: (talk) => ({ text: talk.t('operator.backup') }),
}

const showSwitch = async (talk: Talk, above = ''): Promise<Reply> => {
  const reason = await asOperator(talk.deps.db, 'kill switch', findSendingStop)
  const state =
    reason === null ? talk.t('operator.kill.off') : say(talk, 'operator.kill.on', { reason: isolate(reason) })
  return {
    text: above === '' ? state : `${above}\n\n${state}`,
    rows: [
      [
        reason === null
          ? { label: talk.t('operator.button.stopAll'), action: 'kill.stop', tenantId: 0 }
          : { label: talk.t('operator.button.resumeAll'), action: 'kill.go', tenantId: 0 },
      ],
    ],
  }
}

const flip = async (talk: Talk, isStop: boolean): Promise<Reply> => {
  const { by, at } = actingOperator(talk)
  await asOperator(talk.deps.db, 'kill switch', (tx) =>
    isStop ? stopAllSending(tx, talk.t('operator.kill.reason'), { by, at }) : resumeAllSending(tx, { by, at }),
  )
  return showSwitch(talk, talk.t(isStop ? 'operator.kill.stopped' : 'operator.kill.resumed'))
}

/** Stops every send of every customer: shown, asked, done. The panel bot goes on, or nobody could undo it. */
export const killSwitch: PanelCommand = {
  key: 'kill',
  name: 'kapat',
  aliases: ['kill_switch'],
  audience: 'operator',
  needs: 'installation.stop',
  about: 'operator.about.kill',
  run: (talk) => showSwitch(talk),
  actions: {
    stop: { confirm: (talk) => talk.t('operator.kill.sureStop'), run: (talk) => flip(talk, true) },
    go: { confirm: (talk) => talk.t('operator.kill.sureResume'), run: (talk) => flip(talk, false) },
  },
}
