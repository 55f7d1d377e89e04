import {
  type Account,
  getAccount,
  linkBusinessConnection,
  listWaitingConnections,
} from '#server/modules/accounts/index.ts'
import { notFound } from '#server/base/errors.ts'

import { command } from '../command.ts'
import { ACTOR, type CliContext } from '../context.ts'
import { renderTable } from '../present/table.ts'

/** What a business account's owner allows, by its name in words; Telegram's own name where we have none. */
const rightName = ({ t }: CliContext, right: string): string => {
  const text = t(`words:businessRight.${right}`)
  return text.endsWith(`businessRight.${right}`) ? right : text
}

/** The rights of a business account in lines of their own; nothing for other kinds. */
const renderRights = (context: CliContext, { businessRights }: Account): readonly string[] => {
  if (businessRights === null) return []
  const names = businessRights.map((right) => `  ${rightName(context, right)}`)
  const { t } = context
  return [`${t('accounts.rights')}:`, ...(names.length > 0 ? names : [`  ${t('accounts.noRights')}`])]
}

/** How its owner ends a connection that we can only stop using. */
export const renderFarewell = ({ t }: CliContext, { kind }: Account): readonly string[] =>
  kind === 'business' ? ['', t('words:businessLink.endInTelegram')] : []

export const showAccount = (render: (context: CliContext, rows: readonly Account[]) => string) =>
  command({
    name: 'show',
    args: [{ name: 'account' }],
    run: (context, input) => context.read((tx) => getAccount(tx, input.id('account'))),
    render: (context, account) => [render(context, [account]), ...renderRights(context, account)].join('\n'),
  })

export const connections = command({
  name: 'connections',
  run: async (context) => listWaitingConnections(await context.db(), (await context.tenant()).id),
  render: ({ t, terminal }, rows) =>
    renderTable(
      terminal,
      [
        { title: t('accounts.owner'), value: (row) => row.ownerTelegramId, align: 'right' },
        { title: t('column.name'), value: (row) => row.displayName },
        { title: t('accounts.via'), value: (row) => row.viaAccountId, align: 'right' },
        { title: t('column.reason'), value: (row) => t(`words:businessLink.${row.reason}`) },
      ],
      rows,
      t('accounts.noConnections'),
    ),
})

export const adopt = (render: (context: CliContext, rows: readonly Account[]) => string) =>
  command({
    name: 'adopt',
    args: [{ name: 'owner' }],
    run: async (context, input) => {
      const [db, { id: tenantId }, ownerTelegramId] = [await context.db(), await context.tenant(), input.id('owner')]
      const waiting = await listWaitingConnections(db, tenantId)
      const connection = waiting.find((row) => row.ownerTelegramId === ownerTelegramId)
      if (!connection) throw notFound('business connection', ownerTelegramId)
      const { box } = await context.host.telegram()
      const { viaAccountId } = connection
      const actor = { by: ACTOR, at: context.now() }
      return linkBusinessConnection({ db, box }, { tenantId, viaAccountId, ownerTelegramId }, actor)
    },
    render: (context, account) => [render(context, [account]), ...renderRights(context, account)].join('\n'),
  })
