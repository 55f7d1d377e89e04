import { Anchor, Card, Group, SimpleGrid, Stack, Text, Title } from '@mantine/core'
import { Link, getRouteApi } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'

import { usePanelSession } from '../../api/session.tsx'
import { useFormats } from '../../lib/formats.ts'
import { Fault } from '../../ui/fault.tsx'
import { Rows } from '../../ui/rows.tsx'
import { CampaignActions } from './campaign-actions.tsx'
import { type CampaignDetail, isOver, leftOf, sentOf } from './campaign-figures.ts'
import { CampaignForecast } from './campaign-forecast.tsx'
import { CampaignReport } from './campaign-report.tsx'
import { Recipients } from './recipients.tsx'
import { StateBadge } from './state-badge.tsx'
import { useLiveCampaign } from './use-live-campaign.ts'

const screen = getRouteApi('/campaigns/$id')

/** Whom it is for and what they get, in one line each. */
const About = ({ campaign }: { campaign: CampaignDetail }) => {
  const { t } = useTranslation()
  const { tenant } = usePanelSession()
  const formats = useFormats(tenant.timeZone)
  const { segments, tags, chats, own } = campaign.audience
  const audience = [
    ...segments.map((segment) => t(`words:segment.${segment}`)),
    ...own.map(({ id, name }) => name ?? t('campaigns.ownGone', { id })),
    ...tags.map((tag) => `#${tag}`),
    ...chats.map((chat) => t('campaigns.chat', { id: chat })),
  ]
  const list = new Intl.ListFormat(undefined, { type: 'unit' })
  return (
    <Text c="dimmed" component="div">
      <div>
        {t(`words:campaignKind.${campaign.kind}`)} · {t('campaigns.audience')}:{' '}
        <bdi>{audience.length > 0 ? list.format(audience) : t('campaigns.everybody')}</bdi>
      </div>
      <div>
        {t('campaigns.template')}: <bdi>{list.format(campaign.steps.map(({ template }) => template))}</bdi>
        {campaign.endsAt !== null && <> · {t('campaigns.ends', { at: formats.instant(campaign.endsAt) })}</>}
      </div>
    </Text>
  )
}

const Figures = ({ counts }: Pick<CampaignDetail, 'counts'>) => {
  const { t } = useTranslation()
  const { tenant } = usePanelSession()
  const formats = useFormats(tenant.timeZone)
  const figures = {
    sent: sentOf(counts),
    left: leftOf(counts),
    refused: counts.states.refused + counts.states.failed,
    responded: counts.responded,
    clicked: counts.clicked,
    optedOut: counts.optedOut,
  }
  return (
    <SimpleGrid cols={{ base: 2, sm: 3, lg: 6 }}>
      {Object.entries(figures).map(([name, value]) => (
        <Card key={name} withBorder>
          <Text size="sm" c="dimmed">
            {t(`campaigns.${name}`)}
          </Text>
          <Text fz={28} fw={650} data-testid={`figure-${name}`}>
            {formats.number(value)}
          </Text>
        </Card>
      ))}
    </SimpleGrid>
  )
}

/** One campaign: how it goes while it goes, what can be done about it, and how it went. */
export const Campaign = () => {
  const { t } = useTranslation()
  const id = Number(screen.useParams().id)
  const { campaign, isLost } = useLiveCampaign(id)
  if (campaign.isPending) return <Rows />
  if (campaign.isError) return <Fault error={campaign.error} onRetry={() => void campaign.refetch()} />
  const { data } = campaign
  const hasBegun = data.startedAt !== null || (data.state !== 'draft' && data.state !== 'in_review')
  return (
    <Stack gap="lg">
      <Anchor component={Link} to="/campaigns" size="sm">
        {t('campaigns.back')}
      </Anchor>
      <Group justify="space-between" align="start">
        <Stack gap={4}>
          <Group gap="sm">
            <Title order={1} size="h3">
              <bdi>{data.name}</bdi>
            </Title>
            <StateBadge state={data.state} />
          </Group>
          <About campaign={data} />
        </Stack>
        <CampaignActions campaign={data} />
      </Group>
      <Text component="output" size="sm" c="dimmed">
        {isLost && t('campaigns.lost')}
      </Text>
      {hasBegun ? (
        <>
          <Figures counts={data.counts} />
          <CampaignReport id={id} isRunning={!isOver(data.state)} />
          <Recipients id={id} isRunning={!isOver(data.state)} />
        </>
      ) : (
        <CampaignForecast id={id} />
      )}
    </Stack>
  )
}
