import { Anchor, Badge, Button, Group, Stack, Table, Text, TextInput, Title } from '@mantine/core'
import { useDebouncedCallback } from '@mantine/hooks'
import { useInfiniteQuery } from '@tanstack/react-query'
import { Link, getRouteApi } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'

import type { RouteOutput } from '#contract/route.ts'

import { call } from '../../api/client.ts'
import { api } from '../../api/queries.ts'
import { useMayOperate, useZone } from '../../api/session.tsx'
import { useFormats } from '../../lib/formats.ts'
import { EmptyState } from '../../ui/empty-state.tsx'
import { Fault } from '../../ui/fault.tsx'
import { Rows } from '../../ui/rows.tsx'
import { NewTenant } from './new-tenant.tsx'
import { TenantBadge } from './tenant-badge.tsx'

type Row = RouteOutput<typeof api.tenants.list>['items'][number]
const screen = getRouteApi('/installation/tenants')
const COLUMNS = ['tenant', 'package', 'until', 'messagesMonth', 'accounts', 'state'] as const

const TenantRow = ({ row }: { row: Row }) => {
  const { t } = useTranslation()
  const { day, number } = useFormats(useZone())
  const { messagesMonth: used } = row
  return (
    <Table.Tr>
      <Table.Td>
        <Anchor component={Link} to={`/installation/tenants/${row.id}`}>
          <bdi>{row.name}</bdi>
        </Anchor>
        <Text size="xs" c="dimmed">
          <bdi dir="ltr">{row.slug}</bdi>
        </Text>
      </Table.Td>
      <Table.Td>
        {row.package === null ? '–' : t(`words:package.${row.package}`)}
        {row.subscriptionState !== null && row.subscriptionState !== 'active' && (
          <Text size="xs" c="dimmed">
            {t(`words:subscriptionState.${row.subscriptionState}`)}
          </Text>
        )}
      </Table.Td>
      <Table.Td>{row.periodEndsAt === null ? t('installation.noEnd') : day(row.periodEndsAt)}</Table.Td>
      <Table.Td>
        {used === null ? '–' : `${number(used.used)} / ${used.limit === null ? '∞' : number(used.limit)}`}
      </Table.Td>
      <Table.Td>
        {row.accounts === 0 ? (
          t('installation.noAccounts')
        ) : (
          <Badge color={row.workingAccounts === row.accounts ? 'teal.9' : 'orange.9'} variant="outline" tt="none">
            {t('installation.working', { working: number(row.workingAccounts), all: number(row.accounts) })}
          </Badge>
        )}
      </Table.Td>
      <Table.Td>
        <TenantBadge state={row.state} sendingStopped={row.sendingStopped} />
      </Table.Td>
    </Table.Tr>
  )
}

/** Every tenant; whose time ends soonest comes first. */
export const Tenants = () => {
  const { t } = useTranslation()
  const { search } = screen.useSearch()
  const navigate = screen.useNavigate()
  const mayCreate = useMayOperate('tenants.create')
  const [isMaking, make] = useState(false)
  const narrow = useDebouncedCallback(
    (text: string) =>
      void navigate({ search: (before) => ({ ...before, search: text === '' ? undefined : text }), replace: true }),
    250,
  )
  const pages = useInfiniteQuery({
    queryKey: [api.tenants.list.path, search],
    initialPageParam: null as string | null,
    queryFn: ({ pageParam, signal }) =>
      call(api.tenants.list, { query: { search, ...(pageParam !== null && { cursor: pageParam }) } }, signal),
    getNextPageParam: ({ nextCursor }) => nextCursor,
  })
  const rows = pages.data?.pages.flatMap(({ items }) => items) ?? []
  return (
    <Stack>
      <Group justify="space-between">
        <Title order={1} size="h3">
          {t('screens.tenants')}
        </Title>
        {mayCreate && <Button onClick={() => make(true)}>{t('installation.newTenant')}</Button>}
      </Group>
      <TextInput
        label={t('installation.search')}
        description={t('installation.searchHint')}
        defaultValue={search ?? ''}
        onChange={(event) => narrow(event.currentTarget.value)}
        maw={420}
      />
      {pages.isPending && <Rows />}
      {pages.isError && <Fault error={pages.error} onRetry={() => void pages.refetch()} />}
      {pages.isSuccess && rows.length === 0 && (
        <EmptyState title={t('installation.noTenants')} next={t('installation.noTenantsNext')} />
      )}
      {rows.length > 0 && (
        <Table.ScrollContainer scrollAreaProps={{ viewportProps: { tabIndex: 0 } }} minWidth={820}>
          <Table highlightOnHover>
            <Table.Thead>
              <Table.Tr>
                {COLUMNS.map((name) => (
                  <Table.Th key={name}>{t(`installation.${name}`)}</Table.Th>
                ))}
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {rows.map((row) => (
                <TenantRow key={row.id} row={row} />
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
      {pages.hasNextPage && (
        <Button variant="default" loading={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>
          {t('installation.more')}
        </Button>
      )}
      {isMaking && <NewTenant onClose={() => make(false)} />}
    </Stack>
  )
}
