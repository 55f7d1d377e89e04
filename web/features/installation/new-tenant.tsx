import { Button, Group, Modal, Select, Stack, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'

import { LOCALES, PACKAGES } from '#contract/words.ts'

import { ApiError, call } from '../../api/client.ts'
import { api } from '../../api/queries.ts'
import { Fault } from '../../ui/fault.tsx'

const FIELDS = ['name', 'slug'] as const

/** Makes a tenant that can begin at once; its owner is invited from its own screens. */
export const NewTenant = ({ onClose }: { onClose: () => void }) => {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const queries = useQueryClient()
  const [texts, setTexts] = useState({ name: '', slug: '' })
  const [packageName, setPackage] = useState<(typeof PACKAGES)[number]>('trial')
  const [locale, setLocale] = useState<(typeof LOCALES)[number]>('tr')
  const create = useMutation({
    mutationFn: () => call(api.tenants.create, { body: { ...texts, package: packageName, locale } }),
    onSuccess: async ({ id }) => {
      await queries.invalidateQueries()
      await navigate({ to: `/installation/tenants/${id}`, search: { tenant: undefined } })
    },
  })
  const { error } = create
  const faultOf = (field: string): string | undefined =>
    error instanceof ApiError && error.problem.field === field ? error.problem.detail : undefined
  const isElsewhere = error !== null && FIELDS.every((field) => faultOf(field) === undefined)
  return (
    <Modal
      opened
      onClose={onClose}
      title={t('installation.newTenant')}
      closeButtonProps={{ 'aria-label': t('installation.cancel') }}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault()
          create.mutate()
        }}
      >
        <Stack>
          {FIELDS.map((field) => (
            <TextInput
              key={field}
              label={t(`installation.${field}`)}
              description={field === 'slug' ? t('installation.slugHint') : undefined}
              value={texts[field]}
              onChange={(event) => {
                const { value } = event.currentTarget
                setTexts((before) => ({ ...before, [field]: value }))
              }}
              error={faultOf(field)}
              {...(field === 'slug' && { dir: 'ltr' })}
              required
            />
          ))}
          <Select
            label={t('installation.package')}
            data={PACKAGES.map((value) => ({ value, label: t(`words:package.${value}`) }))}
            value={packageName}
            onChange={(value) => setPackage(PACKAGES.find((known) => known === value) ?? 'trial')}
            allowDeselect={false}
          />
          <Select
            label={t('frame.language')}
            data={[...LOCALES]}
            value={locale}
            onChange={(value) => setLocale(LOCALES.find((known) => known === value) ?? 'tr')}
            allowDeselect={false}
          />
          {isElsewhere && <Fault error={error} />}
          <Group justify="end">
            <Button variant="default" onClick={onClose}>
              {t('installation.cancel')}
            </Button>
            <Button type="submit" loading={create.isPending}>
              {t('installation.create')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
