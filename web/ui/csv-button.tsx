import { Button } from '@mantine/core'
import { useTranslation } from 'react-i18next'

import type { Cell } from '../lib/csv.ts'
import { saveCsv } from '../lib/save-csv.ts'

interface CsvButtonProps {
  /** What the table shows, for those who hear the button and do not see what it stands beside. */
  readonly title: string
  /** Of the file, without its ending. */
  readonly file: string
  readonly columns: readonly string[]
  readonly rows: readonly (readonly Cell[])[]
}

/** Gives a table as a file. */
export const CsvButton = ({ title, file, columns, rows }: CsvButtonProps) => {
  const { t } = useTranslation()
  return (
    <Button
      size="compact-xs"
      variant="default"
      aria-label={t('csv.saveOf', { title })}
      onClick={() => saveCsv(file, columns, rows)}
    >
      CSV
    </Button>
  )
}
