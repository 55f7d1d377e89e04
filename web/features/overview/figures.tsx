import { Anchor, Card, SimpleGrid, Skeleton, Text } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'

import { useMay, usePanelSession } from '../../api/session.tsx'
import { useFormats } from '../../lib/formats.ts'
import { Fault } from '../../ui/fault.tsx'
import { FIGURES, sumOf } from './trend.ts'
import { useDays } from './use-days.ts'

const WEEK = 7

/** The rows behind each figure, as far as whoever looks may see them. */
const useRowsOf = () => {
  const mayRead = useMay('conversations.view')
  const mayList = useMay('contacts.view')
  return { sent: '/reports', answered: mayRead ? '/inbox' : '/reports', joined: mayList ? '/contacts' : '/reports', stopped: '/reports' } as const // prettier-ignore
}

/** How much more or less than the week before; nothing where there was nothing. */
const changeOf = (now: number, before: number): number | null => (before === 0 ? null : (now - before) / before)

const SIZE_PX = 28

/** Takes the place of the two lines of a {@link Figure}. */
const WaitingFigure = () => (
  <>
    <Text component="div" fz={SIZE_PX}>
      <Skeleton display="inline-block" width="3em" height="0.7em" />
    </Text>
    <Text component="div" size="xs">
      <Skeleton display="inline-block" width="8em" height="0.7em" />
    </Text>
  </>
)

const Figure = ({ figure, now, then }: { figure: (typeof FIGURES)[number]; now: number; then: number }) => {
  const { t } = useTranslation()
  const { tenant } = usePanelSession()
  const formats = useFormats(tenant.timeZone)
  const change = changeOf(now, then)
  return (
    <>
      <Text fz={SIZE_PX} fw={650} data-testid={`figure-${figure}`}>
        {formats.number(now)}
      </Text>
      <Text size="xs" c="dimmed">
        {t('overview.weekBefore', { value: formats.number(then) })}
        {change !== null && (
          <>
            {' · '}
            <bdi>{`${change > 0 ? '+' : ''}${formats.ratio(change)}`}</bdi>
          </>
        )}
      </Text>
    </>
  )
}

/** Four figures of the week beside the week before. */
export const FiguresWidget = () => {
  const { t } = useTranslation()
  const rowsOf = useRowsOf()
  const { days, month } = useDays()
  if (month.isError) return <Fault error={month.error} onRetry={() => void month.refetch()} />
  const [week, before] = [days.slice(-WEEK), days.slice(-2 * WEEK, -WEEK)]
  return (
    <SimpleGrid cols={{ base: 2, md: 4 }}>
      {FIGURES.map((figure) => (
        <Card key={figure} withBorder>
          <Anchor component={Link} to={rowsOf[figure]} size="sm">
            {t(`overview.${figure}`)}
          </Anchor>
          {month.isPending ? (
            <WaitingFigure />
          ) : (
            <Figure figure={figure} now={sumOf(week, figure)} then={sumOf(before, figure)} />
          )}
        </Card>
      ))}
    </SimpleGrid>
  )
}
