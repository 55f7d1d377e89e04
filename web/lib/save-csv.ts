import { type Cell, toCsv } from './csv.ts'

/** Puts a table into a file of this name on the person's device. */
export const saveCsv = (name: string, columns: readonly string[], rows: readonly (readonly Cell[])[]): void => {
  const address = URL.createObjectURL(new Blob([toCsv(columns, rows)], { type: 'text/csv;charset=utf-8' }))
  const link = document.createElement('a')
  link.href = address
  link.download = `${name}.csv`
  link.click()
  URL.revokeObjectURL(address)
}
