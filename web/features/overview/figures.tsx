import { Anchor, Card, SimpleGrid, Text } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'

import { useMay, usePanelSession } from '../../api/session.tsx'
import { useFormats } from '../../lib/formats.ts'
import { Fault } from '../../ui/fault.tsx'
import { Rows } from '../../ui/rows.tsx'
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

/** Four figures of the week beside the week before. */
export const FiguresWidget = () => {
  const { t } = useTranslation()
  const { tenant } = usePanelSession()
  const formats = useFormats(tenant.timeZone)
  const rowsOf = useRowsOf()
  const { days, month } = useDays()
  if (month.isPending) return <Rows count={2} />
  if (month.isError) return <Fault error={month.error} onRetry={() => void month.refetch()} />
  const [week, before] = [days.slice(-WEEK), days.slice(-2 * WEEK, -WEEK)]
  return (
    <SimpleGrid cols={{ base: 2, md: 4 }}>
      {FIGURES.map((figure) => {
        const [now, then] = [sumOf(week, figure), sumOf(before, figure)]
        const change = changeOf(now, then)
        return (
          <Card key={figure} withBorder>
            <Anchor component={Link} to={rowsOf[figure]} size="sm">
              {t(`overview.${figure}`)}
            </Anchor>
            <Text fz={28} fw={650} data-testid={`figure-${figure}`}>
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
          </Card>
        )
      })}
    </SimpleGrid>
  )
}
