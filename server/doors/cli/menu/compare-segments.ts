import { DAY_MS } from '#server/base/duration.ts'
import { reportSegments } from '#server/modules/analytics/index.ts'

import { renderPerformance } from '../present/segment-performance.ts'
import type { Screen } from './screen.ts'

const PERIODS_DAYS = [7, 30, 90] as const

/** Screen 2: all segments side by side. */
export const compareSegments: Screen = async ({ cli, prompter, show }) => {
  for (;;) {
    const days = await prompter.select(cli.t('crm.period'), [
      ...PERIODS_DAYS.map((value) => ({ value, label: cli.t('crm.lastDays', { days: value }) })),
      { value: 0, label: cli.t('crm.back') },
    ])
    if (!days) return
    const until = cli.now() + 1
    const rows = await cli.read((tx) => reportSegments(tx, { since: until - days * DAY_MS, until }))
    show(renderPerformance(cli, rows))
  }
}
