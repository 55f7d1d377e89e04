import { Button, Checkbox, Group, Modal, SimpleGrid, Stack, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'

import { WEBHOOK_KINDS } from '#contract/words.ts'

import { ApiError, call } from '../../api/client.ts'
import { api } from '../../api/queries.ts'
import { Fault } from '../../ui/fault.tsx'
import { Secret } from './secret.tsx'
import type { Webhook } from './webhook.ts'

const FIELDS = ['name', 'url']

const Kinds = ({ chosen, onChoose }: { chosen: string[]; onChoose: (kinds: string[]) => void }) => {
  const { t } = useTranslation()
  return (
    <Checkbox.Group label={t('webhooks.kinds')} value={chosen} onChange={onChoose}>
      <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="xs" mt="xs">
        {WEBHOOK_KINDS.map((kind) => (
          <Checkbox
            key={kind}
            value={kind}
            label={t(`words:webhookKind.${kind.replace('.', '_')}`)}
            description={<bdi dir="ltr">{kind}</bdi>}
          />
        ))}
      </SimpleGrid>
    </Checkbox.Group>
  )
}

/** Adds an endpoint and shows its secret this once, or changes one. */
export const WebhookForm = ({ webhook, onClose }: { webhook: Webhook | null; onClose: () => void }) => {
  const { t } = useTranslation()
  const queries = useQueryClient()
  const [name, setName] = useState(webhook?.name ?? '')
  const [url, setUrl] = useState(webhook?.url ?? '')
  const [chosen, choose] = useState<string[]>(webhook?.kinds ?? [])
  const save = useMutation({
    mutationFn: async () => {
      const body = { name, url, kinds: WEBHOOK_KINDS.filter((kind) => chosen.includes(kind)) }
      if (webhook === null) return (await call(api.webhooks.add, { body })).secret
      await call(api.webhooks.change, { params: { id: webhook.id }, body })
      return null
    },
    onSuccess: async (secret) => {
      await queries.invalidateQueries()
      if (secret === null) onClose()
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    save.mutate()
  }
  const field = save.error instanceof ApiError ? (save.error.problem.field ?? null) : null
  const errorOf = (of: string) => field === of && save.error?.message
  const closeButtonProps = { 'aria-label': t('state.dismiss') }
  return (
    <Modal
      opened
      onClose={onClose}
      title={t(webhook === null ? 'webhooks.new' : 'webhooks.change')}
      closeButtonProps={closeButtonProps}
      size="lg"
    >
      {save.isSuccess && save.data !== null ? (
        <Secret label={t('webhooks.secret')} value={save.data} onDone={onClose} />
      ) : (
        <form onSubmit={submit} noValidate>
          <Stack>
            <TextInput
              label={t('webhooks.name')}
              value={name}
              maxLength={100}
              onChange={(event) => setName(event.currentTarget.value)}
              error={errorOf('name')}
              required
              data-autofocus
            />
            <TextInput
              label={t('webhooks.url')}
              description={t('webhooks.urlText')}
              type="url"
              dir="ltr"
              value={url}
              maxLength={2_000}
              onChange={(event) => setUrl(event.currentTarget.value)}
              error={errorOf('url')}
              required
            />
            <Kinds chosen={chosen} onChoose={choose} />
            {save.isError && !FIELDS.includes(field ?? '') && <Fault error={save.error} />}
            <Group justify="end">
              <Button type="submit" loading={save.isPending} disabled={chosen.length === 0}>
                {t('webhooks.save')}
              </Button>
            </Group>
          </Stack>
        </form>
      )}
    </Modal>
  )
}
