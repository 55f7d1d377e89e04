import { Anchor, Card, Group, Progress, SimpleGrid, Stack, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link, getRouteApi } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'

import { api, query } from '../../api/queries.ts'
import { useZone } from '../../api/session.tsx'
import { useFormats } from '../../lib/formats.ts'
import { Fault } from '../../ui/fault.tsx'
import { Rows } from '../../ui/rows.tsx'
import { TenantActions } from './tenant-actions.tsx'
import { TenantBadge } from './tenant-badge.tsx'
import type { TenantDetail } from './tenant-detail.ts'
import { useReason } from '../../lib/use-reason.ts'

const screen = getRouteApi('/installation/tenants/$id')

const Part = ({ title, isEmpty, children }: { title: string; isEmpty: boolean; children: ReactNode }) => {
  const { t } = useTranslation()
  return (
    <Card withBorder>
      <Title order={2} size="h5" mb="xs">
        {title}
      </Title>
      {isEmpty ? <Text c="dimmed">{t('installation.nothing')}</Text> : <Stack gap={6}>{children}</Stack>}
    </Card>
  )
}

const Usage = ({ usage }: Pick<TenantDetail, 'usage'>) => {
  const { t } = useTranslation()
  const { number } = useFormats(useZone())
  return usage.map(({ name, used, limit }) => (
    <div key={name}>
      <Group justify="space-between" gap="xs">
        <Text size="sm">{t(`words:entitlement.${name}`)}</Text>
        <Text size="sm">{`${number(used)} / ${limit === null ? '∞' : number(limit)}`}</Text>
      </Group>
      {limit !== null && limit > 0 && (
        <Progress
          value={Math.min(100, (used / limit) * 100)}
          color={used >= limit ? 'red.9' : 'cyan.9'}
          aria-label={t(`words:entitlement.${name}`)}
        />
      )}
    </div>
  ))
}

const Parts = ({ tenant }: { tenant: TenantDetail }) => {
  const { t } = useTranslation()
  const { day, money, number } = useFormats(useZone())
  const reasonOf = useReason()
  return (
    <SimpleGrid cols={{ base: 1, md: 2 }}>
      <Part title={t('installation.usage')} isEmpty={tenant.usage.length === 0}>
        <Usage usage={tenant.usage} />
      </Part>
      <Part title={t('installation.accounts')} isEmpty={tenant.accounts.length === 0}>
        {tenant.accounts.map(({ id, username, displayName, state, health, reason }) => (
          <Text key={id} size="sm">
            <bdi>{username === null ? displayName : `@${username}`}</bdi> · {t(`words:accountState.${state}`)} ·{' '}
            {t(`words:health.${health}`)}
            {reason !== null && (
              <>
                {' · '}
                <bdi>{reasonOf(reason)}</bdi>
              </>
            )}
          </Text>
        ))}
      </Part>
      <Part title={t('installation.members')} isEmpty={tenant.members.length === 0}>
        {tenant.members.map(({ id, name, role, username }) => (
          <Text key={id} size="sm">
            <bdi>{name}</bdi> · {t(`words:role.${role}`)}
            {username !== null && (
              <>
                {' · '}
                <bdi>@{username}</bdi>
              </>
            )}
          </Text>
        ))}
      </Part>
      <Part title={t('installation.payments')} isEmpty={tenant.payments.length === 0}>
        {tenant.payments.map(({ id, reference, asked, state, createdAt }) => (
          <Text key={id} size="sm">
            <code dir="ltr">{reference}</code> · {money(asked.amountMinor, asked.currency)} ·{' '}
            {t(`words:paymentState.${state}`)} · {day(createdAt)}
          </Text>
        ))}
      </Part>
      <Part title={t('installation.failuresWeek')} isEmpty={tenant.failures.length === 0}>
        {tenant.failures.map(({ reason, count }) => (
          <Group key={reason} justify="space-between" gap="xs">
            <Text size="sm">{reasonOf(reason)}</Text>
            <Text size="sm">{number(count)}</Text>
          </Group>
        ))}
      </Part>
      <Part title={t('installation.openTickets')} isEmpty={tenant.tickets.length === 0}>
        {tenant.tickets.map(({ id, subject, state }) => (
          <Text key={id} size="sm">
            <Anchor component={Link} to={`/installation/tickets/${id}`} size="sm">
              <bdi>{subject}</bdi>
            </Anchor>{' '}
            · {t(`installation.ticketState.${state}`)}
          </Text>
        ))}
      </Part>
    </SimpleGrid>
  )
}

/** One tenant, as those who run the installation see it. */
export const InstallationTenant = () => {
  const { t } = useTranslation()
  const { day } = useFormats(useZone())
  const { id } = screen.useParams()
  const detail = useQuery(query(api.tenants.get, { params: { id } }))
  if (detail.isPending) return <Rows />
  if (detail.isError) return <Fault error={detail.error} onRetry={() => void detail.refetch()} />
  const tenant = detail.data
  return (
    <Stack>
      <Anchor component={Link} to="/installation/tenants" size="sm">
        {t('installation.backToTenants')}
      </Anchor>
      <Group justify="space-between">
        <Group gap="sm">
          <Title order={1} size="h3">
            <bdi>{tenant.name}</bdi>
          </Title>
          <TenantBadge state={tenant.state} sendingStopped={tenant.sendingStopped} />
        </Group>
        <TenantActions tenant={tenant} />
      </Group>
      <Text c="dimmed">
        <span dir="ltr">{tenant.slug}</span>
        {tenant.package !== null && ` · ${t(`words:package.${tenant.package}`)}`}
        {tenant.subscriptionState !== null && ` · ${t(`words:subscriptionState.${tenant.subscriptionState}`)}`}
        {tenant.package !== null &&
          ` · ${tenant.periodEndsAt === null ? t('installation.noEnd') : t('installation.untilDay', { day: day(tenant.periodEndsAt) })}`}
        {tenant.onboarding !== null && ` · ${t(`words:onboardingState.${tenant.onboarding.state}`)}`}
      </Text>
      <Parts tenant={tenant} />
    </Stack>
  )
}
