import { OPERATOR_ROLES } from '#contract/words.ts'
import { asOperator } from '#server/db/tenant-scope.ts'
import { findPanelAccount, listAccountRoots } from '#server/modules/accounts/index.ts'
import {
  type Operator,
  addOperator,
  createSignInLink,
  listOperators,
  removeOperator,
  resetSecondFactor,
} from '#server/modules/tenancy/index.ts'

import { type CommandGroup, command } from '../command.ts'
import { ACTOR, type CliContext } from '../context.ts'
import { issueLaunch } from '../issue-launch.ts'
import { renderTable } from '../present/table.ts'

const renderOperators = ({ t, terminal, formats, now }: CliContext, rows: readonly Operator[]): string =>
  renderTable(
    terminal,
    [
      { title: t('members.telegramId'), value: (row) => row.telegramId, align: 'right' },
      { title: t('column.name'), value: (row) => row.name },
      { title: t('members.role'), value: (row) => t(`words:role.${row.role}`) },
      { title: t('operators.added'), value: (row) => formats.relative(row.addedAt, now()) },
    ],
    rows,
    t('operators.none'),
  )

const list = command({
  name: 'list',
  run: async (context) => asOperator(await context.db(), 'command line', listOperators),
  render: renderOperators,
})

const add = command({
  name: 'add',
  args: [{ name: 'telegram-id' }],
  options: [
    { name: 'name', value: 'text', required: true },
    { name: 'role', value: OPERATOR_ROLES.join('|') },
  ],
  run: (context, input) => {
    const wanted = {
      telegramId: input.id('telegram-id'),
      name: input.text('name') ?? '',
      role: input.oneOf('role', OPERATOR_ROLES) ?? 'operator',
    }
    return context.changeInstallation((tx) => addOperator(tx, wanted, { by: ACTOR, at: context.now() }))
  },
  render: (context, operator) => renderOperators(context, [operator]),
})

const remove = command({
  name: 'remove',
  args: [{ name: 'telegram-id' }],
  run: async (context, input) => {
    const telegramId = input.id('telegram-id')
    await context.confirm(context.t('operators.removeSure', { id: telegramId }))
    await context.changeInstallation((tx) => removeOperator(tx, telegramId, { by: ACTOR, at: context.now() }))
    return { telegramId, removed: true }
  },
  render: ({ t }, { telegramId }) => t('operators.removed', { id: telegramId }),
})

/** Whoever has this shell runs the installation; a link without a number is theirs. */
const link = command({
  name: 'link',
  options: [{ name: 'telegram-id', value: 'id' }],
  async run(context, input) {
    const telegramId = input.text('telegram-id') === null ? null : input.whole('telegram-id', 1, 2 ** 52 - 1)
    const { panel } = context.host
    const { path, expiresAt } = await createSignInLink(await context.db(), { telegramId }, panel.now())
    return { address: `${panel.url()}${path}`, expiresAt }
  },
  render: ({ t }, { address }) => `${t('operators.link')}\n${address}`,
})

/** For who has lost device and recovery codes; without a number, the console's own. */
const resetFactor = command({
  name: 'reset-second-factor',
  options: [{ name: 'telegram-id', value: 'id' }],
  run: async (context, input) => {
    const telegramId = input.text('telegram-id') === null ? null : input.whole('telegram-id', 1, 2 ** 52 - 1)
    const who = telegramId ?? context.t('operators.console')
    await context.confirm(context.t('operators.resetSure', { id: who }))
    await context.changeInstallation((tx) => resetSecondFactor(tx, { telegramId }, { by: ACTOR, at: context.now() }))
    return { telegramId, reset: true }
  },
  render: ({ t }, { telegramId }) => t('operators.reset', { id: telegramId ?? t('operators.console') }),
})

/** What a browser needs to know of a Telegram that is not there, by day. */
const SURROUNDINGS = {
  tgWebAppVersion: '9.1',
  tgWebAppPlatform: 'web',
  tgWebAppThemeParams: JSON.stringify({ bg_color: '#ffffff', secondary_bg_color: '#efeff4', text_color: '#000000' }),
}

/** For development: the Mini App in a browser, as this person of the simulated Telegram opens it. */
const miniApp = command({
  name: 'mini-app',
  args: [{ name: 'telegram-id' }],
  async run(context, input) {
    const userId = input.id('telegram-id')
    const { panel } = context.host
    const bot = await asOperator(await context.db(), 'the panel bot of a rehearsal', async (tx) => {
      const account = await findPanelAccount(tx)
      const root = (await listAccountRoots(tx)).find(({ id }) => id === account?.id)
      return { botId: account?.telegramId ?? 0, apiRoot: root?.apiRoot ?? null }
    })
    const initData = await issueLaunch({ ...bot, userId, authAt: panel.now() })
    const given = new URLSearchParams({ tgWebAppData: initData, ...SURROUNDINGS })
    return { address: `${panel.url()}/mini/#${given.toString()}` }
  },
  render: ({ t }, { address }) => `${t('operators.miniApp')}\n${address}`,
})

export const operators: CommandGroup = { name: 'operators', commands: [list, add, remove, link, miniApp, resetFactor] }
