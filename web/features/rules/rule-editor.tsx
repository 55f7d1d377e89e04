import { Anchor, Button, Card, Fieldset, Grid, Group, Stack, Switch, Text, TextInput, Title } from '@mantine/core'
import { Link, useNavigate } from '@tanstack/react-router'
import { type FormEvent, type ReactNode, useState } from 'react'
import { useTranslation } from 'react-i18next'

import { useMay } from '../../api/session.tsx'
import { type FieldFault, faultAt } from '../../lib/field-fault.ts'
import { Fault } from '../../ui/fault.tsx'
import { LeaveGuard } from '../../ui/leave-guard.tsx'
import { ActionFields } from './action-fields.tsx'
import { ConditionFields, LimitFields } from './limit-fields.tsx'
import type { Rule, RuleDraft } from './rule-draft.ts'
import { RuleOvertaken } from './rule-overtaken.tsx'
import { RuleTrial } from './rule-trial.tsx'
import { type RuleFieldsProps, TriggerFields } from './trigger-fields.tsx'
import { useTrial } from './try-sentence.tsx'
import { useRuleSaving } from './use-rule-saving.ts'

interface RuleEditorProps {
  readonly accountId: number
  readonly initial: RuleDraft
  readonly stored: Rule | null
}

const FIELDS = /^(?:name|priority|trigger|scope|groupReach|actions|contactCooldown|chatCooldown|maxPerDay)/

/** Tries the form's rule as it stands beside the others of its account. */
const useDraftTrial = (accountId: number, draft: RuleDraft, stored: Rule | null) => {
  const [said, say] = useState({ text: '', isFirst: false })
  const { kind } = draft.trigger
  const trial = useTrial({
    accountId,
    ...said,
    kind: kind === 'join' || kind === 'leave' ? kind : 'words',
    place: draft.scope,
    isAddressed: true,
    draft: { ...draft, id: stored?.id ?? null },
  })
  return { said, trial, onSay: (part: Partial<typeof said>) => say((before) => ({ ...before, ...part })) }
}

/** A rule in the making: when, what, how often, and what it would make of a sentence. */
export const RuleEditor = ({ accountId, initial, stored }: RuleEditorProps) => {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const mayEdit = useMay('settings.edit')
  const toList = () => void navigate({ to: '/rules', search: ({ tenant }) => ({ tenant, account: String(accountId) }) })
  const { draft, saved, isChanged, isUnsaved, save, problem, change, take } = useRuleSaving({
    accountId,
    initial,
    stored,
    onSaved: toList,
  })
  const { said, trial, onSay } = useDraftTrial(accountId, draft, saved)
  const isOvertaken = problem?.code === 'rule_moved_on'
  const refusal = problem?.field === undefined || !FIELDS.test(problem.field) ? null : problem
  const findings = trial.error ? [] : (trial.draft?.findings ?? [])
  const faults: readonly FieldFault[] = [
    ...(refusal ? [{ field: refusal.field ?? '', detail: refusal.detail, isError: true }] : []),
    ...findings.map(({ field, detail, severity }) => ({ field, detail, isError: severity === 'error' })),
  ]
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (!save.isPending) save.mutate(null)
  }
  const parts = { draft, faults, onChange: change }
  return (
    <form onSubmit={submit} noValidate>
      <LeaveGuard isUnsaved={isUnsaved} />
      <Stack>
        <Anchor
          size="sm"
          renderRoot={(props) => <Link to="/rules" search={{ account: String(accountId) }} {...props} />}
        >
          {t('rules.back')}
        </Anchor>
        <Title order={1} size="h3">
          {saved === null ? t('rules.newTitle') : <bdi>{saved.name}</bdi>}
        </Title>
        {isOvertaken && saved && (
          <RuleOvertaken id={saved.id} detail={problem.detail} onTake={take} onKeep={(theirs) => save.mutate(theirs)} />
        )}
        <Grid gap="lg">
          <Grid.Col span={{ base: 12, md: 7 }}>
            <RuleFields {...parts} />
          </Grid.Col>
          <Grid.Col span={{ base: 12, md: 5 }}>
            <RuleTrial draft={draft} trial={trial} said={said} onSay={onSay} />
          </Grid.Col>
        </Grid>
        {save.isError &&
          !isOvertaken &&
          (refusal ? (
            <Text c="var(--mantine-color-error)" role="alert">
              {t('rules.lookAbove', { why: refusal.detail })}
            </Text>
          ) : (
            <Fault error={save.error} />
          ))}
        {mayEdit && (
          <Group>
            <Button type="submit" loading={save.isPending} disabled={!isChanged}>
              {t('rules.save')}
            </Button>
            <Text size="sm" c="dimmed" aria-live="polite">
              {isChanged && t('rules.unsaved')}
            </Text>
          </Group>
        )}
      </Stack>
    </form>
  )
}

/** Everything a person decides about a rule; to be read alone by those who may not change it. */
const RuleFields = (parts: RuleFieldsProps) => {
  const { t } = useTranslation()
  const mayEdit = useMay('settings.edit')
  const { draft, faults, onChange } = parts
  return (
    <Fieldset variant="unstyled" disabled={!mayEdit}>
      <Stack>
        <TextInput
          label={t('rules.column.name')}
          value={draft.name}
          dir="auto"
          onChange={(event) => onChange({ name: event.currentTarget.value })}
          error={faultAt(faults, 'name')}
          maxLength={100}
          required
        />
        <Switch
          label={t('rules.isEnabled')}
          checked={draft.isEnabled}
          onChange={(event) => onChange({ isEnabled: event.currentTarget.checked })}
        />
        <Part title={t('rules.part.when')}>
          <TriggerFields {...parts} />
        </Part>
        <Part title={t('rules.part.what')}>
          <ActionFields {...parts} />
        </Part>
        <Part title={t('rules.part.often')}>
          <LimitFields {...parts} />
        </Part>
        <Part title={t('rules.part.whom')}>
          <ConditionFields {...parts} />
        </Part>
      </Stack>
    </Fieldset>
  )
}

const Part = ({ title, children }: { title: string; children: ReactNode }) => (
  <Card withBorder component="section" aria-label={title}>
    <Stack gap="sm">
      <Title order={2} size="h5">
        {title}
      </Title>
      {children}
    </Stack>
  </Card>
)
