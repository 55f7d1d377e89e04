/** One column of a table, as PostgreSQL's catalogue describes it. */
export interface Column {
  readonly table: string
  readonly name: string
  /** The catalogue's own name of the type, of the element type for an array, of the base type for a domain. */
  readonly type: string
  readonly isArray: boolean
  readonly isNullable: boolean
  /** May be left out of an insert. */
  readonly hasDefault: boolean
  /** Written by the database alone. */
  readonly isGenerated: boolean
  /** The labels of an enum type, in their order. */
  readonly labels: readonly string[] | null
}

/** Tables and their columns, in one order on every server version: partitions and other schemas are left out. */
export const COLUMNS_QUERY = `
  select c.relname as "table", a.attname as name, base.typname as type, declared.is_array as "isArray",
         not a.attnotnull as "isNullable",
         a.atthasdef or a.attidentity <> '' or not a.attnotnull as "hasDefault",
         a.attidentity = 'a' or a.attgenerated <> '' as "isGenerated",
         (select array_agg(e.enumlabel::text order by e.enumsortorder) from pg_enum e where e.enumtypid = base.oid) as labels
  from pg_class c
  join pg_namespace n on n.oid = c.relnamespace
  join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
  join pg_type t on t.oid = a.atttypid
  cross join lateral (
    select t.typcategory = 'A' and t.typelem <> 0 as is_array,
           case when t.typcategory = 'A' and t.typelem <> 0 then t.typelem else t.oid end as oid
  ) declared
  join pg_type element on element.oid = declared.oid
  join pg_type base on base.oid = case when element.typtype = 'd' then element.typbasetype else element.oid end
  where n.nspname = 'public' and c.relkind in ('r', 'p') and not c.relispartition and c.relname not like 'kysely\\_%'
  order by c.relname collate "C", a.attnum`

const SCALARS: Readonly<Record<string, string>> = {
  bool: 'boolean',
  bpchar: 'string',
  bytea: 'Buffer',
  citext: 'string',
  date: 'string',
  float4: 'number',
  float8: 'number',
  inet: 'string',
  int2: 'number',
  int4: 'number',
  // Row ids and Telegram ids; the pool refuses one that is not a safe integer.
  int8: 'number',
  json: 'Json',
  jsonb: 'Json',
  numeric: 'string',
  text: 'string',
  time: 'string',
  timestamptz: 'Timestamp',
  tsvector: 'string',
  uuid: 'string',
  varchar: 'string',
  xid8: 'string',
}

/** Types whose reading and writing differ have a nullable twin, because a union with null would not reach inside them. */
const SPLIT_TYPES: Readonly<Record<string, { readonly nullable: string; readonly element: string }>> = {
  Json: { nullable: 'NullableJson', element: 'unknown' },
  Timestamp: { nullable: 'NullableTimestamp', element: 'Date' },
}

const HEADER = `// Made by scripts/generate-schema.ts from migrations/; do not edit.
import type { ColumnType } from 'kysely'

type Generated<T> = T extends ColumnType<infer S, infer I, infer U> ? ColumnType<S, I | undefined, U> : ColumnType<T, T | undefined, T>
type GeneratedAlways<T> = T extends ColumnType<infer S, unknown, unknown> ? ColumnType<S, never, never> : ColumnType<T, never, never>
type Json = ColumnType<unknown, string, string>
type NullableJson = ColumnType<unknown, string | null, string | null>
type Timestamp = ColumnType<Date, Date | string, Date | string>
type NullableTimestamp = ColumnType<Date | null, Date | string | null, Date | string | null>
`

/** The TypeScript of server/db/schema.generated.ts. Errors: a plain one naming a column whose type it does not know. */
export const renderSchema = (columns: readonly Column[]): string => {
  const tables = Map.groupBy(columns, (column) => column.table)
  const interfaces = [...tables].map(
    ([table, its]) =>
      `export interface ${interfaceName(table)} {\n${its.map((c) => `  ${c.name}: ${columnType(c)}\n`).join('')}}\n`,
  )
  const entries = [...tables.keys()].map((table) => `  ${table}: ${interfaceName(table)}\n`)
  return [usedHeader(interfaces.join('')), ...interfaces, `export interface DB {\n${entries.join('')}}\n`].join('\n')
}

/** The header without the helper types that no column uses. */
const usedHeader = (body: string): string =>
  HEADER.split('\n')
    .filter((line) => {
      const helper = /^type (\w+)/.exec(line)?.[1]
      return helper === undefined || new RegExp(`\\b${helper}\\b`).test(body)
    })
    .join('\n')

const interfaceName = (table: string): string =>
  `${table.replaceAll(/(?:^|_)([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())}Table`

const columnType = (column: Column): string => {
  const value = valueType(column)
  if (column.isGenerated) return `GeneratedAlways<${value}>`
  return column.hasDefault ? `Generated<${value}>` : value
}

const valueType = (column: Column): string => {
  const scalar = column.labels?.map((label) => `'${label}'`).join(' | ') ?? SCALARS[column.type]
  if (scalar === undefined) {
    throw new Error(
      `${column.table}.${column.name} has the type ${column.type}, which scripts/schema-text.ts does not know: add it to SCALARS`,
    )
  }
  const split = SPLIT_TYPES[scalar]
  if (column.isArray) {
    const element = split?.element ?? scalar
    const array = element.includes('|') ? `(${element})[]` : `${element}[]`
    return column.isNullable ? `${array} | null` : array
  }
  if (!column.isNullable) return scalar
  return split?.nullable ?? `${scalar} | null`
}
