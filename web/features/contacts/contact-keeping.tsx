import { Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'

import { call } from '../../api/client.ts'
import { api } from '../../api/queries.ts'
import { useMay } from '../../api/session.tsx'
import { Fault } from '../../ui/fault.tsx'
import { contactSearch } from './contact-search.ts'
import { nameOf } from '../../lib/name-of.ts'
import type { Person } from './person.ts'

const save = (name: string, data: object): void => {
  const url = URL.createObjectURL(new Blob([JSON.stringify(data, null, 2)], { type: 'application/json' }))
  Object.assign(document.createElement('a'), { href: url, download: name }).click()
  URL.revokeObjectURL(url)
}

const Erasing = ({ person, onClose }: { person: Person; onClose: () => void }) => {
  const { t } = useTranslation()
  const queries = useQueryClient()
  const navigate = useNavigate()
  const [typed, setTyped] = useState('')
  const { id } = person
  const erase = useMutation({
    mutationFn: () => call(api.contacts.erase, { params: { id }, body: { confirm: Number(typed) } }),
    onSuccess: async () => {
      await navigate({ to: '/contacts', search: { tenant: undefined, ...contactSearch({}) } })
      await queries.invalidateQueries()
    },
  })
  return (
    <Stack>
      <Text>{t('contact.eraseText', { name: nameOf(person) })}</Text>
      <TextInput
        label={t('contact.eraseConfirm', { id })}
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
        inputMode="numeric"
        data-autofocus
      />
      {erase.isError && <Fault error={erase.error} />}
      <Group justify="end">
        <Button variant="default" onClick={onClose}>
          {t('contact.cancel')}
        </Button>
        <Button
          color="red.9"
          disabled={typed.trim() !== String(id)}
          loading={erase.isPending}
          onClick={() => erase.mutate()}
        >
          {t('contact.eraseNow')}
        </Button>
      </Group>
    </Stack>
  )
}

/** What the law lets a person ask for: everything that is known of them, and to be forgotten. */
export const ContactKeeping = ({ person }: { person: Person }) => {
  const { t } = useTranslation()
  const [isOpen, { open, close }] = useDisclosure(false)
  const [mayExport, mayErase] = [useMay('contacts.export'), useMay('contacts.erase')]
  const download = useMutation({
    mutationFn: () => call(api.contacts.export, { params: { id: person.id } }),
    onSuccess: (data) => save(`contact-${person.id}.json`, data),
  })
  return (
    <Group gap="xs">
      {mayExport && (
        <Button variant="default" loading={download.isPending} onClick={() => download.mutate()}>
          {t('contact.export')}
        </Button>
      )}
      {mayErase && (
        <Button variant="default" onClick={open}>
          {t('contact.erase')}
        </Button>
      )}
      {download.isError && <Fault error={download.error} />}
      <Modal
        opened={isOpen}
        onClose={close}
        title={t('contact.erase')}
        closeButtonProps={{ 'aria-label': t('contact.cancel') }}
      >
        <Erasing person={person} onClose={close} />
      </Modal>
    </Group>
  )
}
