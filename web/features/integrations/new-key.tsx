import { Button, Checkbox, Group, Modal, SimpleGrid, Stack, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'

import type { TenantAction } from '#contract/actions.ts'

import { ApiError, call } from '../../api/client.ts'
import { api } from '../../api/queries.ts'
import { Fault } from '../../ui/fault.tsx'
import { Secret } from './secret.tsx'

/** Scopes by what they are about, in the order of the contract. */
const byTopic = (scopes: readonly TenantAction[]) => [...Map.groupBy(scopes, (scope) => scope.split('.')[0] ?? scope)]

/** Makes a key, and shows its text this once. */
export const NewKey = ({ scopes, onClose }: { scopes: readonly TenantAction[]; onClose: () => void }) => {
  const { t } = useTranslation()
  const queries = useQueryClient()
  const [name, setName] = useState('')
  const [chosen, choose] = useState<string[]>([])
  const create = useMutation({
    mutationFn: () =>
      call(api.keys.create, { body: { name, scopes: scopes.filter((scope) => chosen.includes(scope)) } }),
    onSuccess: () => queries.invalidateQueries(),
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    create.mutate()
  }
  const closeButtonProps = { 'aria-label': t('state.dismiss') }
  return (
    <Modal opened onClose={onClose} title={t('keys.new')} closeButtonProps={closeButtonProps} size="lg">
      {create.isSuccess ? (
        <Secret label={create.data.name} value={create.data.key} onDone={onClose} />
      ) : (
        <form onSubmit={submit}>
          <Stack>
            <TextInput
              label={t('keys.name')}
              description={t('keys.nameText')}
              value={name}
              maxLength={100}
              onChange={(event) => setName(event.currentTarget.value)}
              error={fieldOf(create.error) === 'name' && create.error?.message}
              required
              data-autofocus
            />
            <Checkbox.Group
              label={t('keys.scopes')}
              description={t('keys.scopesText')}
              value={chosen}
              onChange={choose}
            >
              <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="xs" mt="xs">
                {byTopic(scopes).map(([topic, ofTopic]) => (
                  <Stack key={topic} gap={4}>
                    {ofTopic.map((scope) => (
                      <Checkbox key={scope} value={scope} label={<bdi dir="ltr">{scope}</bdi>} />
                    ))}
                  </Stack>
                ))}
              </SimpleGrid>
            </Checkbox.Group>
            {create.isError && fieldOf(create.error) !== 'name' && <Fault error={create.error} />}
            <Group justify="end">
              <Button type="submit" loading={create.isPending} disabled={chosen.length === 0}>
                {t('keys.create')}
              </Button>
            </Group>
          </Stack>
        </form>
      )}
    </Modal>
  )
}

const fieldOf = (error: Error | null): string | null =>
  error instanceof ApiError ? (error.problem.field ?? null) : null
