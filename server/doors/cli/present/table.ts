import Table from 'cli-table3'

import { type Style, type Terminal, paint } from '../terminal.ts'

export interface Column<R> {
  readonly title: string
  /** Plain text: what looks like a control sequence is taken out. */
  readonly value: (row: R) => string | number
  readonly style?: (row: R) => Style | null
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

/** Rows under titles (none where all are empty), without borders, as wide as their content. `empty` stands for no rows. */
export const renderTable = <R>(
  terminal: Pick<Terminal, 'hasColor'>,
  columns: readonly Column<R>[],
  rows: readonly R[],
  empty: string,
): string => {
  if (rows.length === 0) return empty
  const hasTitles = columns.some((column) => column.title !== '')
  const table = new Table({
    head: hasTitles ? columns.map((column) => paint(terminal, 'bold', column.title)) : [],
    colAligns: columns.map((column) => column.align ?? 'left'),
    chars: { ...NO_BORDERS },
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
  })
  for (const row of rows) table.push(columns.map((column) => cellOf(terminal, column, row)))
  return table.toString().replace(/[ \t]+$/gm, '')
}

const cellOf = <R>(terminal: Pick<Terminal, 'hasColor'>, column: Column<R>, row: R): string => {
  const text = oneLine(String(column.value(row)))
  const style = column.style?.(row) ?? null
  return style === null ? text : paint(terminal, style, text)
}

/** Control characters and those that turn the direction of writing: other people's texts must not steer the terminal. */
const STEERING = /(?:(?!\n)[\p{Cc}\u202a-\u202e\u2066-\u2069])+/gu

/** Somebody else's text on one line. */
export const oneLine = (text: string): string => manyLines(text).replace(/ *\n */g, ' ')

/** Somebody else's text with its line breaks. */
export const manyLines = (text: string): string => text.replace(STEERING, ' ')

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
