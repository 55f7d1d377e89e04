import { Stack, Table, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'

import type { api as contract } from '#contract/api.ts'
import type { RouteOutput } from '#contract/route.ts'

import { call } from '../../api/client.ts'
import { api, query } from '../../api/queries.ts'
import { useMay, usePanelSession } from '../../api/session.tsx'
import { useFormats } from '../../lib/formats.ts'
import { useReason } from '../../lib/use-reason.ts'
import { Ask } from '../../ui/ask.tsx'
import { Fault } from '../../ui/fault.tsx'
import { Rows } from '../../ui/rows.tsx'
import { QueueButton } from './queue-button.tsx'
import { Waiting } from './waiting.tsx'

type QueueReport = RouteOutput<typeof contract.deliveries.queue>
type WaitingReason = QueueReport['waiting'][number]
type FailedCampaign = QueueReport['failedCampaigns'][number]

const DAYS = 7
const LOOK_AGAIN_MS = 30_000

const scroll = (label: string) => ({ viewportProps: { tabIndex: 0, 'aria-label': label } })

/** What waits, by reason; all of one reason can be taken back. */
const WaitingReasons = ({ rows }: { rows: readonly WaitingReason[] }) => {
  const { t } = useTranslation()
  const { tenant } = usePanelSession()
  const formats = useFormats(tenant.timeZone)
  const reasonText = useReason()
  const mayCancel = useMay('campaigns.start')
  const [asked, ask] = useState<WaitingReason | null>(null)
  const nameOf = ({ reason }: WaitingReason) => (reason === null ? t('queue.onTime') : reasonText(reason))
  return (
    <>
      <Table.ScrollContainer minWidth={420} scrollAreaProps={scroll(t('queue.waiting'))}>
        <Table>
          <Table.Thead>
            <Table.Tr>
              {['reason', 'count', 'next'].map((name) => (
                <Table.Th key={name}>{t(`queue.${name}`)}</Table.Th>
              ))}
              <Table.Td />
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {rows.map((row) => (
              <Table.Tr key={row.reason ?? ''}>
                <Table.Td>{nameOf(row)}</Table.Td>
                <Table.Td>{formats.number(row.count)}</Table.Td>
                <Table.Td>{formats.instant(row.nextDueAt)}</Table.Td>
                <Table.Td>
                  {mayCancel && (
                    <QueueButton
                      label={t('queue.cancelAll')}
                      about={t('queue.cancelAllOf', { reason: nameOf(row) })}
                      onPress={() => ask(row)}
                    />
                  )}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      {asked !== null && (
        <Ask
          title={t('queue.cancelAll')}
          act={t('queue.cancelAll')}
          color="red.9"
          perform={() => call(api.deliveries.cancelWaiting, { body: { reason: asked.reason } })}
          onClose={() => ask(null)}
        >
          <Text>{t('queue.cancelAllSure', { count: asked.count, reason: nameOf(asked) })}</Text>
        </Ask>
      )}
    </>
  )
}

/** What did not leave or did not arrive in the last days, by reason. */
const HeldBack = ({ rows }: { rows: QueueReport['heldBack'] }) => {
  const { t } = useTranslation()
  const { tenant } = usePanelSession()
  const formats = useFormats(tenant.timeZone)
  const reasonText = useReason()
  return (
    <Table.ScrollContainer minWidth={360} scrollAreaProps={scroll(t('queue.heldBack', { days: DAYS }))}>
      <Table>
        <Table.Thead>
          <Table.Tr>
            {['reason', 'state', 'count'].map((name) => (
              <Table.Th key={name}>{t(`queue.${name}`)}</Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map(({ state, reason, count }) => (
            <Table.Tr key={`${state} ${reason}`}>
              <Table.Td>{reasonText(reason)}</Table.Td>
              <Table.Td>{t(`words:deliveryState.${state}`)}</Table.Td>
              <Table.Td>{formats.number(count)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  )
}

/** Campaigns with sends that Telegram refused, to be tried once more. */
const FailedCampaigns = ({ rows }: { rows: readonly FailedCampaign[] }) => {
  const { t } = useTranslation()
  const [asked, ask] = useState<FailedCampaign | null>(null)
  if (!useMay('campaigns.start') || rows.length === 0) return null
  return (
    <Stack gap="xs">
      {rows.map((row) => (
        <Text key={row.campaignId} component="div" size="sm">
          <bdi>{row.name}</bdi>: {t('queue.failed', { count: row.count })}{' '}
          <QueueButton
            label={t('queue.retry')}
            about={t('queue.retryOf', { name: row.name })}
            onPress={() => ask(row)}
          />
        </Text>
      ))}
      {asked !== null && (
        <Ask
          title={t('queue.retry')}
          act={t('queue.retry')}
          perform={() => call(api.deliveries.retry, { body: { campaignId: asked.campaignId } })}
          onClose={() => ask(null)}
        >
          <Text>{t('queue.retrySure', { count: asked.count, name: asked.name })}</Text>
        </Ask>
      )}
    </Stack>
  )
}

/** What waits and why, and what was held back; with what can be done about it. */
export const Queue = () => {
  const { t } = useTranslation()
  const queue = useQuery({ ...query(api.deliveries.queue, { query: { days: DAYS } }), refetchInterval: LOOK_AGAIN_MS })
  if (queue.isPending) return <Rows count={3} />
  if (queue.isError) return <Fault error={queue.error} onRetry={() => void queue.refetch()} />
  const { waiting, heldBack, failedCampaigns } = queue.data
  return (
    <>
      <Stack gap="xs" component="section" aria-labelledby="waiting">
        <Title order={2} size="h5" id="waiting">
          {t('queue.waiting')}
        </Title>
        {waiting.length === 0 ? <Text c="dimmed">{t('queue.nothing')}</Text> : <WaitingReasons rows={waiting} />}
        {waiting.length > 0 && <Waiting />}
      </Stack>
      <Stack gap="xs" component="section" aria-labelledby="held-back">
        <Title order={2} size="h5" id="held-back">
          {t('queue.heldBack', { days: DAYS })}
        </Title>
        {heldBack.length === 0 ? <Text c="dimmed">{t('queue.nothingHeld')}</Text> : <HeldBack rows={heldBack} />}
        <FailedCampaigns rows={failedCampaigns} />
      </Stack>
    </>
  )
}
