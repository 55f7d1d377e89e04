import { invalid } from '#server/base/errors.ts'

import { foldText } from '../text.rules.ts'
import headers from './csv-headers.json' with { type: 'json' }

export const CSV_FIELDS = [
  'telegramId',
  'username',
  'firstName',
  'lastName',
  'fullName',
  'languageCode',
  'timeZone',
  'isPremium',
  'tags',
  'firstSeenAt',
  'lastSeenAt',
] as const
export type CsvField = (typeof CSV_FIELDS)[number]

/** What a column is: a field, something to keep as an attribute under its own name, or nothing. */
export type ColumnUse = { readonly field: CsvField } | { readonly attribute: string } | null

/** How to read a file's columns. */
export interface CsvLayoutOptions {
  /** Field, or `-` for none, by column name; columns not named here are recognised by themselves. */
  readonly mapping?: Readonly<Record<string, string>>
  /** What becomes of columns nobody recognises. `refuse` unless told otherwise: data must not vanish silently. */
  readonly unknownColumns?: 'refuse' | 'ignore' | 'attributes'
}

const plain = (name: string): string =>
  foldText(name)
    .replaceAll(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()

const FIELD_BY_NAME: ReadonlyMap<string, CsvField> = new Map(
  CSV_FIELDS.flatMap((field) => [
    [plain(field), field] as const,
    ...headers[field].map((name) => [plain(name), field] as const),
  ]),
)

const ATTRIBUTE_NAME_MAX = 60
const DELIMITERS = [',', ';', '\t', '|'] as const

/** The delimiter of a file: the one that its first line holds most of, outside quotes; a comma if none. */
export const detectDelimiter = (text: string): string => {
  const line = (/^[\r\n]*([^\r\n]*)/.exec(text)?.[1] ?? '').replaceAll(/"[^"]*"/g, '')
  const counts = DELIMITERS.map((delimiter) => line.split(delimiter).length - 1)
  return DELIMITERS[counts.indexOf(Math.max(...counts))] ?? ','
}

const mappedField = (column: string, target: string): CsvField | null => {
  if (target === '-' || target === '') return null
  const field = CSV_FIELDS.find((known) => known === target)
  if (!field)
    throw invalid('import_field_unknown', 'mapping', {
      column,
      value: target.slice(0, 60),
      known: CSV_FIELDS.join(', '),
    })
  return field
}

/**
 * What each column of the header is. Errors, all `invalid` and naming the columns: `import_column_missing` (the mapping
 * names one the file has not), `import_field_unknown`, `import_columns_unknown`, `import_column_twice`,
 * `import_identity_missing` (neither a Telegram id nor a user name: nobody could be recognised).
 */
export const layoutOf = (header: readonly string[], options: CsvLayoutOptions = {}): readonly ColumnUse[] => {
  const mapping = new Map(Object.entries(options.mapping ?? {}).map(([column, target]) => [plain(column), target]))
  const names = header.map(plain)
  for (const column of mapping.keys()) {
    if (!names.includes(column))
      throw invalid('import_column_missing', 'mapping', { column, columns: header.join(', ').slice(0, 300) })
  }
  const unknown: string[] = []
  const taken = new Map<CsvField, string>()
  const uses = header.map((title, i): ColumnUse => {
    const name = names[i] ?? ''
    const target = mapping.get(name)
    if (target === undefined && name === '') return null
    const field = target === undefined ? (FIELD_BY_NAME.get(name) ?? null) : mappedField(title, target)
    if (field === null) {
      if (target !== undefined || options.unknownColumns === 'ignore') return null
      if (options.unknownColumns === 'attributes') return { attribute: title.trim().slice(0, ATTRIBUTE_NAME_MAX) }
      unknown.push(title.trim())
      return null
    }
    const other = taken.get(field)
    if (other !== undefined)
      throw invalid('import_column_twice', 'mapping', { target: field, first: other, second: title })
    taken.set(field, title)
    return { field }
  })
  if (unknown.length > 0) {
    throw invalid('import_columns_unknown', 'columns', {
      columns: unknown.join(', ').slice(0, 300),
      known: CSV_FIELDS.join(', '),
    })
  }
  if (!taken.has('telegramId') && !taken.has('username')) {
    throw invalid('import_identity_missing', 'columns', { columns: header.join(', ').slice(0, 300) })
  }
  return uses
}
