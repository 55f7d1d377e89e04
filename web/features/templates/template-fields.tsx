import { Select, SimpleGrid, Stack, TextInput } from '@mantine/core'
import { useTranslation } from 'react-i18next'

import { MESSAGE_CLASSES, MESSAGE_STYLES } from '#contract/words.ts'

import { type FieldFault, faultAt } from '../../lib/field-fault.ts'
import { type TemplateDraft, slotsOf } from './template-draft.ts'

interface TemplateFieldsProps {
  readonly draft: TemplateDraft
  readonly faults: readonly FieldFault[]
  /** Once approved, the class holds for good. */
  readonly isClassFixed: boolean
  readonly onChange: (part: Partial<TemplateDraft>) => void
}

/** What a message is called and what kind of message it is. */
export const TemplateFields = ({ draft, faults, isClassFixed, onChange }: TemplateFieldsProps) => {
  const { t } = useTranslation()
  return (
    <SimpleGrid cols={{ base: 1, sm: 3 }}>
      <TextInput
        label={t('templates.name')}
        value={draft.name}
        onChange={(event) => onChange({ name: event.currentTarget.value })}
        error={faultAt(faults, 'name')}
        maxLength={100}
        required
      />
      <Select
        label={t('templates.class')}
        data={MESSAGE_CLASSES.map((value) => ({ value, label: t(`words:messageClass.${value}`) }))}
        value={draft.messageClass}
        onChange={(value) =>
          onChange({ messageClass: MESSAGE_CLASSES.find((known) => known === value) ?? draft.messageClass })
        }
        allowDeselect={false}
        disabled={isClassFixed}
        error={faultAt(faults, 'messageClass')}
      />
      <Select
        label={t('templates.style')}
        placeholder={t('templates.noStyle')}
        data={MESSAGE_STYLES.map((value) => ({ value, label: t(`words:style.${value}`) }))}
        value={draft.style}
        onChange={(value) => onChange({ style: MESSAGE_STYLES.find((known) => known === value) ?? null })}
        clearable
        error={faultAt(faults, 'style')}
      />
    </SimpleGrid>
  )
}

/** What a model is to write into each personal slot of the wordings. */
export const SlotFields = ({ draft, faults, onChange }: Omit<TemplateFieldsProps, 'isClassFixed'>) => {
  const { t } = useTranslation()
  const slots = slotsOf(draft.variants)
  if (slots.length === 0) return null
  return (
    <Stack gap="xs">
      {slots.map((slot) => (
        <TextInput
          key={slot}
          label={t('templates.slotBrief', { slot })}
          description={t('templates.slotBriefHint')}
          value={draft.slotBriefs[slot] ?? ''}
          onChange={(event) => {
            const { [slot]: _, ...others } = draft.slotBriefs
            const brief = event.currentTarget.value
            onChange({ slotBriefs: brief === '' ? others : { ...others, [slot]: brief } })
          }}
          error={faultAt(faults, `slotBriefs.${slot}`)}
          maxLength={300}
        />
      ))}
    </Stack>
  )
}
