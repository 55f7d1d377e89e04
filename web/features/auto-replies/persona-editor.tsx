import { Alert, Button, Group, Stack, Text } from '@mantine/core'
import type { FormEvent } from 'react'
import { useTranslation } from 'react-i18next'

import { call } from '../../api/client.ts'
import { api } from '../../api/queries.ts'
import { useMay } from '../../api/session.tsx'
import { type FieldFault, faultAt } from '../../lib/field-fault.ts'
import { Fault } from '../../ui/fault.tsx'
import { LeaveGuard } from '../../ui/leave-guard.tsx'
import { Overtaken } from '../../ui/overtaken.tsx'
import { MenuFields } from './menu-fields.tsx'
import type { Persona } from './persona-draft.ts'
import { BoundFields, FactFields, VoiceFields } from './persona-fields.tsx'
import { PersonaSummary } from './persona-summary.tsx'
import { PersonaVersions } from './persona-versions.tsx'
import { useFieldNames } from './use-field-names.ts'
import { usePersonaSaving } from './use-persona-saving.ts'

const lookAt = async (accountId: number, signal: AbortSignal): Promise<Persona> => {
  const { persona } = await call(api.personas.get, { params: { id: accountId } }, signal)
  if (!persona) throw new Error('a persona that was saved is gone')
  return persona
}

/** What has no field of its own in the form, and that something has. */
const Wrongs = ({ faults, isShown }: { faults: readonly FieldFault[]; isShown: (field: string) => boolean }) => {
  const { t } = useTranslation()
  if (faults.length === 0) return null
  return (
    <Alert color="red" role="alert" title={t('persona.faults', { count: faults.length })}>
      {faults
        .filter(({ field }) => !isShown(field))
        .map(({ field, detail }) => (
          <Text key={field} size="sm">
            {detail}
          </Text>
        ))}
    </Alert>
  )
}

/** Who an account is to its contacts, part by part; what is wrong is said where it stands, before it is saved. */
export const PersonaEditor = ({ stored }: { stored: Persona }) => {
  const { t } = useTranslation()
  const mayEdit = useMay('personas.edit')
  const names = useFieldNames()
  const { draft, saved, isChanged, isUnsaved, save, problem, found, change, take } = usePersonaSaving(stored)
  const isOvertaken = problem?.code === 'persona_moved_on'
  const faults: readonly FieldFault[] = isChanged
    ? found.map(({ field, detail }) => ({ field, detail: names.said({ field, detail }), isError: true }))
    : []
  const fields = {
    draft,
    isDisabled: !mayEdit,
    faultOf: (field: string) => faultAt(faults, field),
    onChange: change,
  }
  const isSaid = problem?.field !== undefined && faults.some(({ field }) => field === problem.field)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (!save.isPending) save.mutate(saved)
  }
  return (
    <Stack gap="xl">
      <form onSubmit={submit} noValidate>
        <LeaveGuard isUnsaved={isUnsaved} />
        <Stack gap="lg">
          {isOvertaken && (
            <Overtaken<Persona>
              detail={problem.detail}
              look={(signal) => lookAt(saved.accountId, signal)}
              renderTheirs={(theirs) => <PersonaSummary persona={theirs} than={draft} />}
              onKeep={(theirs) => save.mutate(theirs)}
              onTake={(theirs) => {
                save.reset()
                take(theirs)
              }}
            />
          )}
          <VoiceFields {...fields} />
          <FactFields {...fields} />
          <BoundFields {...fields} />
          <MenuFields {...fields} />
          <Wrongs faults={faults} isShown={names.isShown} />
          {save.isError && !isOvertaken && !isSaid && <Fault error={save.error} />}
          {mayEdit && (
            <Group>
              <Button type="submit" loading={save.isPending} disabled={!isChanged}>
                {t('persona.save')}
              </Button>
              <Text size="sm" c="dimmed" aria-live="polite">
                {isChanged && t('templates.unsaved')}
              </Text>
            </Group>
          )}
        </Stack>
      </form>
      <PersonaVersions saved={saved} isChanged={isChanged} onRestored={take} />
    </Stack>
  )
}
