import { Anchor, Card, Stack, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useDeferredValue } from 'react'
import { useTranslation } from 'react-i18next'

import type { api as contract } from '#contract/api.ts'
import type { RouteOutput } from '#contract/route.ts'
import type { AttentionKind } from '#contract/words.ts'

import { api, query } from '../../api/queries.ts'
import { usePanelSession } from '../../api/session.tsx'
import { useFormats } from '../../lib/formats.ts'
import { Fault } from '../../ui/fault.tsx'
import { WaitingCard } from '../../ui/waiting-card.tsx'

type Item = RouteOutput<typeof contract.analytics.attention>['items'][number]

const LOOK_AGAIN_MS = 15_000

/** Where each is solved. */
const SOLVED_AT: Readonly<Record<AttentionKind, '/inbox' | '/accounts' | '/billing'>> = {
  sending_stopped: '/accounts',
  overdue: '/inbox',
  drafts: '/inbox',
  account_held: '/accounts',
  account_strained: '/accounts',
  payment_due: '/billing',
  nearly_used: '/billing',
}

const Line = ({ item: { kind, count, until, about } }: { item: Item }) => {
  const { t } = useTranslation()
  const { session, tenant } = usePanelSession()
  const formats = useFormats(tenant.timeZone)
  const text = t(`overview.attention.${kind}`, {
    count,
    shown: formats.number(count),
    about: kind === 'nearly_used' ? t(`words:entitlement.${about ?? ''}`) : about,
    at: until === null ? '' : formats.since(until, session.now),
  })
  const search = kind === 'overdue' ? { only: 'overdue' as const } : {}
  return (
    <Anchor data-kind={kind} renderRoot={(props) => <Link to={SOLVED_AT[kind]} search={search} {...props} />}>
      {text}
    </Anchor>
  )
}

/** What waits for a person, each with the way to where it is solved. */
export const WarningsWidget = () => {
  const { t } = useTranslation()
  const attention = useDeferredValue(
    useQuery({ ...query(api.analytics.attention, {}), refetchInterval: LOOK_AGAIN_MS }),
  )
  if (attention.isPending) return <WaitingCard title={t('overview.warnings')} heights={[25]} />
  if (attention.isError) return <Fault error={attention.error} onRetry={() => void attention.refetch()} />
  const { items } = attention.data
  return (
    <Card withBorder h="100%">
      <Stack gap="xs">
        <Title order={2} size="h5">
          {t('overview.warnings')}
        </Title>
        {items.length === 0 && <Text c="dimmed">{t('overview.nothingWaits')}</Text>}
        {items.map((item) => (
          <Line key={`${item.kind} ${item.about ?? ''}`} item={item} />
        ))}
      </Stack>
    </Card>
  )
}
