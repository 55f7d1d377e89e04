import { invalid } from '#server/base/errors.ts'
import { randomToken } from '#server/base/secret.ts'
import {
  type Account,
  UPDATE_MODES,
  addAccount,
  checkAccount,
  checkBotToken,
  disconnectAccount,
  getAccount,
  listAccounts,
  pauseAccount,
  resumeAccount,
  rotateBotToken,
} from '#server/modules/accounts/index.ts'

import { type CommandGroup, command } from '../command.ts'
import { ACTOR, type CliContext } from '../context.ts'
import { EXIT } from '../exit-codes.ts'
import { reasonText } from '../present/reason-text.ts'
import { renderTable } from '../present/table.ts'
import { readSecret } from '../read-secret.ts'
import { paint } from '../terminal.ts'
import { accountHealth } from './account-health.ts'
import { adopt, connections, renderFarewell, showAccount } from './business-accounts.ts'

const renderAccounts = ({ t, terminal, formats, now }: CliContext, rows: readonly Account[]): string =>
  renderTable(
    terminal,
    [
      { title: t('column.id'), value: (row) => row.id, align: 'right' },
      { title: t('column.name'), value: (row) => row.displayName },
      { title: t('column.username'), value: (row) => (row.username === null ? '' : `@${row.username}`) },
      { title: t('column.state'), value: (row) => t(`words:accountState.${row.state}`) },
      { title: t('column.health'), value: (row) => t(`words:health.${row.health}`) },
      { title: t('column.updates'), value: (row) => t(`words:updateMode.${row.updateMode}`) },
      { title: t('accounts.linked'), value: (row) => formats.relative(row.linkedAt, now()) },
      {
        title: t('column.reason'),
        value: (row) => row.sendingStopped ?? reasonText(t, row.stateReason ?? row.healthReason),
      },
    ],
    rows,
    t('accounts.none'),
  )

const actor = (context: CliContext) => ({ by: ACTOR, at: context.now() })

const list = command({
  name: 'list',
  run: (context) => context.read(listAccounts),
  render: renderAccounts,
})

const add = command({
  name: 'add',
  options: [
    { name: 'token-file', value: 'file' },
    { name: 'api-root', value: 'url' },
    { name: 'updates', value: 'polling|webhook|off' },
  ],
  run: async (context, input) => {
    if (context.options.dryRun) throw invalid('no_dry_run', '--dry-run')
    const [updateMode, given] = [input.oneOf('updates', UPDATE_MODES), input.address('api-root')]
    const { id: tenantId } = await context.tenant()
    const token = checkBotToken(
      await readSecret(context, input.text('token-file'), context.t('accounts.tokenQuestion')),
    )
    const deps = { db: await context.db(), ...(await context.host.telegram()) }
    return addAccount(
      deps,
      { tenantId, token, apiRoot: given ?? deps.apiRoot, ...(updateMode !== null && { updateMode }) },
      actor(context),
    )
  },
  render: (context, account) =>
    [context.t('accounts.added', { id: account.id }), renderAccounts(context, [account])].join('\n\n'),
})

const pause = command({
  name: 'pause',
  args: [{ name: 'account' }],
  options: [{ name: 'reason', value: 'text' }],
  run: (context, input) =>
    context.change((tx) =>
      pauseAccount(tx, input.id('account'), input.text('reason') ?? context.t('accounts.byHand'), actor(context)),
    ),
  render: (context, account) => renderAccounts(context, [account]),
})

const resume = command({
  name: 'resume',
  args: [{ name: 'account' }],
  run: (context, input) => context.change((tx) => resumeAccount(tx, input.id('account'), actor(context))),
  render: (context, account) => renderAccounts(context, [account]),
})

const disconnect = command({
  name: 'disconnect',
  args: [{ name: 'account' }],
  run: async (context, input) => {
    if (context.options.dryRun) throw invalid('no_dry_run', '--dry-run')
    const id = input.id('account')
    await context.confirm(context.t('accounts.disconnectSure', { id }))
    const deps = { db: await context.db(), ...(await context.host.telegram()) }
    return disconnectAccount(deps, (await context.tenant()).id, id, actor(context))
  },
  render: (context, account) => [renderAccounts(context, [account]), ...renderFarewell(context, account)].join('\n'),
})

const MARKS = { ok: ['green', '✓'], warning: ['yellow', '!'], fault: ['red', '✗'], unknown: ['yellow', '?'] } as const

const check = command({
  name: 'check',
  args: [{ name: 'account' }],
  run: async (context, input) => {
    const db = await context.db()
    const users = { login: () => context.host.telegramLogin(db), holder: `cli:${randomToken(6)}` }
    const deps = { db, ...(await context.host.telegram()), users }
    const found = await checkAccount(deps, (await context.tenant()).id, input.id('account'), context.now())
    const findings = found.findings.map((one) => ({
      ...one,
      text: context.t(`words:accountCheck.${one.code}`, one.params),
    }))
    return { ...found, findings }
  },
  render: ({ t, terminal }, { accountId: id, findings, isWorking, startLink: link }) => {
    const lines = findings.map(({ state, text }) => {
      const [style, mark] = MARKS[state]
      return `${paint(terminal, style, mark)} ${text}`
    })
    const more = link === null ? [] : [t('accounts.startLink', { link })]
    return [...lines, ...more, '', t(isWorking ? 'accounts.checked' : 'accounts.faulty', { id })].join('\n')
  },
  exitCode: ({ isWorking }) => (isWorking ? EXIT.ok : EXIT.refused),
})

const rotateToken = command({
  name: 'rotate-token',
  args: [{ name: 'account' }],
  options: [{ name: 'token-file', value: 'file' }],
  run: async (context, input) => {
    if (context.options.dryRun) throw invalid('no_dry_run', '--dry-run')
    const id = input.id('account')
    const { id: tenantId } = await context.tenant()
    const { linkedBy } = await context.read((tx) => getAccount(tx, id))
    const deps = { db: await context.db(), ...(await context.host.telegram()) }
    if (linkedBy === 'managed') {
      await context.confirm(context.t('accounts.rotateSure', { id }))
      return rotateBotToken(deps, tenantId, id, actor(context))
    }
    const token = await readSecret(context, input.text('token-file'), context.t('accounts.tokenQuestion'))
    return rotateBotToken(deps, tenantId, id, actor(context), token)
  },
  render: (context, account) =>
    [context.t('accounts.rotated', { id: account.id }), renderAccounts(context, [account])].join('\n\n'),
})

const commands = [
  list,
  showAccount(renderAccounts),
  add,
  check,
  rotateToken,
  pause,
  resume,
  disconnect,
  connections,
  adopt(renderAccounts),
  ...accountHealth,
]

export const accounts: CommandGroup = { name: 'accounts', commands }
