import { Table } from '@mantine/core'

interface PlainTableProps {
  readonly title: string
  readonly columns: readonly string[]
  readonly rows: readonly (readonly (string | number)[])[]
  readonly maxHeight: number
}

/** Figures in words, in a place of a fixed height. */
export const PlainTable = ({ title, columns, rows, maxHeight }: PlainTableProps) => (
  <Table.ScrollContainer scrollAreaProps={{ viewportProps: { tabIndex: 0 } }} minWidth={360} maxHeight={maxHeight}>
    <Table stickyHeader data={{ caption: title, head: [...columns], body: rows.map((row) => [...row]) }} />
  </Table.ScrollContainer>
)
