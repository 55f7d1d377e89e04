import { ActionIcon, Autocomplete, Card, Group, NativeSelect, NumberInput, Text } from '@mantine/core'
import { Cross2Icon } from '@radix-ui/react-icons'
import { useTranslation } from 'react-i18next'

import { CONSENT_PURPOSES, SEGMENTS } from '#contract/words.ts'

import { type Feature, type Line, ORDERS, OTHER_KINDS, boundsOf, lineAbout, unitOf } from './own-draft.ts'

interface OwnLineProps {
  readonly line: Line
  /** From 1. */
  readonly number: number
  readonly features: readonly Feature[]
  readonly tags: readonly string[]
  readonly fault: string | undefined
  readonly onChange: (line: Line) => void
  /** Absent for the last one left. */
  readonly onRemove: (() => void) | undefined
}

const WORDS = { consent: CONSENT_PURPOSES, segment: SEGMENTS } as const

/** The value of a line, in a field that fits what it is about. */
const Value = ({ line, features, tags, onChange }: Pick<OwnLineProps, 'line' | 'features' | 'tags' | 'onChange'>) => {
  const { t } = useTranslation()
  const { about } = line
  const label = t('ownSegments.value')
  if (about === 'tag')
    return (
      <Autocomplete
        label={label}
        data={[...tags]}
        value={String(line.value)}
        onChange={(value) => onChange({ ...line, value })}
        maxLength={40}
      />
    )
  if (about === 'consent' || about === 'segment')
    return (
      <NativeSelect
        label={label}
        data={WORDS[about].map((value) => ({ value, label: t(`words:${about}.${value}`) }))}
        value={line.value}
        onChange={({ currentTarget: { value } }) => onChange({ ...line, value })}
      />
    )
  const bounds = boundsOf(features, about)
  if (bounds === null) return null
  const { min, max, isInteger } = bounds
  return (
    <NumberInput
      label={label}
      value={line.value}
      onChange={(value) => onChange({ ...line, value })}
      min={min}
      max={max}
      allowDecimal={!isInteger}
      decimalScale={2}
      suffix={` ${t(`ownSegments.unit.${unitOf(about)}`)}`}
      hideControls
    />
  )
}

/** One condition: what it is about, how it compares, with what. */
export const OwnLine = ({ line, number, features, tags, fault, onChange, onRemove }: OwnLineProps) => {
  const { t } = useTranslation()
  const isOrder = boundsOf(features, line.about) !== null
  const others = OTHER_KINDS.map((value) => ({ value, label: t(`ownSegments.about.${value}`) }))
  const relations = isOrder
    ? ORDERS.map((value) => ({ value, label: t(`ownSegments.order.${value}`, { value: '' }).trim().replace(/:$/, '') }))
    : [true, false].map((is) => ({
        value: String(is),
        label: t(`ownSegments.is.${OTHER_KINDS.find((kind) => kind === line.about) ?? 'flag'}.${is}`),
      }))
  return (
    <Card withBorder p="sm" component="fieldset" aria-label={t('ownSegments.condition', { number })} m={0}>
      <Group align="end" gap="sm">
        <NativeSelect
          label={t('ownSegments.what')}
          data={[
            { group: t('ownSegments.features'), items: features.map(({ name }) => ({ value: name, label: t(`contact.feature.${name}`) })) }, // prettier-ignore
            { group: t('ownSegments.others'), items: others },
          ]}
          value={line.about}
          onChange={({ currentTarget: { value } }) => onChange(lineAbout(line.key, value, tags))}
        />
        <NativeSelect
          label={t('ownSegments.relation')}
          data={relations}
          value={isOrder ? line.op : String(line.is)}
          onChange={({ currentTarget: { value } }) =>
            onChange(isOrder ? { ...line, op: value } : { ...line, is: value === 'true' })
          }
        />
        <Value line={line} features={features} tags={tags} onChange={onChange} />
        {onRemove !== undefined && (
          <ActionIcon
            variant="default"
            size="input-sm"
            aria-label={t('ownSegments.removeCondition', { number })}
            onClick={onRemove}
          >
            <Cross2Icon />
          </ActionIcon>
        )}
      </Group>
      {fault !== undefined && (
        <Text size="sm" c="var(--mantine-color-error)" role="alert" mt={4}>
          {fault}
        </Text>
      )}
    </Card>
  )
}
