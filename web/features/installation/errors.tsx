import { Badge, Button, Card, Group, SegmentedControl, Stack, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'

import type { api as contract } from '#contract/api.ts'
import type { RouteOutput } from '#contract/route.ts'

import { call } from '../../api/client.ts'
import { api, query } from '../../api/queries.ts'
import { useMayOperate, useZone } from '../../api/session.tsx'
import { useFormats } from '../../lib/formats.ts'
import { isolated } from '../../lib/isolated.ts'
import { useReason } from '../../lib/use-reason.ts'
import { useWhose } from '../../lib/whose.ts'
import { ChartOrTable } from '../../ui/chart-or-table.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { Fault } from '../../ui/fault.tsx'
import { Rows } from '../../ui/rows.tsx'
import { AskReason } from './ask-reason.tsx'
import { ERROR_CATEGORIES, ERRORS_WHICH } from './installation-search.ts'

type ErrorReport = RouteOutput<typeof contract.installation.errors>
type ErrorGroup = ErrorReport['groups'][number]

const screen = getRouteApi('/installation/errors')
const LOOK_AGAIN_MS = 10_000

/** What happened, in words. */
const useNameOf = () => {
  const { t } = useTranslation()
  const reasonOf = useReason()
  return ({ category, key, params }: ErrorGroup): string => {
    if (category === 'message') return reasonOf(key)
    if (category !== 'fault') return key
    const what = t(`installation.fault.${params['what'] ?? 'part'}`)
    const said = [params['part'], params['detail']].filter((word) => word !== undefined)
    return [what, ...said.map((word) => isolated(String(word)))].join(' · ')
  }
}

/** A bar a day, for the chart. */
const daysOption = (
  days: readonly string[],
  series: readonly { readonly name: string; readonly data: readonly number[] }[],
) => ({
  grid: { left: 48, right: 12, top: 32, bottom: 28 },
  legend: { top: 0 },
  tooltip: { trigger: 'axis' },
  xAxis: { type: 'category', data: days.map((day) => day.slice(5)) },
  yAxis: { type: 'value', minInterval: 1 },
  series: series.map(({ name, data }) => ({ type: 'bar', stack: 'all', name, data: [...data] })),
})

const Line = ({ group, days, onResolve }: { group: ErrorGroup; days: readonly string[]; onResolve: () => void }) => {
  const { t } = useTranslation()
  const { instant, number } = useFormats(useZone())
  const whose = useWhose()
  const name = useNameOf()(group)
  const mayResolve = useMayOperate('installation.resolve')
  const [isTrendShown, showTrend] = useState(false)
  const { category, key, state, count, firstAt, lastAt, perDay, resolution } = group
  return (
    <Card withBorder padding="sm" data-error={key} data-state={state}>
      <Stack gap={4}>
        <Group justify="space-between">
          <Text fw={600} style={{ overflowWrap: 'anywhere' }}>
            <bdi>{name}</bdi>
          </Text>
          {category === 'fault' && (
            <Badge variant="outline" color={state === 'open' ? 'red.9' : 'gray.8'} tt="none">
              {t(`installation.faultState.${state}`)}
            </Badge>
          )}
        </Group>
        <Text size="sm">
          {t(category === 'fault' ? 'installation.seenTimes' : 'installation.times', { count, number: number(count) })}{' '}
          · {t('installation.firstLast', { first: instant(firstAt), last: instant(lastAt) })}
        </Text>
        {resolution !== null && (
          <Text size="sm">
            {t('installation.resolution', { at: instant(resolution.at), who: whose(resolution.by) })}{' '}
            <bdi>{resolution.note}</bdi>
          </Text>
        )}
        <Group gap="xs">
          <Button
            size="compact-sm"
            variant="default"
            aria-expanded={isTrendShown}
            aria-label={t('installation.trendOf', { name })}
            onClick={() => showTrend(!isTrendShown)}
          >
            {t('installation.trend')}
          </Button>
          {mayResolve && category === 'fault' && state !== 'resolved' && (
            <Button size="compact-sm" onClick={onResolve} aria-label={t('installation.resolveOf', { name })}>
              {t('installation.resolve')}
            </Button>
          )}
        </Group>
        {isTrendShown && (
          <ChartOrTable
            title={t('installation.trendOf', { name })}
            option={daysOption(days, [{ name, data: perDay }])}
            columns={[t('installation.day'), t('installation.count')]}
            rows={days.map((day, i) => [day, perDay[i] ?? 0])}
          />
        )}
      </Stack>
    </Card>
  )
}

/** How many of each category on which day, over all. */
const Trend = ({ report: { days, groups } }: { report: ErrorReport }) => {
  const { t } = useTranslation()
  const shown = ERROR_CATEGORIES.filter((category) => groups.some((group) => group.category === category))
  const series = shown.map((category) => ({
    name: t(`installation.category.${category}`),
    data: days.map((_, i) =>
      groups.reduce((sum, group) => sum + (group.category === category ? (group.perDay[i] ?? 0) : 0), 0),
    ),
  }))
  return (
    <Card withBorder>
      <ChartOrTable
        title={t('installation.errorTrend')}
        option={daysOption(days, series)}
        columns={[t('installation.day'), ...series.map(({ name }) => name)]}
        rows={days.map((day, i) => [day, ...series.map(({ data }) => data[i] ?? 0)])}
      />
    </Card>
  )
}

/** What is wrong, as far as it is recorded: alike things together, with their course and what was done about them. */
export const Errors = () => {
  const { t } = useTranslation()
  const { which = 'open' } = screen.useSearch()
  const navigate = screen.useNavigate()
  const [resolved, resolve] = useState<ErrorGroup | null>(null)
  const nameOf = useNameOf()
  const errors = useQuery({ ...query(api.installation.errors, { query: { which } }), refetchInterval: LOOK_AGAIN_MS })
  const groups = errors.data?.groups ?? []
  return (
    <Stack>
      <Title order={1} size="h3">
        {t('screens.errors')}
      </Title>
      <Text c="dimmed">{t('installation.errorsText')}</Text>
      <SegmentedControl
        aria-label={t('installation.which')}
        value={which}
        onChange={(value) =>
          void navigate({
            search: (before) => ({ ...before, which: ERRORS_WHICH.find((known) => known === value) }),
            replace: true,
          })
        }
        data={ERRORS_WHICH.map((value) => ({ value, label: t(`installation.errors_${value}`) }))}
        style={{ alignSelf: 'flex-start' }}
      />
      {errors.isPending && <Rows />}
      {errors.isError && <Fault error={errors.error} onRetry={() => void errors.refetch()} />}
      {errors.isSuccess && groups.length === 0 && (
        <EmptyState title={t('installation.nothingWrong')} next={t('installation.nothingWrongNext')} />
      )}
      {errors.isSuccess && groups.length > 0 && <Trend report={errors.data} />}
      {ERROR_CATEGORIES.map((category) => {
        const alike = groups.filter((group) => group.category === category)
        if (alike.length === 0) return null
        return (
          <Stack key={category} gap="xs" component="section">
            <Title order={2} size="h5">
              {t(`installation.category.${category}`)}
            </Title>
            {(category === 'update' || category === 'event') && (
              <Text size="sm">
                {t('installation.replay')} <code dir="ltr">gavatcore updates replay</code>
              </Text>
            )}
            {alike.map((group) => (
              <Line key={group.key} group={group} days={errors.data?.days ?? []} onResolve={() => resolve(group)} />
            ))}
          </Stack>
        )
      })}
      {resolved !== null && (
        <AskReason
          title={t('installation.resolve')}
          text={t('installation.resolveSure', { name: nameOf(resolved) })}
          label={t('installation.resolveNote')}
          confirm={t('installation.resolve')}
          perform={(note) => call(api.installation.resolveFault, { body: { cause: resolved.key, note } })}
          onClose={() => resolve(null)}
        />
      )}
    </Stack>
  )
}
