import { Anchor, Group, Stack, Table, Text, Title } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'

import type { api } from '#contract/api.ts'
import type { RouteOutput } from '#contract/route.ts'

import { useMay } from '../../api/session.tsx'
import type { Formats } from '../../lib/formats.ts'
import { CsvButton } from '../../ui/csv-button.tsx'

type Member = RouteOutput<typeof api.groups.get>['members'][number]

/** What whoever looks may see of a person; else their number. */
const nameOf = ({ contactId, firstName, lastName, username }: Member): string => {
  const name = [firstName, lastName].filter(Boolean).join(' ')
  return name === '' ? (username ?? `#${contactId}`) : name
}

interface TopMembersProps {
  readonly members: readonly Member[]
  readonly file: string
  readonly formats: Formats
  readonly now: number
}

/** Who wrote most. */
export const TopMembers = ({ members, file, formats, now }: TopMembersProps) => {
  const { t } = useTranslation()
  const mayOpen = useMay('contacts.view')
  const title = t('groups.top')
  const columns = ['person', 'messages', 'last'].map((name) => t(`groups.${name}`))
  return (
    <Stack gap="xs">
      <Group justify="space-between">
        <Title order={2} size="h5">
          {title}
        </Title>
        <CsvButton
          title={title}
          file={file}
          columns={columns}
          rows={members.map((row) => [nameOf(row), row.messages, formats.instant(row.lastMessageAt)])}
        />
      </Group>
      {members.length === 0 ? (
        <Text c="dimmed">{t('groups.nobody')}</Text>
      ) : (
        <Table.ScrollContainer minWidth={320} scrollAreaProps={{ viewportProps: { tabIndex: 0, 'aria-label': title } }}>
          <Table>
            <Table.Thead>
              <Table.Tr>
                {columns.map((name) => (
                  <Table.Th key={name}>{name}</Table.Th>
                ))}
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {members.map((row) => (
                <Table.Tr key={row.contactId}>
                  <Table.Td>
                    {mayOpen ? (
                      <Anchor
                        renderRoot={(props) => (
                          <Link to="/contacts/$id" params={{ id: String(row.contactId) }} {...props} />
                        )}
                      >
                        <bdi>{nameOf(row)}</bdi>
                      </Anchor>
                    ) : (
                      <bdi>{nameOf(row)}</bdi>
                    )}
                  </Table.Td>
                  <Table.Td>{formats.number(row.messages)}</Table.Td>
                  <Table.Td>{formats.since(row.lastMessageAt, now)}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
    </Stack>
  )
}
