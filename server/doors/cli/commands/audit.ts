import { asOperator } from '#server/db/tenant-scope.ts'
import { listAudit } from '#server/modules/tenancy/index.ts'

import { type CommandGroup, command } from '../command.ts'
import { renderTable } from '../present/table.ts'

/** What changed first, as `agent → analyst`; a dash for nothing. */
const detailText = (detail: Readonly<Record<string, string | number | boolean | null>>): string => {
  const { before, after, ...rest } = detail
  const change = before === undefined || after === undefined ? [] : [`${before ?? '–'} → ${after ?? '–'}`]
  return [...change, ...Object.entries(rest).map(([name, value]) => `${name}=${value}`)].join(' ')
}

/** The installation's own lines too with `--global`, else the tenant's. */
export const audit: CommandGroup = {
  lone: command({
    name: 'audit',
    options: [{ name: 'limit', value: 'n' }, { name: 'global' }],
    run: async (context, input) => {
      const limit = input.whole('limit', 1, 1_000) ?? 50
      return input.isOn('global')
        ? asOperator(await context.db(), 'command line', (tx) => listAudit(tx, null, limit))
        : context.read((tx) => listAudit(tx, tx.tenantId, limit))
    },
    render: ({ t, terminal, formats, now }, rows) =>
      renderTable(
        terminal,
        [
          { title: t('audit.at'), value: (row) => formats.relative(row.at, now()) },
          { title: t('audit.actor'), value: (row) => row.actor },
          { title: t('audit.action'), value: (row) => row.action },
          { title: t('audit.target'), value: (row) => row.target ?? '' },
          { title: t('audit.detail'), value: (row) => detailText(row.detail) },
        ],
        rows,
        t('audit.none'),
      ),
  }),
}
