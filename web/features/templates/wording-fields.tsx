import { Group, List, NumberInput, Select, Stack, Text, TextInput, Textarea } from '@mantine/core'
import { useRef } from 'react'
import { useTranslation } from 'react-i18next'

import { TEMPLATE_MEDIA_KINDS } from '#contract/words.ts'

import { ButtonFields } from '../../ui/button-fields.tsx'
import { type FieldFault, faultAt } from '../../lib/field-fault.ts'
import type { Wording } from './template-draft.ts'
import { TextTools } from '../../ui/text-tools.tsx'

interface WordingFieldsProps {
  readonly wording: Wording
  /** `variants[0]`. */
  readonly field: string
  readonly faults: readonly FieldFault[]
  /** Whether it is compared with others, so that it has a share. */
  readonly isCompared: boolean
  readonly onChange: (part: Partial<Wording>) => void
}

const MediaFields = ({ wording: { media }, field, faults, onChange }: WordingFieldsProps) => {
  const { t } = useTranslation()
  return (
    <Group grow align="start" preventGrowOverflow={false}>
      <Select
        label={t('templates.media')}
        placeholder={t('templates.noMedia')}
        data={TEMPLATE_MEDIA_KINDS.map((value) => ({ value, label: t(`templates.mediaKind.${value}`) }))}
        value={media?.kind ?? null}
        onChange={(value) => {
          const kind = TEMPLATE_MEDIA_KINDS.find((known) => known === value)
          onChange({ media: kind === undefined ? null : { kind, source: media?.source ?? 'https://' } })
        }}
        clearable
        miw={140}
      />
      {media !== null && (
        <TextInput
          label={t('templates.mediaSource')}
          dir="ltr"
          value={media.source}
          onChange={(event) => onChange({ media: { ...media, source: event.currentTarget.value } })}
          error={faultAt(faults, `${field}.media`) ?? faultAt(faults, `${field}.media.source`)}
          miw={140}
        />
      )}
    </Group>
  )
}

/** One wording in one language: its text, what stands above it and the buttons under it. */
export const WordingFields = (props: WordingFieldsProps) => {
  const { wording, field, faults, isCompared, onChange } = props
  const { t } = useTranslation()
  const area = useRef<HTMLTextAreaElement>(null)
  const warnings = faults.filter((fault) => !fault.isError && fault.field.startsWith(`${field}.`))
  const further = faults.filter((fault) => fault.isError && fault.field === `${field}.text`).slice(1)
  const fallen = faultAt(faults, `${field}.buttons`)
  return (
    <Stack gap="sm">
      <TextTools area={area} onChange={(text) => onChange({ text })} />
      <Textarea
        ref={area}
        label={t('templates.text')}
        description={t('templates.textHint')}
        autosize
        minRows={6}
        maxRows={18}
        dir="auto"
        value={wording.text}
        onChange={(event) => onChange({ text: event.currentTarget.value })}
        error={faultAt(faults, `${field}.text`)}
      />
      {[...further, ...warnings].length > 0 && (
        <List size="sm">
          {[...further, ...warnings].map(({ field: at, detail, isError }) => (
            <List.Item key={`${at}${detail}`} c={isError ? 'var(--mantine-color-error)' : 'dimmed'}>
              {detail}
            </List.Item>
          ))}
        </List>
      )}
      <MediaFields {...props} />
      {isCompared && (
        <NumberInput
          label={t('templates.weight')}
          description={t('templates.weightHint')}
          value={wording.weight}
          onChange={(value) => onChange({ weight: Number(value) })}
          min={0}
          max={100}
          allowDecimal={false}
          error={faultAt(faults, `${field}.weight`)}
          maw={260}
        />
      )}
      <Text fw={600} size="sm">
        {t('templates.buttons')}
      </Text>
      {fallen !== undefined && <Text c="var(--mantine-color-error)">{fallen}</Text>}
      <ButtonFields
        rows={wording.buttons}
        field={`${field}.buttons`}
        faults={faults}
        onChange={(buttons) => onChange({ buttons })}
      />
    </Stack>
  )
}
