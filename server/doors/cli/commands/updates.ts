import { listParkedUpdates, replayParkedUpdates } from '#server/modules/accounts/index.ts'

import { type CommandGroup, command } from '../command.ts'
import { renderTable } from '../present/table.ts'

const ANY_ID = Number.MAX_SAFE_INTEGER

const parked = command({
  name: 'parked',
  options: [{ name: 'limit', value: 'n' }],
  run: (context, input) => context.read((tx) => listParkedUpdates(tx, input.whole('limit', 1, 500) ?? 50)),
  render: ({ t, terminal, formats, now }, rows) =>
    renderTable(
      terminal,
      [
        { title: t('column.account'), value: (row) => row.accountId, align: 'right' },
        { title: t('column.updates'), value: (row) => row.updateId, align: 'right' },
        { title: t('column.kind'), value: (row) => row.kind },
        { title: t('column.attempts'), value: (row) => row.attempts, align: 'right' },
        { title: t('column.received'), value: (row) => formats.relative(row.receivedAt, now()) },
        { title: t('column.error'), value: (row) => row.error.slice(0, 120) },
      ],
      rows,
      t('updates.none'),
    ),
})

const replay = command({
  name: 'replay',
  options: [
    { name: 'account', value: 'id' },
    { name: 'update', value: 'id' },
  ],
  run: async (context, input) => {
    const [accountId, updateId] = [input.whole('account', 1, ANY_ID), input.whole('update', 0, ANY_ID)]
    const which = { ...(accountId !== null && { accountId }), ...(updateId !== null && { updateId }) }
    return { replayed: await context.change((tx) => replayParkedUpdates(tx, which)) }
  },
  render: ({ t }, { replayed }) => t('updates.replayed', { count: replayed }),
})

export const updates: CommandGroup = { name: 'updates', commands: [parked, replay] }
