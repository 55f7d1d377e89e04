import { Group, Table, Text, Title, VisuallyHidden } from '@mantine/core'
import { useTranslation } from 'react-i18next'

import { type Formats } from '../lib/formats.ts'
import { CsvButton } from './csv-button.tsx'
import classes from './heat-map.module.css'

/** What happened within one clock hour of a weekday; 1 is Monday. */
export interface HeatSlot {
  readonly weekday: number
  readonly hour: number
  readonly value: number
}

interface HeatMapProps {
  readonly title: string
  /** Of the file it is saved as. */
  readonly file: string
  readonly slots: readonly HeatSlot[]
  readonly formats: Formats
  /** What is counted, for those who ask about one field: gets the number as it is written. */
  readonly label: (value: string) => string
}

const WEEKDAYS = [1, 2, 3, 4, 5, 6, 7] as const
const HOURS = Array.from({ length: 24 }, (_, hour) => hour)
/** A Monday. */
const MONDAY = Date.UTC(2024, 0, 1)
const DAY_MS = 86_400_000
const STEPS = 5

/** The weekdays from Monday on, in the language of the screen. */
const useWeekdays = (): readonly string[] => {
  const { i18n } = useTranslation()
  const name = new Intl.DateTimeFormat(i18n.language, { weekday: 'short', timeZone: 'UTC' })
  return WEEKDAYS.map((weekday) => name.format(MONDAY + (weekday - 1) * DAY_MS))
}

/** A week by hour, the fuller the darker; a table, so that it is read and walked without eyes or mouse. */
export const HeatMap = ({ title, file, slots, formats, label }: HeatMapProps) => {
  const { t } = useTranslation()
  const weekdays = useWeekdays()
  const most = Math.max(1, ...slots.map(({ value }) => value))
  const valueOf = (weekday: number, hour: number): number =>
    slots.find((slot) => slot.weekday === weekday && slot.hour === hour)?.value ?? 0
  const columns = [t('heat.weekday'), ...HOURS.map(String)]
  const rows = WEEKDAYS.map((weekday, i) => [weekdays[i] ?? '', ...HOURS.map((hour) => valueOf(weekday, hour))])
  return (
    <div>
      <Group justify="space-between" mb="xs">
        <Title order={2} size="h5">
          {title}
        </Title>
        <CsvButton title={title} file={file} columns={columns} rows={rows} />
      </Group>
      <Table.ScrollContainer
        minWidth={620}
        dir="ltr"
        scrollAreaProps={{ viewportProps: { tabIndex: 0, 'aria-label': title } }}
      >
        <Table className={classes['map'] ?? ''} withRowBorders={false}>
          <Table.Caption>
            <VisuallyHidden>{title}</VisuallyHidden>
          </Table.Caption>
          <Table.Thead>
            <Table.Tr>
              <Table.Th scope="col">
                <VisuallyHidden>{t('heat.weekday')}</VisuallyHidden>
              </Table.Th>
              {HOURS.map((hour) => (
                <Table.Th key={hour} scope="col">
                  {hour}
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {WEEKDAYS.map((weekday, i) => (
              <Table.Tr key={weekday}>
                <Table.Th scope="row">
                  <bdi>{weekdays[i]}</bdi>
                </Table.Th>
                {HOURS.map((hour) => {
                  const value = valueOf(weekday, hour)
                  return (
                    <Table.Td
                      key={hour}
                      data-step={value === 0 ? 0 : Math.ceil((value / most) * STEPS)}
                      title={`${weekdays[i] ?? ''} ${hour}:00 · ${label(formats.number(value))}`}
                    >
                      {value === 0 ? '' : formats.number(value)}
                    </Table.Td>
                  )
                })}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      <Text size="xs" c="dimmed">
        {t('heat.hint')}
      </Text>
    </div>
  )
}
