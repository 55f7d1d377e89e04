import { Anchor, Card, Stack, Table, Text } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'

import { ApiError, call } from '../../api/client.ts'
import { api } from '../../api/queries.ts'
import { usePanelSession } from '../../api/session.tsx'
import { useFormats } from '../../lib/formats.ts'
import { nameOf } from '../../lib/name-of.ts'
import { Fault } from '../../ui/fault.tsx'
import { Rows } from '../../ui/rows.tsx'
import type { GivenConditions } from './own-draft.ts'

const TYPING_MS = 400

/** Who fits the conditions as they stand; asked once nobody types any more. */
export const useMatches = (conditions: GivenConditions | null) => {
  const [key] = useDebouncedValue(JSON.stringify(conditions), TYPING_MS)
  const wanted = JSON.parse(key) as GivenConditions | null
  return useQuery({
    queryKey: [api.ownSegments.preview.path, wanted],
    queryFn: ({ signal }) => call(api.ownSegments.preview, { body: { conditions: wanted ?? [] } }, signal),
    enabled: wanted !== null,
    placeholderData: keepPreviousData,
    // Counting that took too long once takes too long again.
    retry: false,
  })
}

/** What the server holds against a condition, and which one it is, from 0. */
export const faultIn = (error: Error | null): { readonly line: number; readonly detail: string } | null => {
  const problem = error instanceof ApiError ? error.problem : null
  const at = /^conditions\[(\d+)\]/.exec(problem?.field ?? '')?.[1]
  return problem === null || at === undefined ? null : { line: Number(at), detail: problem.detail }
}

/** How many people fit now, and some of them. */
export const OwnMatches = ({
  matches,
  isComplete,
}: {
  matches: ReturnType<typeof useMatches>
  isComplete: boolean
}) => {
  const { t } = useTranslation()
  const { session, tenant } = usePanelSession()
  const formats = useFormats(tenant.timeZone)
  const found = isComplete && matches.isSuccess ? matches.data : null
  return (
    <Card withBorder component="section" aria-live="polite" aria-label={t('ownSegments.matches')}>
      {!isComplete && <Text c="dimmed">{t('ownSegments.incomplete')}</Text>}
      {isComplete && matches.isPending && <Rows count={2} />}
      {isComplete && matches.isError && faultIn(matches.error) === null && (
        <Fault error={matches.error} onRetry={() => void matches.refetch()} />
      )}
      {found !== null && (
        <Stack gap="xs" aria-busy={matches.isPlaceholderData}>
          <Text fw={600} data-testid="own-count" data-count={found.count} data-settled={!matches.isPlaceholderData}>
            {t('ownSegments.count', { count: found.count, people: formats.number(found.count) })}
          </Text>
          {found.sample === null && <Text c="dimmed">{t('ownSegments.hidden')}</Text>}
          {found.sample !== null && found.sample.length > 0 && (
            <Table.ScrollContainer scrollAreaProps={{ viewportProps: { tabIndex: 0 } }} minWidth={260}>
              <Table captionSide="top">
                <Table.Caption>{t('ownSegments.sample')}</Table.Caption>
                <Table.Thead>
                  <Table.Tr>
                    <Table.Th>{t('contacts.name')}</Table.Th>
                    <Table.Th>{t('contacts.lastSeen')}</Table.Th>
                  </Table.Tr>
                </Table.Thead>
                <Table.Tbody>
                  {found.sample.map((person) => (
                    <Table.Tr key={person.id}>
                      <Table.Td>
                        <Anchor
                          renderRoot={(props) => (
                            <Link to="/contacts/$id" params={{ id: String(person.id) }} {...props} />
                          )}
                        >
                          <bdi>{nameOf(person)}</bdi>
                        </Anchor>
                      </Table.Td>
                      <Table.Td>
                        {person.lastSeenAt === null ? '—' : formats.since(person.lastSeenAt, session.now)}
                      </Table.Td>
                    </Table.Tr>
                  ))}
                </Table.Tbody>
              </Table>
            </Table.ScrollContainer>
          )}
        </Stack>
      )}
    </Card>
  )
}
