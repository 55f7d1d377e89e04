import { type FiguresReport, reportFigures } from '#server/modules/analytics/index.ts'

import { type CommandGroup, command } from '../command.ts'
import type { CliContext } from '../context.ts'
import { renderTable } from '../present/table.ts'

const DAYS = 7
const DAYS_MAX = 90
const SHOWN = ['tried', 'delivered', 'clicked', 'answered', 'converted', 'optedOut', 'blocked', 'joined'] as const

const render = ({ t, terminal, formats }: CliContext, { days, figures, before }: FiguresReport): string =>
  renderTable(
    terminal,
    [
      { title: t('figures.figure'), value: (name) => t(`figures.${name}`) },
      { title: t('figures.now', { days }), value: (name) => formats.number(figures[name]), align: 'right' },
      { title: t('figures.before', { days }), value: (name) => formats.number(before[name]), align: 'right' },
    ],
    SHOWN,
    '',
  )

/** The key figures of the last days beside those of as many days before; with `--json` for programs. */
export const figures: CommandGroup = {
  lone: command({
    name: 'figures',
    options: [{ name: 'days', value: 'n' }],
    run: (context, input) => {
      const days = input.whole('days', 1, DAYS_MAX) ?? DAYS
      return context.read((tx) => reportFigures(tx, { days, now: context.now() }))
    },
    render,
  }),
}
