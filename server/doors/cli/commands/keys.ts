import { invalid } from '#server/base/errors.ts'
import { type ApiKey, createApiKey, listApiKeys, revokeApiKey } from '#server/modules/tenancy/index.ts'

import { type CommandGroup, command } from '../command.ts'
import type { CliContext } from '../context.ts'
import { renderTable } from '../present/table.ts'
import { backup, restore, rotate } from './key-rotation.ts'
import { asOwner } from './members.ts'

const renderKeys = ({ t, terminal, formats, now }: CliContext, rows: readonly ApiKey[]): string =>
  renderTable(
    terminal,
    [
      { title: t('column.id'), value: (row) => row.id, align: 'right' },
      { title: t('column.name'), value: (row) => row.name },
      { title: t('keys.prefix'), value: (row) => row.prefix },
      { title: t('keys.scopes'), value: (row) => row.scopes.join(' ') },
      {
        title: t('keys.lastUsed'),
        value: (row) => (row.lastUsedAt === null ? t('keys.never') : formats.relative(row.lastUsedAt, now())),
      },
      { title: t('column.state'), value: (row) => t(row.revokedAt === null ? 'keys.works' : 'keys.revoked') },
    ],
    rows,
    t('keys.none'),
  )

const create = command({
  name: 'create',
  args: [{ name: 'key-name' }],
  options: [{ name: 'scope', value: 'action', many: true }],
  run: (context, input) => {
    if (context.options.dryRun) throw invalid('no_dry_run', '--dry-run')
    const wanted = { name: input.arg('key-name'), scopes: input.texts('scope') }
    return context.change((tx) => createApiKey(tx, wanted, asOwner(context)))
  },
  render: (context, made) => [context.t('keys.created', { key: made.key }), renderKeys(context, [made])].join('\n\n'),
})

const list = command({ name: 'list', run: (context) => context.read(listApiKeys), render: renderKeys })

const revoke = command({
  name: 'revoke',
  args: [{ name: 'key' }],
  run: async (context, input) => {
    const id = input.id('key')
    await context.confirm(context.t('keys.revokeSure', { id }))
    await context.change((tx) => revokeApiKey(tx, id, asOwner(context)))
    return { id, revoked: true }
  },
  render: ({ t }, { id }) => t('keys.revokedNow', { id }),
})

export const keys: CommandGroup = { name: 'keys', commands: [create, list, revoke, rotate, backup, restore] }
