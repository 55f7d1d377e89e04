import { Alert, Anchor, Badge, Button, Card, Group, Stack, Text } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'

import { call } from '../../api/client.ts'
import { api } from '../../api/queries.ts'
import { useMay, useZone } from '../../api/session.tsx'
import { useFormats } from '../../lib/formats.ts'
import { type Webhook, colourOf } from './webhook.ts'

export type WebhookAct = 'edit' | 'rotate' | 'remove'

/** How long an endpoint works or fails, in a sentence. */
const Health = ({ webhook }: { webhook: Webhook }) => {
  const { t } = useTranslation()
  const formats = useFormats(useZone())
  const { state, disabledReason, failingSince, lastSuccessAt } = webhook
  if (state === 'disabled')
    return (
      <Alert color="red" title={t('webhooks.gaveUp')}>
        {t(`words:webhookDisabling.${disabledReason ?? 'failing'}`)}
      </Alert>
    )
  if (failingSince !== null)
    return (
      <Alert color="orange" title={t('webhooks.failingSince', { at: formats.instant(failingSince) })}>
        {t('webhooks.failingText')}
      </Alert>
    )
  return (
    <Text size="sm" c="dimmed">
      {lastSuccessAt === null
        ? t('webhooks.nothingYet')
        : t('webhooks.lastSuccess', { at: formats.instant(lastSuccessAt) })}
    </Text>
  )
}

const WebhookActs = ({ webhook, onAct }: { webhook: Webhook; onAct: (act: WebhookAct) => void }) => {
  const { t } = useTranslation()
  const queries = useQueryClient()
  const params = { id: webhook.id }
  const onError = (error: Error) => notifications.show({ message: error.message, color: 'red' })
  const test = useMutation({
    mutationFn: () => call(api.webhooks.test, { params }),
    onSuccess: async ({ state, last }) => {
      const answer = last?.status ?? t(`words:webhookFault.${last?.fault ?? 'cut_off'}`)
      notifications.show({
        message: t(state === 'delivered' ? 'webhooks.tested' : 'webhooks.testFailed', { answer }),
        color: state === 'delivered' ? 'teal' : 'red',
      })
      await queries.invalidateQueries()
    },
    onError,
  })
  const wanted = webhook.state === 'active' ? 'paused' : 'active'
  const turn = useMutation({
    mutationFn: () => call(api.webhooks.change, { params, body: { state: wanted } }),
    onSuccess: () => queries.invalidateQueries(),
    onError,
  })
  return (
    <Group gap="xs">
      <Button variant="default" size="compact-sm" loading={test.isPending} onClick={() => test.mutate()}>
        {t('webhooks.test')}
      </Button>
      <Button variant="default" size="compact-sm" loading={turn.isPending} onClick={() => turn.mutate()}>
        {t(wanted === 'paused' ? 'webhooks.pause' : 'webhooks.resume')}
      </Button>
      {(['edit', 'rotate', 'remove'] as const).map((act) => (
        <Button key={act} variant="default" size="compact-sm" onClick={() => onAct(act)}>
          {t(`webhooks.act.${act}`)}
        </Button>
      ))}
    </Group>
  )
}

/** One endpoint: what it is told, how it is, what can be done about it. */
export const WebhookCard = ({ webhook, onAct }: { webhook: Webhook; onAct: (act: WebhookAct) => void }) => {
  const { t } = useTranslation()
  const formats = useFormats(useZone())
  const mayEdit = useMay('webhooks.edit')
  const { id, name, url, kinds, state, waiting, failed } = webhook
  return (
    <Card withBorder data-webhook={id}>
      <Stack gap="xs">
        <Group gap="xs">
          <Text fw={600}>
            <bdi>{name}</bdi>
          </Text>
          <Badge color={colourOf(state)}>{t(`words:webhookState.${state}`)}</Badge>
        </Group>
        <Text size="sm" ff="monospace" style={{ overflowWrap: 'anywhere' }}>
          <bdi dir="ltr">{url}</bdi>
        </Text>
        <Text size="sm">{kinds.map((kind) => t(`words:webhookKind.${kind.replace('.', '_')}`)).join(' · ')}</Text>
        <Health webhook={webhook} />
        <Group gap="md">
          <Anchor
            size="sm"
            renderRoot={(props) => (
              <Link
                {...props}
                to="/integrations"
                search={({ tenant }) => ({ tenant, part: 'log' as const, webhook: String(id), state: undefined })}
              />
            )}
          >
            {t('webhooks.showLog')}
          </Anchor>
          <Text size="sm">
            {t('webhooks.counts', { waiting: formats.number(waiting), failed: formats.number(failed) })}
          </Text>
        </Group>
        {mayEdit && <WebhookActs webhook={webhook} onAct={onAct} />}
      </Stack>
    </Card>
  )
}
