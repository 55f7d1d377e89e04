import { SEGMENTS } from '#contract/words.ts'

import type { CliContext } from '../context.ts'
import type { Status } from '../read-status.ts'
import { paint } from '../terminal.ts'
import { renderBar } from './bar.ts'
import { reasonText } from './reason-text.ts'
import { renderTable } from './table.ts'

const BAR = 24
const STATES = ['planned', 'deferred', 'reserved', 'sent', 'refused', 'failed', 'unknown', 'cancelled'] as const

const renderReasons = ({ t, terminal, formats }: CliContext, reasons: Readonly<Record<string, number>>): string =>
  renderTable(
    terminal,
    [
      { title: '', value: ([reason]) => `  ${reasonText(t, reason)}` },
      { title: '', value: ([, count]) => formats.number(count), align: 'right' },
    ],
    Object.entries(reasons).toSorted(([, a], [, b]) => b - a),
    '',
  )

/** Segments with the people in them, deliveries by state, and the reasons behind what was deferred or refused. */
export const renderStatus = (context: CliContext, status: Status): string => {
  const { t, terminal, formats } = context
  const bars = (rows: readonly (readonly [string, number])[], max: number) =>
    renderTable(
      terminal,
      [
        { title: '', value: ([name]) => `  ${name}` },
        { title: '', value: ([, count]) => formats.number(count), align: 'right' },
        { title: '', value: ([, count]) => renderBar(count, max, BAR) },
      ],
      rows,
      '',
    )
  const states = STATES.map((state) => [t(`words:deliveryState.${state}`), status.deliveries[state]] as const)
  const segments = SEGMENTS.map((segment) => [t(`words:segment.${segment}`), status.segments[segment]] as const)
  const section = (key: string, body: string) =>
    body.trim() === '' ? [] : [`${paint(terminal, 'bold', t(key))}\n${body}`]
  const { sent } = status.deliveries
  const ratio = sent === 0 ? '' : ` (${formats.percent(status.responses / sent)})`
  return [
    `${paint(terminal, 'bold', t('status.contacts'))}  ${formats.number(status.contacts)}`,
    ...section(
      'status.segments',
      bars(
        segments.filter(([, count]) => count > 0),
        status.contacts,
      ),
    ),
    ...section('status.deliveries', bars(states, Math.max(...states.map(([, count]) => count)))),
    ...section('status.deferredBy', renderReasons(context, status.deferredBy)),
    ...section('status.refusedBy', renderReasons(context, status.refusedBy)),
    `${paint(terminal, 'bold', t('status.responses'))}  ${formats.number(status.responses)}${ratio}`,
  ].join('\n\n')
}
