import { Anchor, Badge, Button, Card, Group, Stack, Text, Title } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'

import { call } from '../../api/client.ts'
import { api, query } from '../../api/queries.ts'
import { useFormats } from '../../lib/formats.ts'
import { Fault } from '../../ui/fault.tsx'
import { Note } from '../../ui/note.tsx'
import { Rows } from '../../ui/rows.tsx'
import { useSignedIn, useZone } from '../../api/session.tsx'

/** Where the person is signed in, and how to end it elsewhere. */
export const Devices = () => {
  const { t } = useTranslation()
  const { secondFactor } = useSignedIn().session
  const formats = useFormats(useZone())
  const queries = useQueryClient()
  const devices = useQuery(query(api.sessions.listDevices, {}))
  const end = useMutation({
    mutationFn: (id: number) => call(api.sessions.endDevice, { params: { id } }),
    onSuccess: () => queries.invalidateQueries(),
  })
  if (devices.isPending) return <Rows />
  if (devices.isError) return <Fault error={devices.error} onRetry={() => void devices.refetch()} />
  return (
    <Stack>
      <Title order={1} size="h3">
        {t('screens.devices')}
      </Title>
      <Text c="dimmed">{t('devices.text')}</Text>
      {(secondFactor === 'advised' || secondFactor === 'required') && (
        <Note title={t('devices.secondFactor')}>
          <Anchor component={Link} to="/security">
            {t('devices.secondFactorNext')}
          </Anchor>
        </Note>
      )}
      {end.isError && <Fault error={end.error} />}
      {devices.data.items.map(({ id, device, lastSeenAt, isThisOne }) => (
        <Card key={id} withBorder>
          <Group justify="space-between">
            <div>
              <Group gap="xs">
                <bdi>{device || t('devices.unknown')}</bdi>
                {isThisOne && <Badge variant="default">{t('devices.thisOne')}</Badge>}
              </Group>
              <Text size="sm" c="dimmed">
                {t('devices.lastSeen', { at: formats.instant(lastSeenAt) })}
              </Text>
            </div>
            <Button variant="default" loading={end.isPending && end.variables === id} onClick={() => end.mutate(id)}>
              {t('devices.signOut')}
            </Button>
          </Group>
        </Card>
      ))}
    </Stack>
  )
}
