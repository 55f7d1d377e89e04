import { Anchor, Button, Group, Stack, Table, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'

import { call } from '../../api/client.ts'
import { api, query } from '../../api/queries.ts'
import { useMay } from '../../api/session.tsx'
import { Ask } from '../../ui/ask.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { Fault } from '../../ui/fault.tsx'
import { Rows } from '../../ui/rows.tsx'
import { useOwnConditionText } from './own-condition-text.ts'
import type { OwnSegment } from './own-draft.ts'

const NewSegment = () => {
  const { t } = useTranslation()
  return (
    <Button renderRoot={(props) => <Link to="/segments/own/$id" params={{ id: 'new' }} {...props} />} variant="default">
      {t('ownSegments.new')}
    </Button>
  )
}

/** What can be done with one of them. */
const Actions = ({ segment, onRemove }: { segment: OwnSegment; onRemove: () => void }) => {
  const { t } = useTranslation()
  const { id, name } = segment
  const [mayEdit, mayWrite, mayLook] = [useMay('segments.edit'), useMay('campaigns.edit'), useMay('contacts.view')]
  return (
    <Group gap="sm">
      {mayLook && (
        <Anchor
          aria-label={t('ownSegments.peopleOf', { name })}
          renderRoot={(props) => <Link to="/contacts" search={{ own: id }} {...props} />}
        >
          {t('ownSegments.people')}
        </Anchor>
      )}
      {mayWrite && (
        <Anchor
          aria-label={t('ownSegments.writeTo', { name })}
          renderRoot={(props) => <Link to="/campaigns/new" search={{ own: id }} {...props} />}
        >
          {t('ownSegments.write')}
        </Anchor>
      )}
      {mayEdit && (
        <Button variant="default" size="compact-sm" aria-label={t('ownSegments.removeOf', { name })} onClick={onRemove}>
          {t('ownSegments.remove')}
        </Button>
      )}
    </Group>
  )
}

/** The segments a tenant made for itself, in words, and what can be done with them. */
export const OwnSegments = () => {
  const { t } = useTranslation()
  const mayEdit = useMay('segments.edit')
  const conditionText = useOwnConditionText()
  const list = useQuery(query(api.ownSegments.list, {}))
  const [removed, remove] = useState<OwnSegment | null>(null)
  if (list.isPending) return <Rows count={2} />
  if (list.isError) return <Fault error={list.error} onRetry={() => void list.refetch()} />
  const { items, max } = list.data
  return (
    <Stack component="section" aria-label={t('ownSegments.title')}>
      <Group justify="space-between">
        <Title order={2} size="h4">
          {t('ownSegments.title')}
        </Title>
        {mayEdit && items.length > 0 && items.length < max && <NewSegment />}
      </Group>
      {items.length === 0 ? (
        <EmptyState title={t('ownSegments.none')} next={t('ownSegments.noneNext')}>
          {mayEdit && <NewSegment />}
        </EmptyState>
      ) : (
        <>
          <Text size="sm" c="dimmed">
            {t('ownSegments.live')}
          </Text>
          <Table.ScrollContainer scrollAreaProps={{ viewportProps: { tabIndex: 0 } }} minWidth={560}>
            <Table>
              <Table.Thead>
                <Table.Tr>
                  {(['name', 'conditions', 'actions'] as const).map((column) => (
                    <Table.Th key={column}>{t(`ownSegments.${column}`)}</Table.Th>
                  ))}
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {items.map((segment) => (
                  <Table.Tr key={segment.id}>
                    <Table.Td>
                      <Anchor
                        renderRoot={(props) => (
                          <Link to="/segments/own/$id" params={{ id: String(segment.id) }} {...props} />
                        )}
                      >
                        <bdi>{segment.name}</bdi>
                      </Anchor>
                    </Table.Td>
                    <Table.Td>
                      {segment.conditions.map((condition) => (
                        <div key={JSON.stringify(condition)}>
                          <bdi>{conditionText(condition)}</bdi>
                        </div>
                      ))}
                    </Table.Td>
                    <Table.Td>
                      <Actions segment={segment} onRemove={() => remove(segment)} />
                    </Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </Table.ScrollContainer>
        </>
      )}
      {removed !== null && (
        <Ask
          title={t('ownSegments.removeOf', { name: removed.name })}
          act={t('ownSegments.remove')}
          color="red"
          perform={() => call(api.ownSegments.remove, { params: { id: removed.id } })}
          onClose={() => remove(null)}
        >
          <Text>{t('ownSegments.removeText')}</Text>
        </Ask>
      )}
    </Stack>
  )
}
