import { Card, Group, SimpleGrid, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'

import { api, query } from '../../api/queries.ts'
import { usePanelSession } from '../../api/session.tsx'
import { barsOption } from '../../lib/bars-option.ts'
import { useFormats } from '../../lib/formats.ts'
import { ChartOrTable } from '../../ui/chart-or-table.tsx'
import { Fault } from '../../ui/fault.tsx'
import { Rows } from '../../ui/rows.tsx'
import { useReason } from '../../lib/use-reason.ts'
import { CloneWinner } from './clone-winner.tsx'

const FUNNEL = ['planned', 'sent', 'clicked', 'responded', 'converted', 'optedOut', 'blocked'] as const
const LOOK_AGAIN_MS = 5_000

/** How far messages came, and what did not arrive and why. */
export const CampaignReport = ({ id, isRunning }: { id: number; isRunning: boolean }) => {
  const { t } = useTranslation()
  const { tenant } = usePanelSession()
  const formats = useFormats(tenant.timeZone)
  const reasonText = useReason()
  const report = useQuery({
    ...query(api.campaigns.report, { params: { id } }),
    refetchInterval: isRunning ? LOOK_AGAIN_MS : false,
  })
  if (report.isPending) return <Rows count={4} />
  if (report.isError) return <Fault error={report.error} onRetry={() => void report.refetch()} />
  const { contest, funnel, failures, responseInterval, revenueMinor, costMinor, currency, goal } = report.data
  const names = FUNNEL.map((step) => t(`campaigns.${step}`))
  const reasons = failures.map(({ reason }) => reasonText(reason))
  return (
    <>
      <SimpleGrid cols={{ base: 1, lg: 2 }}>
        <Card withBorder>
          <ChartOrTable
            title={t('campaigns.funnel')}
            option={barsOption(
              names,
              FUNNEL.map((step) => funnel[step]),
            )}
            columns={[t('campaigns.step'), t('campaigns.messages')]}
            rows={FUNNEL.map((step, i) => [names[i] ?? step, formats.number(funnel[step])])}
          />
        </Card>
        <Card withBorder>
          {failures.length === 0 ? (
            <Text c="dimmed">{t('campaigns.noFailures')}</Text>
          ) : (
            <ChartOrTable
              title={t('campaigns.failures')}
              option={barsOption(
                reasons,
                failures.map(({ count }) => count),
              )}
              columns={[t('campaigns.state'), t('campaigns.reason'), t('campaigns.messages')]}
              rows={failures.map(({ state, count }, i) => [
                t(`words:deliveryState.${state}`),
                reasons[i] ?? '',
                formats.number(count),
              ])}
            />
          )}
        </Card>
      </SimpleGrid>
      {contest !== null && <CloneWinner id={id} winner={contest.winner} />}
      <Group gap="lg">
        {funnel.sent > 0 && (
          <Text size="sm">
            {t('campaigns.responseRange', {
              low: formats.ratio(responseInterval.low),
              high: formats.ratio(responseInterval.high),
            })}
          </Text>
        )}
        <Text size="sm">{t('campaigns.revenue', { amount: formats.money(revenueMinor, currency) })}</Text>
        {costMinor !== null && (
          <Text size="sm">{t('campaigns.cost', { amount: formats.money(costMinor, currency) })}</Text>
        )}
        {goal !== null && (
          <Text size="sm">
            {t('campaigns.goal', {
              kind: t(`words:campaignGoal.${goal.kind}`),
              value: goal.kind === 'revenue' ? formats.money(goal.value, currency) : formats.number(goal.value),
              target: goal.kind === 'revenue' ? formats.money(goal.target, currency) : formats.number(goal.target),
            })}
          </Text>
        )}
      </Group>
    </>
  )
}
