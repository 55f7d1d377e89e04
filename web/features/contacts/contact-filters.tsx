import { Group, NativeSelect, TextInput } from '@mantine/core'
import { useDebouncedCallback } from '@mantine/hooks'
import { useTranslation } from 'react-i18next'

import { CONSENT_PURPOSES, REACHABILITIES, SEGMENTS } from '#contract/words.ts'

import type { ContactFilter } from './contact-search.ts'
import { OwnFilter } from './own-filter.tsx'

/** Each with the words of its values. */
const CHOICES = [
  ['segment', SEGMENTS],
  ['reachability', REACHABILITIES],
  ['consent', CONSENT_PURPOSES],
] as const

interface ContactFiltersProps {
  readonly filter: ContactFilter
  readonly onNarrow: (part: ContactFilter) => void
}

export const ContactFilters = ({ filter, onNarrow }: ContactFiltersProps) => {
  const { t } = useTranslation()
  const search = useDebouncedCallback((text: string) => onNarrow({ text: text === '' ? undefined : text }), 250)
  return (
    <Group align="end">
      <TextInput
        label={t('contacts.search')}
        defaultValue={filter.text ?? ''}
        onChange={(event) => search(event.currentTarget.value)}
      />
      {CHOICES.map(([name, values]) => (
        <NativeSelect
          key={name}
          label={t(`contacts.${name}`)}
          data={[
            { value: '', label: t('contacts.all') },
            ...values.map((value) => ({ value, label: t(`words:${name}.${value}`) })),
          ]}
          value={filter[name] ?? ''}
          onChange={({ currentTarget: { value } }) => onNarrow({ [name]: value === '' ? undefined : value })}
        />
      ))}
      <OwnFilter own={filter.own} onNarrow={onNarrow} />
    </Group>
  )
}
