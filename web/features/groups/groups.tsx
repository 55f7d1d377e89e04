import { Anchor, Badge, Button, Group, Stack, Table, Text, TextInput, Title } from '@mantine/core'
import { useDebouncedCallback } from '@mantine/hooks'
import { useInfiniteQuery } from '@tanstack/react-query'
import { Link, getRouteApi } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'

import type { api as contract } from '#contract/api.ts'
import type { RouteOutput } from '#contract/route.ts'

import { call } from '../../api/client.ts'
import { api } from '../../api/queries.ts'
import { usePanelSession } from '../../api/session.tsx'
import { useFormats } from '../../lib/formats.ts'
import { CsvButton } from '../../ui/csv-button.tsx'
import { DaysChoice } from '../../ui/days-choice.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { Fault } from '../../ui/fault.tsx'
import { Rows } from '../../ui/rows.tsx'

type GroupRow = RouteOutput<typeof contract.groups.list>['items'][number]

const screen = getRouteApi('/groups')
const LOOK_AGAIN_MS = 30_000
const TYPING_MS = 300
const FIGURES = ['messages', 'active', 'joined', 'left'] as const

const GroupTable = ({ rows, days }: { rows: readonly GroupRow[]; days: 7 | 30 | 90 }) => {
  const { t } = useTranslation()
  const { tenant } = usePanelSession()
  const formats = useFormats(tenant.timeZone)
  const columns = ['title', 'members', ...FIGURES].map((name) => t(`groups.${name}`))
  return (
    <>
      <Group justify="end">
        <CsvButton
          title={t('screens.groups')}
          file={`groups-${days}`}
          columns={columns}
          rows={rows.map((row) => [row.title, row.memberCount ?? '', ...FIGURES.map((name) => row[name])])}
        />
      </Group>
      <Table.ScrollContainer
        minWidth={560}
        scrollAreaProps={{ viewportProps: { tabIndex: 0, 'aria-label': t('screens.groups') } }}
      >
        <Table highlightOnHover>
          <Table.Thead>
            <Table.Tr>
              {columns.map((name, i) => (
                <Table.Th key={name} ta={i === 0 ? 'start' : 'end'}>
                  {name}
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {rows.map((row) => (
              <Table.Tr key={row.id}>
                <Table.Td>
                  <Group gap="xs" wrap="nowrap">
                    <Anchor
                      renderRoot={(props) => (
                        <Link to="/groups/$id" params={{ id: String(row.id) }} search={{ days }} {...props} />
                      )}
                    >
                      <bdi>{row.title}</bdi>
                    </Anchor>
                    {row.isQuiet && <Badge variant="default">{t('groups.quiet')}</Badge>}
                  </Group>
                  <Text size="xs" c="dimmed">
                    {t(`words:chatKind.${row.kind}`)}
                  </Text>
                </Table.Td>
                <Table.Td ta="end">{row.memberCount === null ? '–' : formats.number(row.memberCount)}</Table.Td>
                {FIGURES.map((name) => (
                  <Table.Td key={name} ta="end">
                    {formats.number(row[name])}
                  </Table.Td>
                ))}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      <Text size="xs" c="dimmed">
        {t('groups.known')}
      </Text>
    </>
  )
}

/** T12: the groups and channels of the tenant, and what was seen in each. */
export const Groups = () => {
  const { t } = useTranslation()
  const { days, text } = screen.useSearch()
  const navigate = screen.useNavigate()
  const pages = useInfiniteQuery({
    queryKey: [api.groups.list.path, days, text],
    initialPageParam: null as string | null,
    queryFn: ({ pageParam, signal }) =>
      call(
        api.groups.list,
        { query: { days, search: text, ...(pageParam !== null && { cursor: pageParam }) } },
        signal,
      ),
    getNextPageParam: ({ nextCursor }) => nextCursor,
    refetchInterval: LOOK_AGAIN_MS,
  })
  const search = useDebouncedCallback((typed: string) => {
    void navigate({ search: (before) => ({ ...before, text: typed.trim() || undefined }), replace: true })
  }, TYPING_MS)
  const rows = pages.data?.pages.flatMap(({ items }) => items) ?? []
  const isAll = text === undefined
  return (
    <Stack>
      <Group justify="space-between">
        <Title order={1} size="h3">
          {t('screens.groups')}
        </Title>
        <DaysChoice
          value={days}
          onChange={(chosen) => void navigate({ search: (before) => ({ ...before, days: chosen }), replace: true })}
        />
      </Group>
      <TextInput
        label={t('groups.search')}
        defaultValue={text ?? ''}
        onChange={(event) => search(event.currentTarget.value)}
        maw={320}
        dir="auto"
      />
      {pages.isPending && <Rows />}
      {pages.isError && <Fault error={pages.error} onRetry={() => void pages.refetch()} />}
      {pages.isSuccess && rows.length === 0 && (
        <EmptyState
          title={t(isAll ? 'groups.none' : 'groups.noneFit')}
          next={t(isAll ? 'groups.noneNext' : 'groups.noneFitNext')}
        />
      )}
      {rows.length > 0 && <GroupTable rows={rows} days={days} />}
      {pages.hasNextPage && (
        <Button variant="default" loading={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>
          {t('groups.more')}
        </Button>
      )}
    </Stack>
  )
}
