import { Readable, pipeline } from 'node:stream'

import { CsvError, parse } from 'csv-parse'

import { AppError, invalid } from '#server/base/errors.ts'

/** A row may be this long; longer ones are another file format, or a quote that is never closed. */
const ROW_BYTES_MAX = 1_000_000

/** One row and the line of the file it ends on, counted from 1. */
export interface CsvRow {
  readonly line: number
  readonly cells: readonly string[]
}

/**
 * The rows of a CSV text, header included, rows without a value left out. Errors: `invalid/import_row_too_long` and
 * `invalid/import_quote_not_closed`, both naming the line the row begins on.
 */
export async function* readCsvRows(text: AsyncIterable<string>, delimiter: string): AsyncGenerator<CsvRow> {
  // The parser runs ahead of the reader, so the last whole row is noted as it is parsed.
  let lastLine = 0
  const parser = parse({
    delimiter,
    on_record: (record: string[], { lines }) => {
      lastLine = lines
      return record
    },
    info: true,
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
    // Spreadsheets end in rows of nothing but delimiters.
    skip_records_with_empty_values: true,
    max_record_size: ROW_BYTES_MAX,
  })
  pipeline(Readable.from(text, { objectMode: false, highWaterMark: 262_144 }), parser, () => {
    // The error, if there is one, also ends the iteration below.
  })
  try {
    for await (const item of parser) {
      const { record, info } = item as { record: string[]; info: { lines: number } }
      yield { line: info.lines, cells: record }
    }
  } catch (error) {
    throw error instanceof CsvError ? refusalOf(error, lastLine + 1) : error
  }
}

const refusalOf = (error: CsvError, line: number): AppError => {
  if (error.code === 'CSV_MAX_RECORD_SIZE') return invalid('import_row_too_long', 'file', { line, max: ROW_BYTES_MAX })
  if (error.code === 'CSV_QUOTE_NOT_CLOSED') return invalid('import_quote_not_closed', 'file', { line })
  return new AppError('invalid', 'import_csv_broken', { field: 'file', line, detail: error.code }, { cause: error })
}
