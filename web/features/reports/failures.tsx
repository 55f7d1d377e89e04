import { Anchor, Stack, Text, Title } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'

import type { api } from '#contract/api.ts'
import type { RouteOutput } from '#contract/route.ts'

import { useMay } from '../../api/session.tsx'
import { barsOption } from '../../lib/bars-option.ts'
import { useReason } from '../../lib/use-reason.ts'
import { ChartOrTable } from '../../ui/chart-or-table.tsx'

interface FailuresProps {
  readonly failures: RouteOutput<typeof api.analytics.report>['failures']
  readonly file: string
}

/** What did not leave or did not arrive, by reason. */
export const Failures = ({ failures, file }: FailuresProps) => {
  const { t } = useTranslation()
  const reasonText = useReason()
  const mayLook = useMay('accounts.view')
  if (failures.length === 0)
    return (
      <Stack gap="xs">
        <Title order={2} size="h5">
          {t('reports.failures')}
        </Title>
        <Text c="dimmed">{t('reports.noFailures')}</Text>
      </Stack>
    )
  return (
    <>
      <ChartOrTable
        title={t('reports.failures')}
        option={barsOption(
          failures.map(({ reason }) => reasonText(reason)),
          failures.map(({ count }) => count),
        )}
        columns={[t('reports.state'), t('reports.reason'), t('reports.messages')]}
        rows={failures.map(({ state, reason, count }) => [
          t(`words:deliveryState.${state}`),
          reasonText(reason),
          count,
        ])}
        file={file}
      />
      {mayLook && (
        <Anchor size="sm" renderRoot={(props) => <Link to="/accounts" {...props} />}>
          {t('reports.toQueue')}
        </Anchor>
      )}
    </>
  )
}
