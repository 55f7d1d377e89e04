import { Group, Stack, Title } from '@mantine/core'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'

import { api, query } from '../../api/queries.ts'
import { DaysChoice } from '../../ui/days-choice.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { Fault } from '../../ui/fault.tsx'
import { Rows } from '../../ui/rows.tsx'
import { ReportParts } from './report-parts.tsx'

const screen = getRouteApi('/reports')
const LOOK_AGAIN_MS = 30_000

/** T11: what was sent and what came of it, by segment, hour, wording and reason. */
export const Reports = () => {
  const { t } = useTranslation()
  const { days } = screen.useSearch()
  const navigate = screen.useNavigate()
  const report = useQuery({
    ...query(api.analytics.report, { query: { days } }),
    refetchInterval: LOOK_AGAIN_MS,
    placeholderData: keepPreviousData,
  })
  const isEmpty = report.isSuccess && report.data.funnel.tried === 0 && report.data.failures.length === 0
  return (
    <Stack gap="lg" aria-busy={report.isPlaceholderData}>
      <Group justify="space-between">
        <Title order={1} size="h3">
          {t('screens.reports')}
        </Title>
        <DaysChoice
          value={days}
          onChange={(chosen) => void navigate({ search: (before) => ({ ...before, days: chosen }), replace: true })}
        />
      </Group>
      {report.isPending && <Rows />}
      {report.isError && <Fault error={report.error} onRetry={() => void report.refetch()} />}
      {isEmpty && <EmptyState title={t('reports.none')} next={t('reports.noneNext')} />}
      {report.isSuccess && !isEmpty && <ReportParts report={report.data} days={days} />}
    </Stack>
  )
}
