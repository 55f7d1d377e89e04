import { Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'

import type { api } from '#contract/api.ts'
import type { RouteOutput } from '#contract/route.ts'

import { barsOption } from '../../lib/bars-option.ts'
import { ChartOrTable } from '../../ui/chart-or-table.tsx'
import { FUNNEL } from './funnel-steps.ts'

type Figures = RouteOutput<typeof api.analytics.report>['funnel']

interface FunnelProps {
  readonly funnel: Figures
  readonly days: number
  readonly file: string
}

/** How far everything came that was sent. */
export const Funnel = ({ funnel, days, file }: FunnelProps) => {
  const { t } = useTranslation()
  const names = FUNNEL.map((step) => t(`reports.${step}`))
  return (
    <>
      <ChartOrTable
        title={t('reports.funnel', { count: days })}
        option={barsOption(
          names,
          FUNNEL.map((step) => funnel[step]),
        )}
        columns={[t('reports.step'), t('reports.messages')]}
        rows={FUNNEL.map((step, i) => [names[i] ?? step, funnel[step]])}
        file={file}
      />
      <Text size="xs" c="dimmed">
        {t('reports.notRead')}
      </Text>
    </>
  )
}
