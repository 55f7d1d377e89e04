import { Anchor, Button, Group, Select, Stack, Table, Title } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { Link, getRouteApi } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'

import { TEMPLATE_STATES } from '#contract/words.ts'

import { call } from '../../api/client.ts'
import { api } from '../../api/queries.ts'
import { useMay, usePanelSession } from '../../api/session.tsx'
import { useFormats } from '../../lib/formats.ts'
import { EmptyState } from '../../ui/empty-state.tsx'
import { Fault } from '../../ui/fault.tsx'
import { Rows } from '../../ui/rows.tsx'
import { type Template, armsOf } from './template-draft.ts'
import { TemplateState } from './template-state.tsx'
import { useLanguageName } from '../../lib/use-language-name.ts'

const screen = getRouteApi('/templates')
const COLUMNS = ['name', 'class', 'state', 'languages', 'versions', 'created'] as const

const TemplateTable = ({ rows }: { rows: readonly Template[] }) => {
  const { t, i18n } = useTranslation()
  const { tenant } = usePanelSession()
  const formats = useFormats(tenant.timeZone)
  const languageName = useLanguageName()
  const list = new Intl.ListFormat(i18n.language, { type: 'unit' })
  return (
    <Table.ScrollContainer scrollAreaProps={{ viewportProps: { tabIndex: 0 } }} minWidth={680}>
      <Table highlightOnHover>
        <Table.Thead>
          <Table.Tr>
            {COLUMNS.map((name) => (
              <Table.Th key={name}>{t(`templates.${name}`)}</Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map(({ id, name, messageClass, state, variants, createdAt }) => (
            <Table.Tr key={id}>
              <Table.Td>
                <Anchor component={Link} to={`/templates/${id}`}>
                  <bdi>{name}</bdi>
                </Anchor>
              </Table.Td>
              <Table.Td>{t(`words:messageClass.${messageClass}`)}</Table.Td>
              <Table.Td>
                <TemplateState state={state} />
              </Table.Td>
              <Table.Td>{list.format([...new Set(variants.map(({ locale }) => locale))].map(languageName))}</Table.Td>
              <Table.Td>{formats.number(armsOf(variants).length)}</Table.Td>
              <Table.Td>{formats.day(createdAt)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  )
}

/** The messages of the tenant, from new to old. */
export const Templates = () => {
  const { t } = useTranslation()
  const { state } = screen.useSearch()
  const navigate = screen.useNavigate()
  const mayEdit = useMay('templates.edit')
  const pages = useInfiniteQuery({
    queryKey: [api.templates.list.path, state],
    initialPageParam: null as string | null,
    queryFn: ({ pageParam, signal }) =>
      call(api.templates.list, { query: { state, ...(pageParam !== null && { cursor: pageParam }) } }, signal),
    getNextPageParam: ({ nextCursor }) => nextCursor,
  })
  const rows = pages.data?.pages.flatMap(({ items }) => items) ?? []
  return (
    <Stack>
      <Group justify="space-between">
        <Title order={1} size="h3">
          {t('screens.templates')}
        </Title>
        {mayEdit && (
          <Button component={Link} to="/templates/new">
            {t('templates.new')}
          </Button>
        )}
      </Group>
      <Select
        label={t('templates.state')}
        placeholder={t('templates.all')}
        data={TEMPLATE_STATES.map((value) => ({ value, label: t(`words:templateState.${value}`) }))}
        value={state ?? null}
        onChange={(value) =>
          void navigate({
            search: (before) => ({ ...before, state: TEMPLATE_STATES.find((known) => known === value) }),
            replace: true,
          })
        }
        clearable
        maw={260}
      />
      {pages.isPending && <Rows />}
      {pages.isError && <Fault error={pages.error} onRetry={() => void pages.refetch()} />}
      {pages.isSuccess && rows.length === 0 && (
        <EmptyState
          title={t(state === undefined ? 'templates.none' : 'templates.noneFit')}
          next={t(state === undefined ? 'templates.noneNext' : 'templates.noneFitNext')}
        />
      )}
      {rows.length > 0 && <TemplateTable rows={rows} />}
      {pages.hasNextPage && (
        <Button variant="default" loading={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>
          {t('templates.more')}
        </Button>
      )}
    </Stack>
  )
}
