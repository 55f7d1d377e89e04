import { Card, Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'

import type { api } from '#contract/api.ts'
import type { RouteOutput } from '#contract/route.ts'

import { ChartOrTable } from '../../ui/chart-or-table.tsx'

type Onboarding = RouteOutput<typeof api.installation.overview>['onboarding']

/** A bar a step, in the order people go through them. */
const funnelOption = (names: readonly string[], counts: readonly number[]) => ({
  grid: { left: 8, right: 24, top: 8, bottom: 24, containLabel: true },
  tooltip: { trigger: 'axis' },
  xAxis: { type: 'value', minInterval: 1 },
  yAxis: { type: 'category', inverse: true, data: [...names] },
  series: [{ type: 'bar', data: [...counts], itemStyle: { color: '#0b7285' } }],
})

/** How far newcomers of the last 30 days came. */
export const FunnelCard = ({ onboarding: { started, steps } }: { onboarding: Onboarding }) => {
  const { t } = useTranslation()
  const names = steps.map(({ state }) => t(`words:onboardingState.${state}`))
  return (
    <Card withBorder>
      {started === 0 ? (
        <Text c="dimmed">{t('installation.noNewcomers')}</Text>
      ) : (
        <ChartOrTable
          title={t('installation.funnel')}
          option={funnelOption(
            names,
            steps.map(({ entered }) => entered),
          )}
          columns={['step', 'entered', 'converted', 'left', 'standing'].map((name) => t(`installation.${name}`))}
          rows={steps.map(({ entered, converted, left, waiting }, i) => [
            names[i] ?? '',
            entered,
            converted,
            left,
            waiting,
          ])}
        />
      )}
    </Card>
  )
}
