import { MultiSelect, NumberInput, SimpleGrid, Stack, Switch, TagsInput } from '@mantine/core'
import { useTranslation } from 'react-i18next'

import { CONSENT_PURPOSES, LOCALES, SEGMENTS } from '#contract/words.ts'

import { faultAt } from '../../lib/field-fault.ts'
import { useLanguageName } from '../../lib/use-language-name.ts'
import type { RuleFieldsProps } from './trigger-fields.tsx'

const NUMBERS = ['priority', 'contactCooldownMinutes', 'chatCooldownMinutes'] as const

/** How often the rule acts, and what comes after it. */
export const LimitFields = ({ draft, faults, onChange }: RuleFieldsProps) => {
  const { t } = useTranslation()
  return (
    <Stack gap="sm">
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        {NUMBERS.map((name) => (
          <NumberInput
            key={name}
            label={t(`rules.${name}`)}
            description={t(`rules.${name}Hint`)}
            value={draft[name]}
            onChange={(value) => onChange({ [name]: Number(value) })}
            min={name === 'priority' ? 1 : 0}
            allowDecimal={false}
            error={faultAt(faults, name)}
          />
        ))}
        <NumberInput
          label={t('rules.maxPerDay')}
          description={t('rules.maxPerDayHint')}
          value={draft.maxPerDay ?? ''}
          onChange={(value) => onChange({ maxPerDay: value === '' ? null : Number(value) })}
          min={1}
          allowDecimal={false}
          error={faultAt(faults, 'maxPerDay')}
        />
      </SimpleGrid>
      {(['goesOn', 'marksAnswered'] as const).map((name) => (
        <Switch
          key={name}
          label={t(`rules.${name}`)}
          checked={draft[name]}
          onChange={(event) => onChange({ [name]: event.currentTarget.checked })}
        />
      ))}
    </Stack>
  )
}

/** For whom the rule acts; everybody where nothing is chosen. */
export const ConditionFields = ({ draft, onChange }: RuleFieldsProps) => {
  const { t } = useTranslation()
  const languageName = useLanguageName()
  const { conditions } = draft
  const put = (part: Partial<typeof conditions>) => onChange({ conditions: { ...conditions, ...part } })
  return (
    <SimpleGrid cols={{ base: 1, sm: 2 }}>
      <MultiSelect
        label={t('rules.segments')}
        data={SEGMENTS.map((value) => ({ value, label: t(`words:segment.${value}`) }))}
        value={conditions.segments}
        onChange={(chosen) => put({ segments: SEGMENTS.filter((known) => chosen.includes(known)) })}
        searchable
        clearable
      />
      <MultiSelect
        label={t('rules.ofLanguage')}
        data={LOCALES.map((value) => ({ value, label: languageName(value) }))}
        value={conditions.languages}
        onChange={(chosen) => put({ languages: LOCALES.filter((known) => chosen.includes(known)) })}
        clearable
      />
      <TagsInput
        label={t('rules.withTags')}
        value={conditions.tags}
        onChange={(tags) => put({ tags })}
        acceptValueOnBlur
      />
      <TagsInput
        label={t('rules.withoutTags')}
        value={conditions.withoutTags}
        onChange={(withoutTags) => put({ withoutTags })}
        acceptValueOnBlur
      />
      <MultiSelect
        label={t('rules.consents')}
        data={CONSENT_PURPOSES.map((value) => ({ value, label: t(`words:consent.${value}`) }))}
        value={conditions.consents}
        onChange={(chosen) => put({ consents: CONSENT_PURPOSES.filter((known) => chosen.includes(known)) })}
        clearable
      />
    </SimpleGrid>
  )
}
