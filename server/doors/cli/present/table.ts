import Table from 'cli-table3'

import { type Terminal, paint } from '../terminal.ts'

export interface Column<R> {
  readonly title: string
  readonly value: (row: R) => string | number
  /** Numbers stand to the right; default left. */
  readonly align?: 'left' | 'right'
}

const NO_BORDERS = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '  ',
} as const

/** Rows under titles, without borders, as wide as their content. `empty` stands for no rows at all. */
export const renderTable = <R>(
  terminal: Pick<Terminal, 'hasColor'>,
  columns: readonly Column<R>[],
  rows: readonly R[],
  empty: string,
): string => {
  if (rows.length === 0) return empty
  const table = new Table({
    head: columns.map((column) => paint(terminal, 'bold', column.title)),
    colAligns: columns.map((column) => column.align ?? 'left'),
    chars: { ...NO_BORDERS },
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
  })
  for (const row of rows) table.push(columns.map((column) => oneLine(String(column.value(row)))))
  return table.toString().replace(/[ \t]+$/gm, '')
}

/** Names and texts are other people's: line breaks and control characters must not reach the terminal. */
export const oneLine = (text: string): string =>
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  text.replace(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]+/g, ' ')

/** Pairs of name and value, values aligned. */
export const renderPairs = (
  terminal: Pick<Terminal, 'hasColor'>,
  pairs: readonly (readonly [string, string | number])[],
): string => {
  const width = Math.max(...pairs.map(([name]) => name.length))
  return pairs
    .map(([name, value]) => `${paint(terminal, 'dim', name.padEnd(width))}  ${oneLine(String(value))}`)
    .join('\n')
}
