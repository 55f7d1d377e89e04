import { Badge, Button, Card, Group, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'

import type { api as contract } from '#contract/api.ts'
import type { RouteOutput } from '#contract/route.ts'

import { call } from '../../api/client.ts'
import { api, query } from '../../api/queries.ts'
import { useMay, useZone } from '../../api/session.tsx'
import { useFormats } from '../../lib/formats.ts'
import { Ask } from '../../ui/ask.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { Fault } from '../../ui/fault.tsx'
import { Rows } from '../../ui/rows.tsx'
import { NewKey } from './new-key.tsx'

type ApiKey = RouteOutput<typeof contract.keys.list>['items'][number]

const KeyCard = ({ apiKey, onRevoke }: { apiKey: ApiKey; onRevoke: (() => void) | null }) => {
  const { t } = useTranslation()
  const formats = useFormats(useZone())
  const { name, prefix, scopes, createdAt, lastUsedAt, revokedAt } = apiKey
  return (
    <Card withBorder data-key={apiKey.id}>
      <Group justify="space-between" align="start">
        <Stack gap={4} style={{ minWidth: 0 }}>
          <Group gap="xs">
            <Text fw={600}>
              <bdi>{name}</bdi>
            </Text>
            <Text c="dimmed" size="sm" ff="monospace">
              <bdi dir="ltr">gvt_live_{prefix}_…</bdi>
            </Text>
            {revokedAt !== null && <Badge color="gray">{t('keys.revoked')}</Badge>}
          </Group>
          <Text size="sm" c="dimmed">
            {t('keys.made', { at: formats.day(createdAt) })}
            {' · '}
            {lastUsedAt === null ? t('keys.unused') : t('keys.used', { at: formats.instant(lastUsedAt) })}
          </Text>
          <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
            <bdi dir="ltr">{scopes.join(', ')}</bdi>
          </Text>
        </Stack>
        {revokedAt === null && onRevoke && (
          <Button variant="default" onClick={onRevoke}>
            {t('keys.revoke')}
          </Button>
        )}
      </Group>
    </Card>
  )
}

/** Keys that programs of the tenant call with. */
export const KeysPart = () => {
  const { t } = useTranslation()
  const [mayCreate, mayRevoke] = [useMay('keys.create'), useMay('keys.revoke')]
  const [isMaking, setMaking] = useState(false)
  const [ending, end] = useState<ApiKey | null>(null)
  const keys = useQuery(query(api.keys.list, {}))
  if (keys.isPending) return <Rows />
  if (keys.isError) return <Fault error={keys.error} onRetry={() => void keys.refetch()} />
  const { items, scopes } = keys.data
  const sorted = items.toSorted((a, b) => Number(a.revokedAt !== null) - Number(b.revokedAt !== null) || b.id - a.id)
  return (
    <Stack>
      {mayCreate && (
        <Group>
          <Button onClick={() => setMaking(true)}>{t('keys.new')}</Button>
        </Group>
      )}
      {items.length === 0 && <EmptyState title={t('keys.none')} next={t('keys.noneNext')} />}
      {sorted.map((apiKey) => (
        <KeyCard key={apiKey.id} apiKey={apiKey} onRevoke={mayRevoke ? () => end(apiKey) : null} />
      ))}
      {isMaking && <NewKey scopes={scopes} onClose={() => setMaking(false)} />}
      {ending && (
        <Ask
          title={t('keys.revoke')}
          act={t('keys.revoke')}
          color="red"
          perform={() => call(api.keys.revoke, { params: { id: ending.id } })}
          onClose={() => end(null)}
        >
          <Text>{t('keys.revokeSure', { name: ending.name })}</Text>
        </Ask>
      )}
    </Stack>
  )
}
