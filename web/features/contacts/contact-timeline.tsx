import { Button, Stack, Table, Text } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'

import type { api as contract } from '#contract/api.ts'
import type { RouteOutput } from '#contract/route.ts'

import { call } from '../../api/client.ts'
import { api } from '../../api/queries.ts'
import { usePanelSession } from '../../api/session.tsx'
import { useFormats } from '../../lib/formats.ts'
import { Fault } from '../../ui/fault.tsx'
import { Rows } from '../../ui/rows.tsx'

type Entry = RouteOutput<typeof contract.contacts.timeline>['items'][number]

const PAGE = 30

const useEntryTexts = () => {
  const { t } = useTranslation()
  return (entry: Entry): readonly [what: string, text: string | null] => {
    if (entry.type === 'message')
      return [t(entry.direction === 'in' ? 'contact.wrote' : 'contact.got'), entry.text ?? t('contact.textGone')]
    if (entry.type === 'consent')
      return [t(entry.granted === true ? 'contact.granted' : 'contact.withdrawn'), t(`words:consent.${entry.kind}`)]
    return [t([`words:activity.${entry.kind}`, `contact.event.${entry.kind}`], { defaultValue: entry.kind }), null]
  }
}

/** Messages both ways and what the person did, newest first. */
export const ContactTimeline = ({ id }: { id: number }) => {
  const { t } = useTranslation()
  const { tenant } = usePanelSession()
  const formats = useFormats(tenant.timeZone)
  const textsOf = useEntryTexts()
  const pages = useInfiniteQuery({
    queryKey: [api.contacts.timeline.path, id],
    initialPageParam: null as string | null,
    queryFn: ({ pageParam, signal }) =>
      call(
        api.contacts.timeline,
        { params: { id }, query: { limit: PAGE, ...(pageParam !== null && { cursor: pageParam }) } },
        signal,
      ),
    getNextPageParam: ({ nextCursor }) => nextCursor,
  })
  if (pages.isPending) return <Rows count={4} />
  if (pages.isError) return <Fault error={pages.error} onRetry={() => void pages.refetch()} />
  const entries = pages.data.pages.flatMap(({ items }) => items)
  if (entries.length === 0) return <Text c="dimmed">{t('contact.nothing')}</Text>
  return (
    <Stack>
      <Table.ScrollContainer scrollAreaProps={{ viewportProps: { tabIndex: 0 } }} minWidth={480}>
        <Table>
          <Table.Thead>
            <Table.Tr>
              {['when', 'what', 'text'].map((name) => (
                <Table.Th key={name}>{t(`contact.${name}`)}</Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {entries.map((entry) => {
              const [what, text] = textsOf(entry)
              return (
                <Table.Tr key={`${entry.type}${entry.id}`}>
                  <Table.Td>{formats.instant(entry.at)}</Table.Td>
                  <Table.Td>{what}</Table.Td>
                  <Table.Td style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>
                    {text !== null && <bdi>{text}</bdi>}
                  </Table.Td>
                </Table.Tr>
              )
            })}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      {pages.hasNextPage && (
        <Button variant="default" loading={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>
          {t('contacts.more')}
        </Button>
      )}
    </Stack>
  )
}
