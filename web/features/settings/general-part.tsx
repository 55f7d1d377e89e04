import { Button, NumberInput, Select, SimpleGrid, Stack, TextInput } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'

import type { api as contract } from '#contract/api.ts'
import type { RouteOutput } from '#contract/route.ts'
import { LOCALES } from '#contract/words.ts'

import { ApiError, call } from '../../api/client.ts'
import { api, query } from '../../api/queries.ts'
import { useMay } from '../../api/session.tsx'
import { Fault } from '../../ui/fault.tsx'
import { Rows } from '../../ui/rows.tsx'

type TenantSettings = RouteOutput<typeof contract.tenant.get>

const FIELDS = ['name', 'senderName', 'locale', 'timeZone', 'quietFromHour', 'quietToHour'] as const
const LANGUAGES: Readonly<Record<TenantSettings['locale'], string>> = {
  tr: 'Türkçe',
  en: 'English',
  ru: 'Русский',
  ar: 'العربية',
}
const ZONES = Intl.supportedValuesOf('timeZone')

interface FieldsProps {
  readonly draft: TenantSettings
  readonly change: (part: Partial<TenantSettings>) => void
  readonly faultOf: (field: string) => string | undefined
  readonly disabled: boolean
}

const Names = ({ draft, change, faultOf, disabled }: FieldsProps) => {
  const { t } = useTranslation()
  return (
    <>
      <TextInput
        label={t('settings.name')}
        value={draft.name}
        onChange={(event) => change({ name: event.currentTarget.value })}
        error={faultOf('name')}
        disabled={disabled}
        dir="auto"
      />
      <TextInput
        label={t('settings.senderName')}
        description={t('settings.senderNameHint')}
        value={draft.senderName}
        onChange={(event) => change({ senderName: event.currentTarget.value })}
        error={faultOf('senderName')}
        disabled={disabled}
        dir="auto"
      />
    </>
  )
}

const Place = ({ draft, change, faultOf, disabled }: FieldsProps) => {
  const { t } = useTranslation()
  return (
    <>
      <Select
        label={t('settings.locale')}
        description={t('settings.localeHint')}
        data={LOCALES.map((value) => ({ value, label: LANGUAGES[value] }))}
        value={draft.locale}
        onChange={(value) => change({ locale: LOCALES.find((known) => known === value) ?? draft.locale })}
        allowDeselect={false}
        error={faultOf('locale')}
        disabled={disabled}
      />
      <Select
        label={t('settings.timeZone')}
        description={t('settings.timeZoneHint')}
        data={ZONES.includes(draft.timeZone) ? ZONES : [draft.timeZone, ...ZONES]}
        value={draft.timeZone}
        onChange={(value) => change({ timeZone: value ?? draft.timeZone })}
        allowDeselect={false}
        searchable
        limit={50}
        error={faultOf('timeZone')}
        disabled={disabled}
      />
    </>
  )
}

/** The night that is everybody's, which a tenant can make longer. */
const HOURS = [
  { name: 'quietFromHour', hint: 'settings.quietHint', min: 13, max: 21 },
  { name: 'quietToHour', hint: 'settings.quietToHint', min: 9, max: 12 },
] as const

const Hours = ({ draft, change, faultOf, disabled }: FieldsProps) => {
  const { t } = useTranslation()
  return HOURS.map(({ name, hint, min, max }) => (
    <NumberInput
      key={name}
      label={t(`settings.${name}`)}
      description={t(hint)}
      value={draft[name]}
      onChange={(value) => change({ [name]: Number(value) })}
      min={min}
      max={max}
      clampBehavior="none"
      allowDecimal={false}
      error={faultOf(name)}
      disabled={disabled}
    />
  ))
}

const Form = ({ settings }: { settings: TenantSettings }) => {
  const { t } = useTranslation()
  const queries = useQueryClient()
  const mayEdit = useMay('tenant.update')
  const [draft, setDraft] = useState(settings)
  const save = useMutation({
    mutationFn: () =>
      call(api.tenant.update, {
        body: Object.fromEntries(
          FIELDS.filter((name) => draft[name] !== settings[name]).map((name) => [name, draft[name]]),
        ),
      }),
    onSuccess: () => {
      notifications.show({ message: t('settings.saved'), color: 'teal.9' })
      return queries.invalidateQueries()
    },
  })
  const problem = save.error instanceof ApiError ? save.error.problem : null
  const fields: FieldsProps = {
    draft,
    change: (part) => setDraft((before) => ({ ...before, ...part })),
    faultOf: (field) => (problem?.field === field ? problem.detail : undefined),
    disabled: !mayEdit,
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    save.mutate()
  }
  return (
    <form onSubmit={submit} noValidate>
      <Stack maw={720}>
        <Names {...fields} />
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          <Place {...fields} />
          <Hours {...fields} />
        </SimpleGrid>
        {save.isError && !FIELDS.some((name) => name === problem?.field) && <Fault error={save.error} />}
        {mayEdit && (
          <Button type="submit" loading={save.isPending} style={{ alignSelf: 'start' }}>
            {t('settings.save')}
          </Button>
        )}
      </Stack>
    </form>
  )
}

/** How the tenant is called, its language and time, and when it is quiet. */
export const GeneralPart = () => {
  const settings = useQuery(query(api.tenant.get, {}))
  if (settings.isPending) return <Rows count={4} />
  if (settings.isError) return <Fault error={settings.error} onRetry={() => void settings.refetch()} />
  return <Form key={JSON.stringify(settings.data)} settings={settings.data} />
}
