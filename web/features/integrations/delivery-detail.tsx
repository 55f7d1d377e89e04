import { Badge, Button, Code, Drawer, Group, Stack, Text, Title } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'

import { call } from '../../api/client.ts'
import { api, query } from '../../api/queries.ts'
import { useMay, useZone } from '../../api/session.tsx'
import { useFormats } from '../../lib/formats.ts'
import { Fault } from '../../ui/fault.tsx'
import { Rows } from '../../ui/rows.tsx'
import { type WebhookAttempt, colourOf } from './webhook.ts'

/** How an attempt ended: the status, or why there is none. */
export const useAnswerText = () => {
  const { t } = useTranslation()
  return (attempt: WebhookAttempt | null): string =>
    attempt === null ? '' : String(attempt.status ?? t(`words:webhookFault.${attempt.fault ?? 'cut_off'}`))
}

const pretty = (payload: string): string => JSON.stringify(JSON.parse(payload), null, 2)

/** One delivery: what is sent, every attempt, and the way to send it again. */
export const DeliveryDetail = ({ id, onClose }: { id: number; onClose: () => void }) => {
  const { t } = useTranslation()
  const formats = useFormats(useZone())
  const answerText = useAnswerText()
  const mayEdit = useMay('webhooks.edit')
  const queries = useQueryClient()
  const delivery = useQuery({ ...query(api.webhooks.delivery, { params: { id } }), refetchInterval: 3_000 })
  const replay = useMutation({
    mutationFn: () => call(api.webhooks.replay, { params: { id } }),
    onSuccess: () => queries.invalidateQueries(),
  })
  const closeButtonProps = { 'aria-label': t('state.dismiss') }
  return (
    <Drawer
      opened
      onClose={onClose}
      position="right"
      title={t('webhooks.delivery', { id })}
      closeButtonProps={closeButtonProps}
    >
      {delivery.isPending && <Rows count={4} />}
      {delivery.isError && <Fault error={delivery.error} />}
      {delivery.isSuccess && (
        <Stack>
          <Group gap="xs">
            <Badge color={colourOf(delivery.data.state)} data-delivery-state={delivery.data.state}>
              {t(`words:webhookDeliveryState.${delivery.data.state}`)}
            </Badge>
            <Text size="sm" ff="monospace" style={{ overflowWrap: 'anywhere' }}>
              <bdi dir="ltr">{delivery.data.messageId}</bdi>
            </Text>
          </Group>
          <Code block dir="ltr" tabIndex={0} aria-label={t('webhooks.body')}>
            {pretty(delivery.data.payload)}
          </Code>
          <Title order={2} size="h5">
            {t('webhooks.attempts')}
          </Title>
          {delivery.data.history.length === 0 && <Text c="dimmed">{t('webhooks.noAttempts')}</Text>}
          {delivery.data.history.map((attempt) => (
            <Group key={attempt.number} justify="space-between">
              <Text size="sm">{formats.instant(attempt.at)}</Text>
              <Text size="sm" fw={600}>
                {answerText(attempt)}
                {attempt.latencyMs !== null && ` · ${t('webhooks.latency', { ms: formats.number(attempt.latencyMs) })}`}
              </Text>
            </Group>
          ))}
          {delivery.data.nextAt !== null && (
            <Text size="sm" c="dimmed">
              {t('webhooks.next', { at: formats.instant(delivery.data.nextAt) })}
            </Text>
          )}
          {replay.isError && <Fault error={replay.error} />}
          {mayEdit && (
            <Button loading={replay.isPending} onClick={() => replay.mutate()}>
              {t('webhooks.replay')}
            </Button>
          )}
        </Stack>
      )}
    </Drawer>
  )
}
