import { Button, Group, Select, Stack, Table, TextInput, Title } from '@mantine/core'
import { useDebouncedCallback } from '@mantine/hooks'
import { useInfiniteQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'

import type { RouteOutput } from '#contract/route.ts'

import { call } from '../../api/client.ts'
import { api } from '../../api/queries.ts'
import { useSignedIn, useZone } from '../../api/session.tsx'
import { useFormats } from '../../lib/formats.ts'
import { EmptyState } from '../../ui/empty-state.tsx'
import { Fault } from '../../ui/fault.tsx'
import { Rows } from '../../ui/rows.tsx'

type Line = RouteOutput<typeof api.installation.audit>['items'][number]
const screen = getRouteApi('/installation/audit')
const COLUMNS = ['at', 'tenant', 'actor', 'action', 'target', 'detail'] as const
/** How what was done is named: its first word. */
const KINDS = ['tenant', 'payment', 'subscription', 'operator', 'second_factor', 'ticket', 'member', 'key', 'sending', 'account', 'campaign'] as const // prettier-ignore

/** What changed first, as `agent → analyst`; a dash for nothing. */
const detailText = ({ before, after, ...rest }: Line['detail']): string => {
  const change = before === undefined || after === undefined ? [] : [`${before ?? '–'} → ${after ?? '–'}`]
  return [...change, ...Object.entries(rest).map(([name, value]) => `${name}: ${value ?? '–'}`)].join(', ')
}

const Lines = ({ lines }: { lines: readonly Line[] }) => {
  const { t } = useTranslation()
  const { instant } = useFormats(useZone())
  return (
    <Table.ScrollContainer scrollAreaProps={{ viewportProps: { tabIndex: 0 } }} minWidth={900}>
      <Table>
        <Table.Thead>
          <Table.Tr>
            {COLUMNS.map((name) => (
              <Table.Th key={name}>{t(`installation.${name}`)}</Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {lines.map((line) => (
            <Table.Tr key={line.id}>
              <Table.Td>{instant(line.at)}</Table.Td>
              <Table.Td>
                <bdi>{line.tenantName ?? '–'}</bdi>
              </Table.Td>
              <Table.Td>
                <bdi dir="ltr">{line.actor}</bdi>
              </Table.Td>
              <Table.Td>
                <code dir="ltr">{line.action}</code>
              </Table.Td>
              <Table.Td>
                <bdi dir="ltr">{line.target ?? ''}</bdi>
              </Table.Td>
              <Table.Td>
                <bdi>{detailText(line.detail)}</bdi>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  )
}

/** Who did what, in all tenants and above them. */
export const Audit = () => {
  const { t } = useTranslation()
  const { session } = useSignedIn()
  const filter = screen.useSearch()
  const { actor, action, tenantId } = filter
  const navigate = screen.useNavigate()
  const narrow = (part: Partial<typeof filter>) =>
    void navigate({ search: (before) => ({ ...before, ...part }), replace: true })
  const narrowActor = useDebouncedCallback((text: string) => narrow({ actor: text === '' ? undefined : text }), 250)
  const pages = useInfiniteQuery({
    queryKey: [api.installation.audit.path, actor, action, tenantId],
    initialPageParam: null as string | null,
    queryFn: ({ pageParam, signal }) =>
      call(
        api.installation.audit,
        { query: { actor, action, tenantId, ...(pageParam !== null && { cursor: pageParam }) } },
        signal,
      ),
    getNextPageParam: ({ nextCursor }) => nextCursor,
  })
  const lines = pages.data?.pages.flatMap(({ items }) => items) ?? []
  return (
    <Stack>
      <Title order={1} size="h3">
        {t('screens.audit')}
      </Title>
      <Group align="end">
        <TextInput
          label={t('installation.actor')}
          placeholder="operator:"
          defaultValue={actor ?? ''}
          onChange={(event) => narrowActor(event.currentTarget.value.trim())}
          dir="ltr"
        />
        <Select
          label={t('installation.action')}
          placeholder={t('installation.all')}
          data={KINDS.map((value) => ({ value: `${value}.`, label: t(`installation.kind_${value}`) }))}
          value={action ?? null}
          onChange={(value) => narrow({ action: value ?? undefined })}
          clearable
        />
        <Select
          label={t('installation.tenant')}
          placeholder={t('installation.all')}
          data={session.tenants.map(({ id, name }) => ({ value: String(id), label: name }))}
          value={tenantId === undefined ? null : String(tenantId)}
          onChange={(value) => narrow({ tenantId: value === null ? undefined : Number(value) })}
          limit={50}
          searchable
          clearable
        />
      </Group>
      {pages.isPending && <Rows />}
      {pages.isError && <Fault error={pages.error} onRetry={() => void pages.refetch()} />}
      {pages.isSuccess && lines.length === 0 && (
        <EmptyState title={t('installation.noLines')} next={t('installation.noLinesNext')} />
      )}
      {lines.length > 0 && <Lines lines={lines} />}
      {pages.hasNextPage && (
        <Button variant="default" loading={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>
          {t('installation.more')}
        </Button>
      )}
    </Stack>
  )
}
