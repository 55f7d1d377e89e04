import { Alert, Button, ColorInput, Group, SimpleGrid, Stack, Text, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { notifications } from '@mantine/notifications'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'

import type { api as contract } from '#contract/api.ts'
import type { RouteOutput } from '#contract/route.ts'

import { ApiError, call } from '../../api/client.ts'
import { api, query } from '../../api/queries.ts'
import { useMay, usePanelSession } from '../../api/session.tsx'
import { useFormats } from '../../lib/formats.ts'
import { Fault } from '../../ui/fault.tsx'
import { Rows } from '../../ui/rows.tsx'
import { BrandPreview } from './brand-preview.tsx'
import { LogoField } from './logo-field.tsx'

type Brand = RouteOutput<typeof contract.tenant.getBrand>

const COLOUR = /^#[0-9a-f]{6}$/i

/** How the accent would be drawn, as the server would draw it; null while nothing legible is chosen. */
const useColours = (accent: string) => {
  const [asked] = useDebouncedValue(accent, 250)
  const isColour = COLOUR.test(asked)
  const colours = useQuery({
    ...query(api.tenant.colours, { query: { accent: asked } }),
    enabled: isColour,
  })
  return isColour && asked === accent ? (colours.data ?? null) : null
}

interface Draft {
  readonly name: string
  readonly accent: string
}

interface FieldsProps {
  readonly draft: Draft
  readonly onChange: (part: Partial<Draft>) => void
  readonly colours: ReturnType<typeof useColours>
  /** What the server said of the last try. */
  readonly error: Error | null
  readonly isSaving: boolean
}

const Fields = ({ draft, onChange, colours, error, isSaving }: FieldsProps) => {
  const { t } = useTranslation()
  const { tenant } = usePanelSession()
  const formats = useFormats(tenant.timeZone)
  const mayEdit = useMay('tenant.update')
  const problem = error instanceof ApiError ? error.problem : null
  const faultOf = (field: string) => (problem?.field === field ? problem.detail : undefined)
  return (
    <Stack>
      <TextInput
        label={t('brand.name')}
        description={t('brand.nameHint')}
        placeholder={tenant.name}
        value={draft.name}
        onChange={(event) => onChange({ name: event.currentTarget.value })}
        maxLength={60}
        error={faultOf('name')}
        disabled={!mayEdit}
        dir="auto"
      />
      <ColorInput
        label={t('brand.accent')}
        description={t('brand.accentHint')}
        placeholder="#0a66a8"
        dir="ltr"
        value={draft.accent}
        onChange={(accent) => onChange({ accent })}
        format="hex"
        error={faultOf('accent')}
        disabled={!mayEdit}
        eyeDropperButtonProps={{ 'aria-label': t('brand.pick') }}
      />
      {colours?.isAdjusted === true && (
        <Alert color="orange" data-testid="adjusted">
          {t('brand.adjusted', { contrast: formats.number(Math.floor(colours.contrast * 10) / 10) })}
        </Alert>
      )}
      {error !== null && problem?.field !== 'name' && problem?.field !== 'accent' && <Fault error={error} />}
      {mayEdit && (
        <Group>
          <Button type="submit" loading={isSaving}>
            {t('brand.save')}
          </Button>
          <Button variant="default" onClick={() => onChange({ name: '', accent: '' })}>
            {t('brand.reset')}
          </Button>
        </Group>
      )}
    </Stack>
  )
}

const Form = ({ brand }: { brand: Brand }) => {
  const { t } = useTranslation()
  const { tenant } = usePanelSession()
  const queries = useQueryClient()
  const mayEdit = useMay('tenant.update')
  const [draft, setDraft] = useState<Draft>({ name: brand.name ?? '', accent: brand.accent ?? '' })
  const colours = useColours(draft.accent)
  const name = draft.name.trim()
  const save = useMutation({
    mutationFn: () =>
      call(api.tenant.setBrand, { body: { name: name || null, accent: draft.accent === '' ? null : draft.accent } }),
    onSuccess: () => {
      notifications.show({ message: t('brand.saved'), color: 'teal.9' })
      return queries.invalidateQueries()
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    save.mutate()
  }
  return (
    <SimpleGrid cols={{ base: 1, md: 2 }} spacing="xl">
      <Stack>
        <LogoField logoPath={brand.logoPath} mayEdit={mayEdit} />
        <form onSubmit={submit} noValidate>
          <Fields
            draft={draft}
            onChange={(part) => setDraft((before) => ({ ...before, ...part }))}
            colours={colours}
            error={save.error}
            isSaving={save.isPending}
          />
        </form>
      </Stack>
      <Stack gap="xs">
        <Text fw={600}>{t('brand.preview')}</Text>
        <BrandPreview name={name || tenant.name} logoPath={brand.logoPath} colours={colours} />
      </Stack>
    </SimpleGrid>
  )
}

/** How the tenant calls itself and looks, with a preview before anything is saved. */
export const BrandPart = () => {
  const brand = useQuery(query(api.tenant.getBrand, {}))
  if (brand.isPending) return <Rows count={4} />
  if (brand.isError) return <Fault error={brand.error} onRetry={() => void brand.refetch()} />
  return <Form key={`${brand.data.name} ${brand.data.accent}`} brand={brand.data} />
}
