import { Badge, Button, Card, Group, SimpleGrid, Stack, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'

import type { RouteOutput } from '#contract/route.ts'

import { call } from '../../api/client.ts'
import { api, query } from '../../api/queries.ts'
import { useMayOperate, useZone } from '../../api/session.tsx'
import { useFormats } from '../../lib/formats.ts'
import { Fault } from '../../ui/fault.tsx'
import { Rows } from '../../ui/rows.tsx'
import { Note } from '../../ui/note.tsx'
import { AskReason } from './ask-reason.tsx'
import { Figure } from './figure.tsx'
import { FunnelCard } from './funnel-card.tsx'

type Overview = RouteOutput<typeof api.installation.overview>
const LOOK_AGAIN_MS = 10_000

/** Everything that is sent, stopped or let go on. */
const KillSwitch = ({ stopped }: { stopped: string | null }) => {
  const { t } = useTranslation()
  const [isAsked, ask] = useState(false)
  const act = stopped === null ? 'stop' : 'resume'
  return (
    <>
      <Button variant="default" onClick={() => ask(true)}>
        {t(`installation.${act}`)}
      </Button>
      {isAsked && (
        <AskReason
          title={t(`installation.${act}`)}
          text={t(`installation.${act}Sure`)}
          label={act === 'stop' ? t('installation.reason') : null}
          confirm={t(`installation.${act}`)}
          isGrave={act === 'stop'}
          perform={(reason) =>
            act === 'stop' ? call(api.installation.stop, { body: { reason } }) : call(api.installation.resume, {})
          }
          onClose={() => ask(false)}
        />
      )}
    </>
  )
}

/** What waits for somebody; each number leads to its rows. */
const Waiting = ({ overview }: { overview: Overview }) => {
  const { t } = useTranslation()
  const { number } = useFormats(useZone())
  const { waiting, tickets, openFaults, parked } = overview
  return (
    <SimpleGrid cols={{ base: 2, md: 4 }}>
      <Figure
        name="payments"
        label={t('installation.paymentsWaiting')}
        value={number(waiting.payments)}
        to="/installation/payments"
      />
      <Figure
        name="tickets"
        label={t('installation.ticketsOpen')}
        value={number(tickets.open)}
        more={t('installation.overdue', { count: tickets.overdue })}
        to="/installation/tickets"
      />
      <Figure
        name="faults"
        label={t('installation.faultsOpen')}
        value={number(openFaults)}
        more={t('installation.parked', { updates: number(parked.updates), events: number(parked.events) })}
        to="/installation/errors"
      />
      <Figure
        name="queue"
        label={t('installation.queue')}
        value={number(waiting.deliveries)}
        more={t('installation.queueMore', { updates: number(waiting.updates), notices: number(waiting.notices) })}
      />
    </SimpleGrid>
  )
}

const Business = ({ overview: { tenants, accounts, sent, failed, revenue } }: { overview: Overview }) => {
  const { t } = useTranslation()
  const { money, number, ratio } = useFormats(useZone())
  return (
    <SimpleGrid cols={{ base: 2, md: 4 }}>
      {revenue !== null && (
        <Figure
          name="mrr"
          label={t('installation.mrr')}
          value={money(revenue.mrrMinor, revenue.currency)}
          more={t('installation.paying', {
            count: revenue.paying,
            churn: revenue.churnRatio === null ? '–' : ratio(revenue.churnRatio),
          })}
        />
      )}
      <Figure
        name="tenants"
        label={t('installation.tenantsActive')}
        value={number(tenants.active)}
        more={t('installation.suspended', { count: tenants.suspended })}
        to="/installation/tenants"
      />
      <Figure
        name="sent"
        label={t('installation.sent')}
        value={number(sent)}
        more={t('installation.failed', { count: failed })}
      />
      <Figure
        name="accounts"
        label={t('installation.accounts')}
        value={number(accounts.working)}
        more={t('installation.accountsMore', {
          paused: number(accounts.paused + accounts.stopped),
          disconnected: number(accounts.disconnected),
        })}
      />
    </SimpleGrid>
  )
}

/** The parts of the process that answers, and how a backup is taken. */
const Running = ({ overview: { parts } }: { overview: Overview }) => {
  const { t } = useTranslation()
  const mayBackUp = useMayOperate('installation.backup')
  return (
    <SimpleGrid cols={{ base: 1, md: 2 }}>
      <Card withBorder>
        <Title order={2} size="h5" mb="xs">
          {t('installation.parts')}
        </Title>
        <Group gap="xs">
          {parts.map(({ name, fault, restarts }) => (
            <Badge
              key={name}
              variant="light"
              color={fault === null ? 'green' : 'red'}
              title={fault ?? undefined}
              tt="none"
              autoContrast
              c="var(--mantine-color-text)"
            >
              <bdi>{name}</bdi>
              {fault !== null && ` · ${t('installation.partFault', { count: restarts })}`}
            </Badge>
          ))}
        </Group>
      </Card>
      {mayBackUp && (
        <Card withBorder>
          <Title order={2} size="h5" mb="xs">
            {t('installation.backup')}
          </Title>
          <Text size="sm">{t('installation.backupText')}</Text>
          <Text size="sm" mt="xs">
            <code dir="ltr">pg_dump</code> · <code dir="ltr">gavatcore keys backup</code>
          </Text>
        </Card>
      )}
    </SimpleGrid>
  )
}

/** The installation at a glance, for those who run it. */
export const Installation = () => {
  const { t } = useTranslation()
  const mayStop = useMayOperate('installation.stop')
  const overview = useQuery({ ...query(api.installation.overview, {}), refetchInterval: LOOK_AGAIN_MS })
  if (overview.isPending) return <Rows />
  if (overview.isError) return <Fault error={overview.error} onRetry={() => void overview.refetch()} />
  const { sendingStopped, onboarding } = overview.data
  return (
    <Stack gap="lg">
      <Group justify="space-between">
        <Title order={1} size="h3">
          {t('screens.installation')}
        </Title>
        {mayStop && <KillSwitch stopped={sendingStopped} />}
      </Group>
      {sendingStopped !== null && (
        <Note color="red" title={t('installation.isStopped')}>
          <bdi>{sendingStopped}</bdi>
        </Note>
      )}
      <Waiting overview={overview.data} />
      <Business overview={overview.data} />
      <FunnelCard onboarding={onboarding} />
      <Running overview={overview.data} />
    </Stack>
  )
}
