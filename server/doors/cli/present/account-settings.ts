import type { AccountConfiguration, ConfiguredSetting } from '#server/modules/conversations/index.ts'

import type { CliContext } from '../context.ts'
import { paint } from '../terminal.ts'
import { renderTable } from './table.ts'

const shown = (value: ConfiguredSetting['value']): string => (value === null ? '–' : String(value))

/** Every setting that holds for an account, where it comes from, what each layer says, and who changed it. */
export const renderAccountSettings = (
  context: CliContext,
  { displayName, package: name, settings, history }: AccountConfiguration,
  timeZone: string,
): string => {
  const { t, terminal, formats } = context
  const rows = renderTable(
    terminal,
    [
      { title: t('accountSettings.setting'), value: (row) => t(`accountSettings.name.${row.key}`) },
      { title: t('accountSettings.holds'), value: (row) => shown(row.value), align: 'right' },
      { title: t('column.source'), value: (row) => t(`accountSettings.layer.${row.source}`) },
      { title: t('accountSettings.layer.package'), value: (row) => shown(row.layers.package ?? null), align: 'right' },
      { title: t('accountSettings.layer.tenant'), value: (row) => shown(row.layers.tenant ?? null), align: 'right' },
      { title: t('accountSettings.layer.account'), value: (row) => shown(row.layers.account ?? null), align: 'right' },
      { title: t('column.changed'), value: (row) => row.changedBy ?? '' },
      {
        title: t('accountSettings.changedAt'),
        value: (row) => (row.changedAt === null ? '' : formats.instant(row.changedAt, timeZone)),
      },
    ],
    settings,
    '',
  )
  const changes = renderTable(
    terminal,
    [
      { title: t('accountSettings.changedAt'), value: (row) => formats.instant(row.at, timeZone) },
      { title: t('column.changed'), value: (row) => row.by },
      { title: t('accountSettings.action'), value: (row) => row.action },
      {
        title: t('accountSettings.detail'),
        value: (row) =>
          Object.entries(row.detail)
            .map(([key, value]) => `${key}=${String(value)}`)
            .join(' '),
      },
    ],
    history,
    t('accountSettings.noHistory'),
  )
  return [paint(terminal, 'bold', `${displayName} · ${name}`), rows, changes].join('\n\n')
}
