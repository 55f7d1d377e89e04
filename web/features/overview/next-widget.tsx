import { Anchor, Card, Group, Stack, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useDeferredValue } from 'react'
import { useTranslation } from 'react-i18next'

import { api, query } from '../../api/queries.ts'
import { useMay, usePanelSession } from '../../api/session.tsx'
import { useFormats } from '../../lib/formats.ts'
import { Fault } from '../../ui/fault.tsx'
import { WaitingCard } from '../../ui/waiting-card.tsx'

const LOOK_AGAIN_MS = 5_000

/** What leaves next, by hour and campaign. */
export const NextWidget = () => {
  const { t } = useTranslation()
  const { tenant } = usePanelSession()
  const formats = useFormats(tenant.timeZone)
  const mayOpen = useMay('campaigns.view')
  const next = useDeferredValue(useQuery({ ...query(api.analytics.next, {}), refetchInterval: LOOK_AGAIN_MS }))
  if (next.isPending) return <WaitingCard title={t('overview.next')} heights={[22, 22, 22, 22]} />
  if (next.isError) return <Fault error={next.error} onRetry={() => void next.refetch()} />
  const { items } = next.data
  return (
    <Card withBorder h="100%">
      <Stack gap="xs">
        <Title order={2} size="h5">
          {t('overview.next')}
        </Title>
        {items.length === 0 && <Text c="dimmed">{t('overview.nothingNext')}</Text>}
        {items.map(({ hourAt, campaignId, campaign, source, count }) => (
          <Group key={`${hourAt} ${campaignId ?? source}`} justify="space-between" gap="xs" wrap="nowrap">
            <Text size="sm" c="dimmed" style={{ whiteSpace: 'nowrap' }}>
              {formats.time(hourAt)}
            </Text>
            {campaignId !== null && mayOpen ? (
              <Anchor
                size="sm"
                flex={1}
                renderRoot={(props) => <Link to="/campaigns/$id" params={{ id: String(campaignId) }} {...props} />}
              >
                <bdi>{campaign}</bdi>
              </Anchor>
            ) : (
              <Text size="sm" flex={1}>
                {campaign === null ? t(`sources.${source}`) : <bdi>{campaign}</bdi>}
              </Text>
            )}
            <Text size="sm" fw={600}>
              {formats.number(count)}
            </Text>
          </Group>
        ))}
      </Stack>
    </Card>
  )
}
