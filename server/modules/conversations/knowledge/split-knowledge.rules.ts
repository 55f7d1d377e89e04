import { CsvError, parse } from 'csv-parse/sync'

import { invalid } from '#server/base/errors.ts'

import type { KnowledgeKind } from './knowledge.rules.ts'

/** A piece of a file that can be told by itself. */
export interface Passage {
  /** What it stands under; empty where nothing says. */
  readonly heading: string
  readonly text: string
}

/** As long as a passage gets, in UTF-16 units: a few of them fit a prompt, and each still says something whole. */
const PASSAGE_MAX = 700
const HEADING_MAX = 200

/** A text in pieces no longer than a passage, cut where it hurts least: after a sentence, at a space, never in a character. */
const cutLong = (text: string): readonly string[] => {
  const pieces: string[] = []
  let rest = text.trim()
  while (rest.length > PASSAGE_MAX) {
    const window = rest.slice(0, PASSAGE_MAX)
    const sentence = Math.max(...['. ', '! ', '? ', '؟ ', '\n'].map((end) => window.lastIndexOf(end) + 1))
    const space = window.lastIndexOf(' ')
    const unit = rest.charCodeAt(PASSAGE_MAX - 1)
    const whole = unit >= 0xd800 && unit <= 0xdbff ? PASSAGE_MAX - 1 : PASSAGE_MAX
    const at = sentence > PASSAGE_MAX / 3 ? sentence : space > PASSAGE_MAX / 3 ? space : whole
    pieces.push(rest.slice(0, at).trim())
    rest = rest.slice(at).trim()
  }
  return rest === '' ? pieces : [...pieces, rest]
}

/** Units under the same heading, put together while they fit. */
const pack = (units: readonly Passage[], between: string): readonly Passage[] => {
  const passages: Passage[] = []
  for (const { heading, text } of units) {
    for (const piece of cutLong(text)) {
      const last = passages.at(-1)
      const joined = last?.heading === heading ? `${last.text}${between}${piece}` : ''
      if (last && joined !== '' && joined.length <= PASSAGE_MAX)
        passages[passages.length - 1] = { heading, text: joined }
      else passages.push({ heading, text: piece })
    }
  }
  return passages
}

const paragraphs = (text: string): readonly string[] => text.split(/\n[ \t]*\n+/).filter((part) => part.trim() !== '')

const splitText = (text: string): readonly Passage[] =>
  pack(
    paragraphs(text).map((part) => ({ heading: '', text: part })),
    '\n\n',
  )

const HEADING = /^(#{1,6})[ \t]+(.+?)[ \t#]*$/
const FENCE = /^(?:```|~~~)/

const splitMarkdown = (text: string): readonly Passage[] => {
  const units: Passage[] = []
  const path: string[] = []
  let lines: string[] = []
  let isCode = false
  const close = () => {
    const heading = path
      .filter((part) => part !== '')
      .join(' › ')
      .slice(0, HEADING_MAX)
    for (const part of paragraphs(lines.join('\n'))) units.push({ heading, text: part })
    lines = []
  }
  for (const line of text.split('\n')) {
    if (FENCE.test(line)) isCode = !isCode
    const found = isCode ? null : HEADING.exec(line)
    if (!found) {
      lines.push(line)
      continue
    }
    close()
    const depth = found[1]?.length ?? 1
    path.length = Math.min(path.length, depth - 1)
    while (path.length < depth - 1) path.push('')
    path.push(found[2] ?? '')
  }
  close()
  return pack(units, '\n\n')
}

const delimiterOf = (header: string): string => {
  const count = (mark: string) => header.split(mark).length
  return [',', ';', '\t', '|'].reduce((best, mark) => (count(mark) > count(best) ? mark : best))
}

const splitCsv = (text: string): readonly Passage[] => {
  const body = text.replace(/^\uFEFF/, '')
  let rows: string[][]
  try {
    const delimiter = delimiterOf(body.slice(0, body.indexOf('\n') + 1 || body.length))
    rows = parse(body, { delimiter, relax_column_count: true, skip_empty_lines: true, trim: true })
  } catch (error) {
    if (!(error instanceof CsvError)) throw error
    throw invalid('knowledge_csv', 'file', { problem: error.code })
  }
  const [header = [], ...others] = rows
  const tell = (cells: readonly string[]) =>
    cells
      .map((cell, i) => (cell === '' ? '' : `${header[i] ?? i + 1}: ${cell}`))
      .filter((cell) => cell !== '')
      .join('; ')
  // A table of one line has no header to name its cells by.
  const told = others.length > 0 ? others.map(tell) : [header.join('; ')]
  return pack(
    told.filter((line) => line !== '').map((line) => ({ heading: '', text: line })),
    '\n',
  )
}

const DEPTH_MAX = 12

const tellValue = (value: unknown, depth: number): string => {
  if (depth > DEPTH_MAX) throw invalid('knowledge_json', 'file', { problem: `> ${DEPTH_MAX}` })
  if (value === null || value === undefined) return ''
  if (Array.isArray(value))
    return value
      .map((inner) => tellValue(inner, depth + 1))
      .filter((told) => told !== '')
      .join(', ')
  if (typeof value === 'object')
    return Object.entries(value)
      .map(([key, inner]) => [key, tellValue(inner, depth + 1)] as const)
      .filter(([, told]) => told !== '')
      .map(([key, told]) => `${key}: ${told}`)
      .join('; ')
  // oxlint-disable-next-line no-base-to-string -- JSON holds nothing else
  return String(value)
}

const splitJson = (text: string): readonly Passage[] => {
  let json: unknown
  try {
    json = JSON.parse(text.replace(/^\uFEFF/, ''))
  } catch (error) {
    throw invalid('knowledge_json', 'file', { problem: error instanceof SyntaxError ? shorten(error.message) : '' })
  }
  const units = (value: unknown, heading: string): readonly Passage[] => {
    if (Array.isArray(value)) return value.map((item) => ({ heading, text: tellValue(item, 1) }))
    if (typeof value !== 'object' || value === null) return [{ heading, text: tellValue(value, 0) }]
    const simple = Object.entries(value).filter(([, inner]) => typeof inner !== 'object' || inner === null)
    const nested = Object.entries(value).filter(([, inner]) => typeof inner === 'object' && inner !== null)
    return [
      { heading, text: tellValue(Object.fromEntries(simple), 1) },
      ...nested.flatMap(([key, inner]) =>
        Array.isArray(inner)
          ? units(inner, key.slice(0, HEADING_MAX))
          : [{ heading: key.slice(0, HEADING_MAX), text: tellValue(inner, 1) }],
      ),
    ]
  }
  return pack(
    units(json, '').filter((unit) => unit.text.trim() !== ''),
    '\n',
  )
}

/** A parser quotes what it stumbled over; the place is enough. */
const shorten = (message: string): string => /at position \d+|line \d+ column \d+|end of JSON/.exec(message)?.[0] ?? ''

const SPLITTERS: Readonly<Record<KnowledgeKind, (text: string) => readonly Passage[]>> = {
  txt: splitText,
  md: splitMarkdown,
  csv: splitCsv,
  json: splitJson,
}

/**
 * The passages of a file, in its order: paragraphs of a text, sections of Markdown under their headings, rows of a table
 * with the names of their columns, items of a JSON. Errors: `invalid/knowledge_csv`, `invalid/knowledge_json`,
 * `invalid/knowledge_empty`.
 */
export const splitKnowledge = (kind: KnowledgeKind, text: string): readonly Passage[] => {
  const passages = SPLITTERS[kind](text.replace(/^\uFEFF/, ''))
  if (passages.length === 0) throw invalid('knowledge_empty', 'file')
  return passages
}
