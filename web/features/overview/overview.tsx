import { Button, Group, Stack, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { type ComponentType, Suspense, lazy, useState } from 'react'
import { useTranslation } from 'react-i18next'

import type { OverviewWidget } from '#contract/words.ts'

import { api, query } from '../../api/queries.ts'
import { Fault } from '../../ui/fault.tsx'
import { Rows } from '../../ui/rows.tsx'
import { CampaignsWidget } from './campaigns-widget.tsx'
import { FiguresWidget } from './figures.tsx'
import { NextWidget } from './next-widget.tsx'
import classes from './overview.module.css'
import { TodayWidget } from './today-widget.tsx'
import { TrendWidget } from './trend-widget.tsx'
import { useTurns } from './use-turns.ts'
import { WarningsWidget } from './warnings-widget.tsx'

/** Whoever arranges nothing loads nothing for it. */
const Arrange = lazy(async () => ({ default: (await import('./arrange.tsx')).Arrange }))

const WIDGETS: Readonly<Record<OverviewWidget, ComponentType>> = {
  figures: FiguresWidget,
  warnings: WarningsWidget,
  today: TodayWidget,
  trend: TrendWidget,
  next: NextWidget,
  campaigns: CampaignsWidget,
}

/** T2: what happened, what happens next and what needs somebody, as whoever looks arranged it. */
export const Overview = () => {
  const { t } = useTranslation()
  const [isArranging, arrange] = useState(false)
  const layout = useQuery(query(api.layouts.get, { params: { screen: 'overview' } }))
  const shown = layout.data?.widgets.filter(({ isShown }) => isShown) ?? []
  const drawn = useTurns(shown.length)
  return (
    <Stack gap="lg">
      <Group justify="space-between">
        <Title order={1} size="h3">
          {t('screens.overview')}
        </Title>
        {layout.isSuccess && !isArranging && (
          <Button variant="default" size="xs" onClick={() => arrange(true)}>
            {t('overview.arrange')}
          </Button>
        )}
      </Group>
      {layout.isPending && <Rows count={6} />}
      {layout.isError && <Fault error={layout.error} onRetry={() => void layout.refetch()} />}
      {layout.isSuccess && isArranging && (
        <Suspense fallback={<Rows />}>
          <Arrange layout={layout.data} onEnd={() => arrange(false)} />
        </Suspense>
      )}
      {layout.isSuccess && shown.length === 0 && <Text c="dimmed">{t('overview.allHidden')}</Text>}
      <div className={classes['widgets']}>
        {shown.map(({ name, width }, place) => {
          const Widget = WIDGETS[name]
          return (
            <div key={name} data-width={width} data-widget={name}>
              {place < drawn && <Widget />}
            </div>
          )
        })}
      </div>
    </Stack>
  )
}
