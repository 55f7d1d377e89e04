import { Group, Select } from '@mantine/core'
import { useTranslation } from 'react-i18next'

import { CONVERSATION_OWNERS, CONVERSATION_STATES, CONVERSATION_URGENCIES } from '#contract/words.ts'

import type { InboxFilter } from './inbox-search.ts'

/** Each with where the words of its values stand. */
const CHOICES = [
  ['state', CONVERSATION_STATES, 'words:conversationState'],
  ['assigned', CONVERSATION_OWNERS, 'inbox.owner'],
  ['only', CONVERSATION_URGENCIES, 'inbox.urgency'],
] as const

interface InboxFiltersProps {
  readonly filter: InboxFilter
  readonly onNarrow: (part: InboxFilter) => void
}

export const InboxFilters = ({ filter, onNarrow }: InboxFiltersProps) => {
  const { t } = useTranslation()
  return (
    <Group align="end" grow wrap="nowrap" gap="xs" maw={640}>
      {CHOICES.map(([name, values, words]) => (
        <Select
          key={name}
          label={t(`inbox.${name}`)}
          placeholder={t('inbox.all')}
          data={values.map((value) => ({ value, label: t(`${words}.${value}`) }))}
          value={filter[name] ?? null}
          onChange={(value) => onNarrow({ [name]: value ?? undefined })}
          clearable
        />
      ))}
    </Group>
  )
}
