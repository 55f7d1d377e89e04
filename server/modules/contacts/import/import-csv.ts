import { AppError, invalid } from '#server/base/errors.ts'
import { emitEvents } from '#server/db/emit-events.ts'
import { type TenantTx, inTenant } from '#server/db/tenant-scope.ts'

import { suppressListed } from '../contact.store.ts'
import { checkTags } from '../tag.rules.ts'
import { type ColumnUse, type CsvLayoutOptions, detectDelimiter, layoutOf } from './csv-layout.rules.ts'
import { type ImportedPerson, type RowFacts, readRow } from './csv-row.rules.ts'
import { type CsvRow, readCsvRows } from './csv-rows.ts'
import type { Encoding } from './encoding.rules.ts'
import { lockImports, matchKnown, saveImported } from './import-people.store.ts'
import type { ImportDeps } from './import-deps.ts'
import { mergePeople } from './merge-people.rules.ts'
import { type RowError, type RowErrorLog, createRowErrorLog } from './row-errors.ts'
import { type SourceFile, checkUnchanged, chooseEncoding, openSource, readText } from './text-file.ts'
import { createWriteAhead } from './write-ahead.ts'
import { refreshStatistics } from './statistics.store.ts'
import { findTenantZone } from './tenant-zone.store.ts'

export interface CsvImportOptions extends CsvLayoutOptions {
  /** `utf-8`, `utf-16le`, `utf-16be`, `windows-1254`, or `auto`. */
  readonly encoding?: string
  /** One character; recognised by itself among comma, semicolon, tab and bar. */
  readonly delimiter?: string
  /** Given to everybody in the file. */
  readonly tags?: readonly string[]
  /** Checks and counts, writes nothing, not even a file of errors unless `errorsPath` names one. */
  readonly dryRun?: boolean
  /** Where rows that were left out are listed; beside the file as `<name>.errors.csv` unless told otherwise. */
  readonly errorsPath?: string
}

export interface CsvImportResult {
  readonly file: string
  readonly dryRun: boolean
  readonly encoding: Encoding
  readonly delimiter: string
  /** Field, attribute or null by column. */
  readonly columns: Readonly<Record<string, string | null>>
  /** Rows below the header. */
  readonly rows: number
  readonly created: number
  /** Known people who gained something. */
  readonly updated: number
  /** Rows about people who were known already, from the database or an earlier row, and gained nothing. */
  readonly unchanged: number
  readonly invalid: number
  readonly errors: readonly RowError[]
  readonly errorsPath: string | null
}

/** Rows to a transaction: large enough for speed, small enough that nobody waits for a lock or an event. */
const BATCH_ROWS = 1_000
const IDS_PER_EVENT = 500

/**
 * Imports people from a CSV file of any size in flat memory. The whole file is read and checked before the first row is
 * written; then each batch of a thousand rows is one transaction. A run that is cut off has imported whole batches, and
 * running it again completes the rest: nobody is imported twice. People get no consent from a file.
 * Errors: those of {@link openSource}, {@link chooseEncoding}, {@link readText}, {@link readCsvRows}, {@link layoutOf},
 * and `invalid/tag_*`, `conflict/import_file_changed`, `invalid/import_errors_unwritable`.
 */
export const importCsv = async (
  deps: ImportDeps,
  tenantId: number,
  path: string,
  options: CsvImportOptions = {},
): Promise<CsvImportResult> => {
  const tags = checkTags(options.tags ?? [])
  const source = await openSource(path)
  const checked = await checkFile(deps, source, options)
  await checkUnchanged(source)
  const facts = { now: deps.clock.now(), timeZone: await inTenant(deps.db, tenantId, findTenantZone) }
  const errorsPath = options.errorsPath ?? (options.dryRun ? null : `${path}.errors.csv`)
  const run: Run = {
    deps,
    tenantId,
    source: `import:${source.name}`,
    tags,
    facts,
    dryRun: options.dryRun ?? false,
    log: createRowErrorLog(errorsPath),
    counts: { rows: 0, created: 0, updated: 0, unchanged: 0, batches: 0 },
    seen: new Set(),
  }
  try {
    await writeRows(
      run,
      rowsOf(source, checked, (done) => deps.onProgress?.({ phase: 'writing', done, total: source.size })),
      checked.layout,
    )
  } finally {
    await run.log.close()
  }
  await checkUnchanged(source)
  return {
    file: source.name,
    dryRun: run.dryRun,
    encoding: checked.encoding,
    delimiter: checked.delimiter,
    columns: Object.fromEntries(checked.header.map((name, i) => [name, nameOf(checked.layout[i] ?? null)])),
    rows: run.counts.rows,
    created: run.counts.created,
    updated: run.counts.updated,
    unchanged: run.counts.unchanged,
    invalid: run.log.count,
    errors: run.log.first,
    errorsPath: run.log.path,
  }
}

interface CheckedFile {
  readonly encoding: Encoding
  readonly delimiter: string
  readonly header: readonly string[]
  readonly layout: readonly ColumnUse[]
}

interface Run {
  readonly deps: ImportDeps
  readonly tenantId: number
  readonly source: string
  readonly tags: readonly string[]
  readonly facts: RowFacts
  readonly dryRun: boolean
  readonly log: RowErrorLog
  readonly counts: { rows: number; created: number; updated: number; unchanged: number; batches: number }
  /** Whom a dry run would have created by now; the real run asks the database. */
  readonly seen: Set<string>
}

const nameOf = (use: ColumnUse): string | null => use && ('field' in use ? use.field : `attribute:${use.attribute}`)

const rowsOf = (
  source: SourceFile,
  file: Pick<CheckedFile, 'encoding' | 'delimiter'>,
  onRead: (done: number) => void,
) => readCsvRows(readText(source, file.encoding, onRead), file.delimiter)

const checkFile = async (deps: ImportDeps, source: SourceFile, options: CsvImportOptions): Promise<CheckedFile> => {
  const encoding = chooseEncoding(source, options.encoding)
  try {
    return await checkAs(deps, source, encoding, options)
  } catch (error) {
    // A file that is not UTF-8 after all, and was not said to be: Turkish Windows programs write windows-1254.
    const guessed = encoding === 'utf-8' && (options.encoding ?? 'auto') === 'auto'
    if (guessed && error instanceof AppError && error.code === 'import_encoding_wrong') {
      return checkAs(deps, source, 'windows-1254', options)
    }
    throw error
  }
}

const checkAs = async (
  deps: ImportDeps,
  source: SourceFile,
  encoding: Encoding,
  options: CsvImportOptions,
): Promise<CheckedFile> => {
  const beginning = new TextDecoder(encoding).decode(source.sample)
  const delimiter = options.delimiter ?? detectDelimiter(beginning)
  if (delimiter.length !== 1 || delimiter === '"')
    throw invalid('import_delimiter', 'delimiter', { value: delimiter.slice(0, 10) })
  let header: readonly string[] | null = null
  let layout: readonly ColumnUse[] = []
  const onRead = (done: number) => deps.onProgress?.({ phase: 'checking', done, total: source.size })
  for await (const row of rowsOf(source, { encoding, delimiter }, onRead)) {
    if (header) continue
    header = row.cells
    layout = layoutOf(header, options)
  }
  if (!header) throw invalid('import_file_empty', 'file', { file: source.name })
  return { encoding, delimiter, header, layout }
}

const writeRows = async (run: Run, rows: AsyncIterable<CsvRow>, layout: readonly ColumnUse[]): Promise<void> => {
  const ahead = createWriteAhead((people: readonly ImportedPerson[]) => writeBatch(run, people))
  let batch: ImportedPerson[] = []
  let isHeader = true
  for await (const { line, cells } of rows) {
    if (isHeader) {
      isHeader = false
      continue
    }
    run.counts.rows += 1
    const read = readRow(cells, layout, run.facts)
    if ('fault' in read) await run.log.add({ line, ...read.fault })
    else if (batch.push(read.person) >= BATCH_ROWS) {
      await ahead.write(batch)
      batch = []
    }
  }
  if (batch.length > 0) await ahead.write(batch)
  await ahead.settle()
}

const writeBatch = async (run: Run, batch: readonly ImportedPerson[]): Promise<void> => {
  const people = mergePeople(batch.map((p) => ({ ...p, tags: [...new Set([...p.tags, ...run.tags])] })))
  const { created, updated } = await inTenant(run.deps.db, run.tenantId, (tx) =>
    run.dryRun ? foresee(tx, run, people) : write(tx, run, people),
  )
  run.counts.created += created
  run.counts.updated += updated
  run.counts.unchanged += batch.length - created - updated
  run.counts.batches += 1
  if (!run.dryRun) await refreshStatistics(run.deps.db, 'people', run.counts.batches)
}

const write = async (tx: TenantTx, run: Run, people: readonly ImportedPerson[]) => {
  const { now } = run.facts
  await lockImports(tx)
  const { created, changed } = await saveImported(tx, people, run.source, now)
  await suppressListed(tx, created)
  const createdIds = created.map((c) => c.id)
  await emitEvents(tx, now, [
    ...inPortions([...createdIds, ...changed]).map((payload) => ({ type: 'contact.changed' as const, payload })),
    ...inPortions(createdIds).map((payload) => ({ type: 'contact.created' as const, payload })),
  ])
  return { created: created.length, updated: changed.length }
}

const inPortions = (ids: readonly number[]) =>
  Array.from({ length: Math.ceil(ids.length / IDS_PER_EVENT) }, (_, i) => ({
    contactIds: ids.slice(i * IDS_PER_EVENT, (i + 1) * IDS_PER_EVENT),
  }))

const foresee = async (tx: TenantTx, run: Run, people: readonly ImportedPerson[]) => {
  const known = await matchKnown(tx, people)
  const fresh = people.filter((person, n) => {
    const key = person.telegramId === null ? `@${person.username?.toLowerCase()}` : String(person.telegramId)
    if (known.has(n) || run.seen.has(key)) return false
    run.seen.add(key)
    return true
  })
  // What a known person would gain is only decided by writing it.
  return { created: fresh.length, updated: 0 }
}
