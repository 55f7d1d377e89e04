import { Checkbox, Group, SegmentedControl, Select, Stack, TagsInput, TextInput } from '@mantine/core'
import { useTranslation } from 'react-i18next'

import { RULE_SCOPES } from '#contract/words.ts'

import { type FieldFault, faultAt } from '../../lib/field-fault.ts'
import { type RuleDraft, TRIGGER_KINDS, type Trigger, placeOf, withTrigger } from './rule-draft.ts'
import { useRuleWords } from './use-rule-words.ts'

export interface RuleFieldsProps {
  readonly draft: RuleDraft
  readonly faults: readonly FieldFault[]
  readonly onChange: (part: Partial<RuleDraft>) => void
}

interface OfTrigger<K extends Trigger['kind']> {
  readonly trigger: Extract<Trigger, { kind: K }>
  readonly faults: readonly FieldFault[]
  readonly onChange: (trigger: Trigger) => void
}

const firstFault = (faults: readonly FieldFault[], field: string) =>
  faults.find((fault) => fault.isError && fault.field.startsWith(field))?.detail

const KeywordFields = ({ trigger, faults, onChange }: OfTrigger<'keyword'>) => {
  const { t } = useTranslation()
  return (
    <>
      <TagsInput
        label={t('rules.words')}
        description={t('rules.wordsHint')}
        value={trigger.words}
        onChange={(words) => onChange({ ...trigger, words })}
        acceptValueOnBlur
        styles={{ pill: { unicodeBidi: 'plaintext' } }}
        error={firstFault(faults, 'trigger.words')}
        required
      />
      <SegmentedControl
        aria-label={t('rules.match')}
        value={trigger.match}
        onChange={(value) => onChange({ ...trigger, match: value === 'all' ? 'all' : 'any' })}
        data={(['any', 'all'] as const).map((value) => ({ value, label: t(`rules.matches.${value}`) }))}
      />
    </>
  )
}

const RegexFields = ({ trigger, faults, onChange }: OfTrigger<'regex'>) => {
  const { t } = useTranslation()
  return (
    <>
      <TextInput
        label={t('rules.pattern')}
        description={t('rules.patternHint')}
        dir="ltr"
        ff="monospace"
        value={trigger.pattern}
        onChange={(event) => onChange({ ...trigger, pattern: event.currentTarget.value })}
        error={faultAt(faults, 'trigger.pattern')}
        required
      />
      <Checkbox
        label={t('rules.ignoreCase')}
        checked={trigger.ignoreCase}
        onChange={(event) => onChange({ ...trigger, ignoreCase: event.currentTarget.checked })}
      />
    </>
  )
}

const TimeFields = ({ trigger, faults, onChange }: OfTrigger<'time'>) => {
  const { t } = useTranslation()
  const { weekday } = useRuleWords()
  return (
    <>
      <SegmentedControl
        aria-label={t('rules.hours')}
        value={trigger.when}
        onChange={(value) => onChange({ ...trigger, when: value === 'inside' ? 'inside' : 'outside' })}
        data={(['outside', 'inside'] as const).map((value) => ({ value, label: t(`rules.hoursAre.${value}`) }))}
      />
      <Group grow align="start">
        {(['from', 'to'] as const).map((end) => (
          <TextInput
            key={end}
            type="time"
            label={t(`rules.${end}`)}
            value={trigger[end]}
            onChange={(event) => onChange({ ...trigger, [end]: event.currentTarget.value })}
            error={faultAt(faults, `trigger.${end}`)}
            required
          />
        ))}
      </Group>
      <Checkbox.Group
        label={t('rules.weekdays')}
        value={trigger.weekdays.map(String)}
        onChange={(days) => onChange({ ...trigger, weekdays: days.map(Number).toSorted((a, b) => a - b) })}
        error={firstFault(faults, 'trigger.weekdays')}
      >
        <Group gap="sm" mt="xs">
          {[1, 2, 3, 4, 5, 6, 7].map((day) => (
            <Checkbox key={day} value={String(day)} label={weekday(day)} />
          ))}
        </Group>
      </Checkbox.Group>
    </>
  )
}

const Particulars = ({ trigger, ...rest }: Omit<OfTrigger<Trigger['kind']>, 'trigger'> & { trigger: Trigger }) => {
  const { t } = useTranslation()
  switch (trigger.kind) {
    case 'keyword':
      return <KeywordFields trigger={trigger} {...rest} />
    case 'regex':
      return <RegexFields trigger={trigger} {...rest} />
    case 'time':
      return <TimeFields trigger={trigger} {...rest} />
    case 'command':
      return (
        <TextInput
          label={t('rules.command')}
          description={t('rules.commandHint')}
          dir="ltr"
          value={trigger.command}
          onChange={(event) => rest.onChange({ ...trigger, command: event.currentTarget.value })}
          error={faultAt(rest.faults, 'trigger.command')}
          required
        />
      )
    case 'first_message':
    case 'join':
    case 'leave':
      return null
  }
}

/** When the rule acts, and where. */
export const TriggerFields = ({ draft, faults, onChange }: RuleFieldsProps) => {
  const { t } = useTranslation()
  const { trigger, scope, groupReach } = draft
  return (
    <Stack gap="sm">
      <Select
        label={t('rules.column.trigger')}
        data={TRIGGER_KINDS.map((value) => ({ value, label: t(`rules.kind.${value}`) }))}
        value={trigger.kind}
        onChange={(value) => {
          const kind = TRIGGER_KINDS.find((known) => known === value)
          if (kind !== undefined) onChange(withTrigger(draft, kind))
        }}
        allowDeselect={false}
      />
      <Particulars trigger={trigger} faults={faults} onChange={(changed) => onChange({ trigger: changed })} />
      {placeOf(trigger.kind) === null && (
        <Select
          label={t('rules.place')}
          data={RULE_SCOPES.map((value) => ({ value, label: t(`rules.scope.${value}`) }))}
          value={scope}
          onChange={(value) => onChange({ scope: value === 'group' ? 'group' : 'private' })}
          error={faultAt(faults, 'scope')}
          allowDeselect={false}
        />
      )}
      {scope === 'group' && placeOf(trigger.kind) === null && trigger.kind !== 'time' && (
        <Select
          label={t('rules.reach')}
          data={(['addressed', 'everything'] as const).map((value) => ({ value, label: t(`rules.reaches.${value}`) }))}
          value={groupReach}
          onChange={(value) => onChange({ groupReach: value === 'everything' ? 'everything' : 'addressed' })}
          error={faultAt(faults, 'groupReach')}
          allowDeselect={false}
        />
      )}
    </Stack>
  )
}
