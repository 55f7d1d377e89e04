import { Button, Group, Modal, Stack, Text } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'

import { call } from '../../api/client.ts'
import { api, query } from '../../api/queries.ts'
import { useMay } from '../../api/session.tsx'
import { Ask } from '../../ui/ask.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { Fault } from '../../ui/fault.tsx'
import { Rows } from '../../ui/rows.tsx'
import { Secret } from './secret.tsx'
import { WebhookCard, type WebhookAct } from './webhook-card.tsx'
import { WebhookForm } from './webhook-form.tsx'
import type { Webhook } from './webhook.ts'

/** Asks, makes a new secret, and shows it this once. */
const Rotation = ({ webhook, onClose }: { webhook: Webhook; onClose: () => void }) => {
  const { t } = useTranslation()
  const queries = useQueryClient()
  const rotate = useMutation({
    mutationFn: () => call(api.webhooks.rotateSecret, { params: { id: webhook.id } }),
    onSuccess: () => queries.invalidateQueries(),
  })
  const closeButtonProps = { 'aria-label': t('state.dismiss') }
  return (
    <Modal opened onClose={onClose} title={t('webhooks.act.rotate')} closeButtonProps={closeButtonProps} centered>
      {rotate.isSuccess ? (
        <Secret label={t('webhooks.secret')} value={rotate.data.secret} onDone={onClose} />
      ) : (
        <Stack>
          <Text>{t('webhooks.rotateSure', { name: webhook.name })}</Text>
          {rotate.isError && <Fault error={rotate.error} />}
          <Group justify="end">
            <Button loading={rotate.isPending} onClick={() => rotate.mutate()}>
              {t('webhooks.act.rotate')}
            </Button>
          </Group>
        </Stack>
      )}
    </Modal>
  )
}

/** Endpoints that are told what happens. */
export const WebhooksPart = () => {
  const { t } = useTranslation()
  const mayEdit = useMay('webhooks.edit')
  const [asked, ask] = useState<{ readonly act: WebhookAct | 'add'; readonly webhook: Webhook | null } | null>(null)
  const webhooks = useQuery(query(api.webhooks.list, {}))
  if (webhooks.isPending) return <Rows />
  if (webhooks.isError) return <Fault error={webhooks.error} onRetry={() => void webhooks.refetch()} />
  const { items } = webhooks.data
  const close = () => ask(null)
  const { act, webhook = null } = asked ?? {}
  return (
    <Stack>
      {mayEdit && (
        <Group>
          <Button onClick={() => ask({ act: 'add', webhook: null })}>{t('webhooks.new')}</Button>
        </Group>
      )}
      {items.length === 0 && <EmptyState title={t('webhooks.none')} next={t('webhooks.noneNext')} />}
      {items.map((item) => (
        <WebhookCard key={item.id} webhook={item} onAct={(wanted) => ask({ act: wanted, webhook: item })} />
      ))}
      {(act === 'add' || act === 'edit') && <WebhookForm webhook={webhook} onClose={close} />}
      {act === 'rotate' && webhook && <Rotation webhook={webhook} onClose={close} />}
      {act === 'remove' && webhook && (
        <Ask
          title={t('webhooks.act.remove')}
          act={t('webhooks.act.remove')}
          color="red"
          perform={() => call(api.webhooks.remove, { params: { id: webhook.id } })}
          onClose={close}
        >
          <Text>{t('webhooks.removeSure', { name: webhook.name, count: webhook.waiting })}</Text>
        </Ask>
      )}
    </Stack>
  )
}
