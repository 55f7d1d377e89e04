import { Button, Group, Select, Stack, Title } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { Link, getRouteApi } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'

import { CAMPAIGN_STATES } from '#contract/words.ts'

import { call } from '../../api/client.ts'
import { api } from '../../api/queries.ts'
import { useMay } from '../../api/session.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { Fault } from '../../ui/fault.tsx'
import { Rows } from '../../ui/rows.tsx'
import { CampaignTable } from './campaign-table.tsx'

const screen = getRouteApi('/campaigns')
const LOOK_AGAIN_MS = 5_000

/** The campaigns of the tenant from new to old, and how far each came. */
export const Campaigns = () => {
  const { t } = useTranslation()
  const { state } = screen.useSearch()
  const navigate = screen.useNavigate()
  const mayEdit = useMay('campaigns.edit')
  const pages = useInfiniteQuery({
    queryKey: [api.campaigns.list.path, state],
    initialPageParam: null as string | null,
    queryFn: ({ pageParam, signal }) =>
      call(api.campaigns.list, { query: { state, ...(pageParam !== null && { cursor: pageParam }) } }, signal),
    getNextPageParam: ({ nextCursor }) => nextCursor,
    refetchInterval: LOOK_AGAIN_MS,
  })
  const rows = pages.data?.pages.flatMap(({ items }) => items) ?? []
  return (
    <Stack>
      <Group justify="space-between">
        <Title order={1} size="h3">
          {t('screens.campaigns')}
        </Title>
        {mayEdit && (
          <Button component={Link} to="/campaigns/new">
            {t('wizard.new')}
          </Button>
        )}
      </Group>
      <Group align="end">
        <Select
          label={t('campaigns.state')}
          placeholder={t('campaigns.all')}
          data={CAMPAIGN_STATES.map((value) => ({ value, label: t(`words:campaignState.${value}`) }))}
          value={state ?? null}
          onChange={(value) =>
            void navigate({
              search: (before) => ({ ...before, state: CAMPAIGN_STATES.find((known) => known === value) }),
              replace: true,
            })
          }
          clearable
        />
      </Group>
      {pages.isPending && <Rows />}
      {pages.isError && <Fault error={pages.error} onRetry={() => void pages.refetch()} />}
      {pages.isSuccess && rows.length === 0 && (
        <EmptyState
          title={t(state === undefined ? 'campaigns.none' : 'campaigns.noneFit')}
          next={t(state === undefined ? 'campaigns.noneNext' : 'campaigns.noneFitNext')}
        />
      )}
      {rows.length > 0 && <CampaignTable rows={rows} />}
      {pages.hasNextPage && (
        <Button variant="default" loading={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>
          {t('campaigns.more')}
        </Button>
      )}
    </Stack>
  )
}
