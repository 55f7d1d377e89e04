import { Anchor, Card, Group, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useDeferredValue } from 'react'
import { useTranslation } from 'react-i18next'

import { api, query } from '../../api/queries.ts'
import { useMay, usePanelSession } from '../../api/session.tsx'
import { useFormats } from '../../lib/formats.ts'
import { ChartOrTable } from '../../ui/chart-or-table.tsx'
import { Fault } from '../../ui/fault.tsx'
import { WaitingCard } from '../../ui/waiting-card.tsx'
import { hoursOption } from './trend.ts'

const LOOK_AGAIN_MS = 5_000

/** What left today, hour by hour, and how fast at the moment. */
export const TodayWidget = () => {
  const { t } = useTranslation()
  const { tenant } = usePanelSession()
  const formats = useFormats(tenant.timeZone)
  const mayLook = useMay('accounts.view')
  const today = useDeferredValue(useQuery({ ...query(api.analytics.today, {}), refetchInterval: LOOK_AGAIN_MS }))
  if (today.isPending) return <WaitingCard title={t('overview.today')} heights={[280, 22]} />
  if (today.isError) return <Fault error={today.error} onRetry={() => void today.refetch()} />
  const { sent, perMinute, hours } = today.data
  return (
    <Card withBorder h="100%">
      <ChartOrTable
        title={t('overview.today')}
        option={hoursOption(hours, t('overview.sent'))}
        columns={[t('overview.hour'), t('overview.sent')]}
        rows={hours.map((count, hour) => [`${hour}:00`, count])}
        file="today"
      />
      <Group justify="space-between" gap="xs">
        <Text size="sm" data-testid="rate">
          {t('overview.rate', { sent: formats.number(sent), rate: formats.number(perMinute) })}
        </Text>
        {mayLook && (
          <Anchor component={Link} to="/accounts" size="sm">
            {t('overview.toQueue')}
          </Anchor>
        )}
      </Group>
    </Card>
  )
}
