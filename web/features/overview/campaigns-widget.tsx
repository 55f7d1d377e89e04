import { Anchor, Card, Group, Stack, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useDeferredValue } from 'react'
import { useTranslation } from 'react-i18next'

import type { api as contract } from '#contract/api.ts'
import type { RouteOutput } from '#contract/route.ts'

import { api, query } from '../../api/queries.ts'
import { useMay, usePanelSession } from '../../api/session.tsx'
import { useFormats } from '../../lib/formats.ts'
import { Fault } from '../../ui/fault.tsx'
import { WaitingCard } from '../../ui/waiting-card.tsx'

type Ranked = NonNullable<RouteOutput<typeof contract.analytics.bestCampaigns>['best']>

const LOOK_AGAIN_MS = 60_000

const Line = ({ label, campaign }: { label: string; campaign: Ranked }) => {
  const { t } = useTranslation()
  const { tenant } = usePanelSession()
  const formats = useFormats(tenant.timeZone)
  const mayOpen = useMay('campaigns.view')
  const { id, name, delivered, answered, answerInterval } = campaign
  return (
    <div>
      <Group gap="xs">
        <Text size="sm" c="dimmed">
          {label}
        </Text>
        {mayOpen ? (
          <Anchor renderRoot={(props) => <Link to="/campaigns/$id" params={{ id: String(id) }} {...props} />}>
            <bdi>{name}</bdi>
          </Anchor>
        ) : (
          <bdi>{name}</bdi>
        )}
      </Group>
      <Text size="sm">
        {t('overview.answeredOf', { answered: formats.number(answered), delivered: formats.number(delivered) })}{' '}
        <Text span c="dimmed">
          {t('overview.range', { low: formats.ratio(answerInterval.low), high: formats.ratio(answerInterval.high) })}
        </Text>
      </Text>
    </div>
  )
}

/** The best and the worst campaign of the month, by answers that are proven. */
export const CampaignsWidget = () => {
  const { t } = useTranslation()
  const ranked = useDeferredValue(
    useQuery({ ...query(api.analytics.bestCampaigns, {}), refetchInterval: LOOK_AGAIN_MS }),
  )
  if (ranked.isPending) return <WaitingCard title={t('overview.campaigns')} heights={[45, 45]} />
  if (ranked.isError) return <Fault error={ranked.error} onRetry={() => void ranked.refetch()} />
  const { best, worst } = ranked.data
  return (
    <Card withBorder h="100%">
      <Stack gap="sm">
        <Title order={2} size="h5">
          {t('overview.campaigns')}
        </Title>
        {best === null && <Text c="dimmed">{t('overview.noCampaigns')}</Text>}
        {best !== null && <Line label={t('overview.best')} campaign={best} />}
        {worst !== null && <Line label={t('overview.worst')} campaign={worst} />}
      </Stack>
    </Card>
  )
}
