import { Button, Checkbox, NumberInput, PasswordInput, Radio, SimpleGrid, Stack, Text, TextInput } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'

import { MODEL_MODES } from '#contract/words.ts'

import { ApiError, call } from '../../api/client.ts'
import { api } from '../../api/queries.ts'
import { useMay } from '../../api/session.tsx'
import { nameField } from '../../lib/name-field.ts'
import { Fault } from '../../ui/fault.tsx'
import { Overtaken } from '../../ui/overtaken.tsx'
import { type Model, type ModelDraft, modelChangeOf, modelDraftOf } from './model-draft.ts'

const FIELDS = ['baseUrl', 'model', 'apiKey', 'tokensPerMonth', 'perMinuteMax'] as const

/** What stands above each field. */
const NAMES: Readonly<Record<(typeof FIELDS)[number], string>> = {
  baseUrl: 'model.baseUrl',
  model: 'model.name',
  apiKey: 'model.key',
  tokensPerMonth: 'model.tokensPerMonth',
  perMinuteMax: 'model.perMinuteMax',
}

interface FieldsProps {
  readonly draft: ModelDraft
  readonly saved: Model
  readonly isDisabled: boolean
  readonly faultOf: (field: (typeof FIELDS)[number]) => string | undefined
  readonly change: (part: Partial<ModelDraft>) => void
}

const Whose = ({ draft, saved, isDisabled, change }: FieldsProps) => {
  const { t } = useTranslation()
  return (
    <Radio.Group
      label={t('model.whose')}
      value={draft.mode}
      onChange={(value) => change({ mode: MODEL_MODES.find((known) => known === value) ?? draft.mode })}
    >
      <Stack gap="xs" mt="xs">
        {MODEL_MODES.map((mode) => (
          <Radio
            key={mode}
            value={mode}
            label={t(`model.mode.${mode}`)}
            description={t(
              mode === 'installation' && !saved.hasInstallation ? 'model.noInstallation' : `model.about.${mode}`,
            )}
            disabled={isDisabled || (mode === 'installation' && !saved.hasInstallation)}
          />
        ))}
      </Stack>
    </Radio.Group>
  )
}

/** Where the tenant's own model is, and what opens it. A key goes in and never comes out. */
const OwnModel = ({ draft, saved, isDisabled, faultOf, change }: FieldsProps) => {
  const { t } = useTranslation()
  const isMoved = draft.baseUrl !== (saved.baseUrl ?? '')
  const isKept = saved.hasKey && !isMoved
  return (
    <>
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        <TextInput
          label={t('model.baseUrl')}
          description={t('model.baseUrlHint')}
          value={draft.baseUrl}
          onChange={(event) => change({ baseUrl: event.currentTarget.value })}
          error={faultOf('baseUrl')}
          disabled={isDisabled}
          styles={{ input: { direction: 'ltr' } }}
        />
        <TextInput
          label={t('model.name')}
          description={t('model.nameHint')}
          value={draft.model}
          onChange={(event) => change({ model: event.currentTarget.value })}
          error={faultOf('model')}
          disabled={isDisabled}
          styles={{ input: { direction: 'ltr' } }}
        />
      </SimpleGrid>
      <PasswordInput
        label={t('model.key')}
        description={t(isKept ? 'model.keyKept' : saved.hasKey ? 'model.keyMoved' : 'model.keyNone')}
        value={draft.apiKey}
        onChange={(event) => change({ apiKey: event.currentTarget.value })}
        error={faultOf('apiKey')}
        disabled={isDisabled}
        autoComplete="off"
        visibilityToggleButtonProps={{ 'aria-label': t('model.showKey') }}
      />
      {isKept && !isDisabled && (
        <Checkbox
          label={t('model.forgetKey')}
          checked={draft.forgetsKey}
          onChange={(event) => change({ forgetsKey: event.currentTarget.checked })}
        />
      )}
    </>
  )
}

const Bounds = ({ draft, isDisabled, faultOf, change }: FieldsProps) => {
  const { t } = useTranslation()
  return (
    <SimpleGrid cols={{ base: 1, sm: 2 }}>
      {(['tokensPerMonth', 'perMinuteMax'] as const).map((field) => (
        <NumberInput
          key={field}
          label={t(`model.${field}`)}
          description={t(`model.${field}Hint`)}
          value={draft[field]}
          onChange={(value) => change({ [field]: value })}
          allowDecimal={false}
          thousandSeparator=" "
          styles={{ input: { direction: 'ltr' } }}
          error={faultOf(field)}
          disabled={isDisabled}
        />
      ))}
    </SimpleGrid>
  )
}

/** What somebody else saved, in words. */
const TheirModel = ({ theirs }: { theirs: Model }) => {
  const { t } = useTranslation()
  return (
    <>
      <Text>{t(`model.mode.${theirs.mode}`)}</Text>
      <Text dir="ltr">
        {theirs.baseUrl} {theirs.model}
      </Text>
      <Text>
        {t('model.tokensPerMonth')}: {theirs.tokensPerMonth} · {t('model.perMinuteMax')}: {theirs.perMinuteMax}
      </Text>
    </>
  )
}

const useModelSaving = (stored: Model) => {
  const { t } = useTranslation()
  const queries = useQueryClient()
  const [saved, setSaved] = useState(stored)
  const [draft, setDraft] = useState(() => modelDraftOf(stored))
  const take = (model: Model) => {
    setSaved(model)
    setDraft(modelDraftOf(model))
  }
  const save = useMutation({
    mutationFn: (before: Model) =>
      call(api.llm.set, {
        body: { expectedVersion: before.version, ...modelChangeOf(draft, modelDraftOf(before)) },
      }),
    onSuccess: (model) => {
      take(model)
      notifications.show({ message: t('model.saved'), color: 'teal.9' })
      return queries.invalidateQueries()
    },
  })
  const change = (part: Partial<ModelDraft>) => setDraft((before) => ({ ...before, ...part }))
  return { saved, draft, save, take, change }
}

/** Changes whose model answers and what it may cost. What somebody else saves meanwhile does not disturb whoever is here. */
export const ModelForm = ({ stored }: { stored: Model }) => {
  const { t } = useTranslation()
  const mayEdit = useMay('settings.edit')
  const { saved, draft, save, take, change } = useModelSaving(stored)
  const problem = save.error instanceof ApiError ? save.error.problem : null
  const isOvertaken = problem?.code === 'settings_moved_on'
  const fields: FieldsProps = {
    draft,
    saved,
    isDisabled: !mayEdit,
    faultOf: (field) => (problem?.field === field ? nameField(problem.detail, field, t(NAMES[field])) : undefined),
    change,
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    save.mutate(saved)
  }
  return (
    <form onSubmit={submit} noValidate>
      <Stack maw={720}>
        {isOvertaken && (
          <Overtaken<Model>
            detail={problem.detail}
            look={(signal) => call(api.llm.get, {}, signal)}
            renderTheirs={(theirs) => <TheirModel theirs={theirs} />}
            onKeep={(theirs) => save.mutate(theirs)}
            onTake={(theirs) => {
              save.reset()
              take(theirs)
            }}
          />
        )}
        <Whose {...fields} />
        {draft.mode === 'own' && <OwnModel {...fields} />}
        <Bounds {...fields} />
        {save.isError && !isOvertaken && !FIELDS.some((name) => name === problem?.field) && (
          <Fault error={save.error} />
        )}
        {mayEdit && (
          <Button type="submit" loading={save.isPending} style={{ alignSelf: 'start' }}>
            {t('settings.save')}
          </Button>
        )}
      </Stack>
    </form>
  )
}
