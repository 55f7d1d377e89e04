import { auditGuard } from '#server/modules/delivery/index.ts'

import { type CommandGroup, command } from '../command.ts'
import { EXIT } from '../exit-codes.ts'
import { reasonText } from '../present/reason-text.ts'
import { renderTable } from '../present/table.ts'
import { paint } from '../terminal.ts'

const audit = command({
  name: 'audit',
  run: async (context) => auditGuard(await context.db(), (await context.tenant()).id),
  render: ({ t, terminal, formats }, { checked, findings }) => {
    const summary = t('guard.checked', { count: checked, checked: formats.number(checked) })
    if (findings.length === 0) return `${paint(terminal, 'green', t('guard.clean'))} ${summary}`
    const table = renderTable(
      terminal,
      [
        { title: t('guard.delivery'), value: (row) => row.deliveryId, align: 'right' },
        { title: t('guard.rule'), value: (row) => reasonText(t, row.rule) },
        { title: t('guard.detail'), value: (row) => row.detail },
      ],
      findings,
      '',
    )
    return `${table}\n\n${paint(terminal, 'red', t('guard.findings', { count: findings.length }))} ${summary}`
  },
  exitCode: ({ findings }) => (findings.length === 0 ? EXIT.ok : EXIT.refused),
})

export const guard: CommandGroup = { name: 'guard', commands: [audit] }
