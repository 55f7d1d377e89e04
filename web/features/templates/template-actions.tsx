import { Button, Group, Modal, Select, Stack, Text } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'

import { call } from '../../api/client.ts'
import { api, query } from '../../api/queries.ts'
import { useMay, usePanelSession } from '../../api/session.tsx'
import { Fault } from '../../ui/fault.tsx'
import type { Template, Wording } from './template-draft.ts'

/** Sends the message as it is saved to whoever presses it, by the account they choose. */
export const TrySending = ({ template, wording }: { template: Template; wording: Wording }) => {
  const { t } = useTranslation()
  const choices = useQuery(query(api.campaigns.choices, {}))
  const accounts = choices.data?.accounts.filter(({ state }) => state === 'active') ?? []
  const [chosen, choose] = useState<string | null>(null)
  const accountId = accounts.find(({ id }) => String(id) === chosen)?.id ?? accounts[0]?.id
  const test = useMutation({
    mutationFn: (account: number) =>
      call(api.templates.test, {
        params: { id: template.id },
        body: { accountId: account, variant: wording.name, locale: wording.locale },
      }),
    onSuccess: () => notifications.show({ message: t('templates.tested'), color: 'teal.9' }),
  })
  if (accountId === undefined) return null
  return (
    <Stack gap="xs">
      <Group align="end">
        {accounts.length > 1 && (
          <Select
            label={t('templates.testBy')}
            data={accounts.map(({ id, name }) => ({ value: String(id), label: name }))}
            value={String(accountId)}
            onChange={choose}
            allowDeselect={false}
          />
        )}
        <Button variant="default" loading={test.isPending} onClick={() => test.mutate(accountId)}>
          {t('templates.test')}
        </Button>
      </Group>
      {test.isError && <Fault error={test.error} />}
    </Stack>
  )
}

interface TakingProps {
  readonly template: Template
  readonly onChanged: (template: Template) => void
}

/** Takes a message out of use, once whoever presses it is sure. */
export const ArchiveButton = ({ template, onChanged }: TakingProps) => {
  const { t } = useTranslation()
  const queries = useQueryClient()
  const [isAsked, ask] = useState(false)
  const archive = useMutation({
    mutationFn: () => call(api.templates.archive, { params: { id: template.id } }),
    onSuccess: async (archived) => {
      ask(false)
      onChanged(archived)
      await queries.invalidateQueries()
    },
  })
  return (
    <>
      <Button variant="default" onClick={() => ask(true)}>
        {t('templates.archive')}
      </Button>
      <Modal
        opened={isAsked}
        onClose={() => ask(false)}
        title={t('templates.archive')}
        closeButtonProps={{ 'aria-label': t('templates.stay') }}
        centered
      >
        <Stack>
          <Text>{t('templates.archiveSure', { name: template.name })}</Text>
          {archive.isError && <Fault error={archive.error} />}
          <Group justify="end">
            <Button variant="default" onClick={() => ask(false)}>
              {t('templates.stay')}
            </Button>
            <Button color="red" loading={archive.isPending} onClick={() => archive.mutate()}>
              {t('templates.archive')}
            </Button>
          </Group>
        </Stack>
      </Modal>
    </>
  )
}

export const useMayTry = (): boolean => {
  const { role } = usePanelSession().tenant
  const [mayEdit, mayChoose] = [useMay('templates.edit'), useMay('campaigns.edit')]
  return role !== null && mayEdit && mayChoose
}
