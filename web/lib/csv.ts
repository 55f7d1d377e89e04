/** One value of a table. */
export type Cell = string | number

/** What a spreadsheet would take for a formula gets an apostrophe before it: names are written by strangers. */
const FORMULA = /^[=+\-@\t\r]/
const field = (cell: Cell): string => {
  const text = typeof cell === 'string' && FORMULA.test(cell) ? `'${cell}` : String(cell)
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** A table as RFC 4180 has it; the mark at its beginning lets spreadsheets read it as UTF-8. */
export const toCsv = (columns: readonly string[], rows: readonly (readonly Cell[])[]): string =>
  `\uFEFF${[columns, ...rows].map((row) => row.map(field).join(',')).join('\r\n')}\r\n`
