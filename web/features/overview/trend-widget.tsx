import { Card } from '@mantine/core'
import { useTranslation } from 'react-i18next'

import { ChartOrTable } from '../../ui/chart-or-table.tsx'
import { Fault } from '../../ui/fault.tsx'
import { WaitingCard } from '../../ui/waiting-card.tsx'
import { FIGURES, trendOption } from './trend.ts'
import { useDays } from './use-days.ts'

/** A month's days. */
export const TrendWidget = () => {
  const { t } = useTranslation()
  const { days, month } = useDays()
  if (month.isPending) return <WaitingCard title={t('overview.month')} heights={[280]} />
  if (month.isError) return <Fault error={month.error} onRetry={() => void month.refetch()} />
  const names = FIGURES.map((figure) => t(`overview.${figure}`))
  return (
    <Card withBorder h="100%">
      <ChartOrTable
        title={t('overview.month')}
        option={trendOption(days, FIGURES, names)}
        columns={[t('overview.day'), ...names]}
        rows={days.map((day) => [day.on, ...FIGURES.map((figure) => day[figure])])}
        file="days"
      />
    </Card>
  )
}
