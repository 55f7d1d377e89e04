import { Anchor, Badge, Group, Table, Text } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { memo } from 'react'
import { useTranslation } from 'react-i18next'

import type { api } from '#contract/api.ts'
import type { RouteOutput } from '#contract/route.ts'

import { usePanelSession } from '../../api/session.tsx'
import { useFormats } from '../../lib/formats.ts'
import { nameOf } from '../../lib/name-of.ts'

type Person = RouteOutput<typeof api.contacts.list>['items'][number]

export const ContactTable = memo(({ people }: { people: readonly Person[] }) => {
  const { t } = useTranslation()
  const { session, tenant } = usePanelSession()
  const formats = useFormats(tenant.timeZone)
  return (
    <Table.ScrollContainer scrollAreaProps={{ viewportProps: { tabIndex: 0 } }} minWidth={640}>
      <Table highlightOnHover>
        <Table.Thead>
          <Table.Tr>
            {['name', 'segment', 'tags', 'lastSeen'].map((name) => (
              <Table.Th key={name}>{t(`contacts.${name}`)}</Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {people.map((person) => (
            <Table.Tr key={person.id}>
              <Table.Td>
                <Anchor
                  renderRoot={(props) => <Link to="/contacts/$id" params={{ id: String(person.id) }} {...props} />}
                >
                  <bdi>{nameOf(person)}</bdi>
                </Anchor>{' '}
                {person.username !== null && (
                  <Text span c="dimmed" size="sm" dir="ltr">
                    @{person.username}
                  </Text>
                )}
              </Table.Td>
              <Table.Td>
                {person.segment !== null && <Badge variant="default">{t(`words:segment.${person.segment}`)}</Badge>}
              </Table.Td>
              <Table.Td>
                <Group gap={4}>
                  {person.tags.map((tag) => (
                    <Badge key={tag} variant="default">
                      <bdi>{tag}</bdi>
                    </Badge>
                  ))}
                </Group>
              </Table.Td>
              <Table.Td>{person.lastSeenAt !== null && formats.since(person.lastSeenAt, session.now)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  )
})
