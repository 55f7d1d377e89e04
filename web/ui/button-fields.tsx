import { Button, Fieldset, Group, Select, Stack, TextInput } from '@mantine/core'
import { useTranslation } from 'react-i18next'

import { type FieldFault, faultAt } from '../lib/field-fault.ts'

type MessageButton = { text: string; url: string } | { text: string; action: string }
type Rows = MessageButton[][]

interface OneProps {
  readonly button: MessageButton
  /** `variants[0].buttons[1][0]`. */
  readonly field: string
  readonly number: number
  readonly faults: readonly FieldFault[]
  readonly onChange: (button: MessageButton | null) => void
}

const KINDS = ['url', 'stop', 'action'] as const

const kindOf = (button: MessageButton): (typeof KINDS)[number] => {
  if ('url' in button) return 'url'
  return button.action === 'stop' ? 'stop' : 'action'
}

/** One button: what is written on it and what pressing it does. */
const OneButton = ({ button, field, number, faults, onChange }: OneProps) => {
  const { t } = useTranslation()
  const kind = kindOf(button)
  const turn = (wanted: string | null) => {
    if (wanted === 'url') onChange({ text: button.text, url: 'https://' })
    else onChange({ text: button.text, action: wanted === 'stop' ? 'stop' : '' })
  }
  return (
    <Fieldset legend={t('templates.buttonNumber', { number })}>
      <Stack gap="xs">
        <Group grow align="start" preventGrowOverflow={false}>
          <TextInput
            label={t('templates.buttonText')}
            value={button.text}
            onChange={(event) => onChange({ ...button, text: event.currentTarget.value })}
            error={faultAt(faults, `${field}.text`)}
            miw={140}
          />
          <Select
            label={t('templates.buttonDoes')}
            data={KINDS.map((value) => ({ value, label: t(`templates.does.${value}`) }))}
            value={kind}
            onChange={turn}
            allowDeselect={false}
            miw={140}
          />
        </Group>
        {'url' in button && (
          <TextInput
            label={t('templates.buttonUrl')}
            dir="ltr"
            value={button.url}
            onChange={(event) => onChange({ text: button.text, url: event.currentTarget.value })}
            error={faultAt(faults, `${field}.url`)}
          />
        )}
        {kind === 'action' && 'action' in button && (
          <TextInput
            label={t('templates.buttonAction')}
            dir="ltr"
            value={button.action}
            onChange={(event) => onChange({ text: button.text, action: event.currentTarget.value })}
            error={faultAt(faults, `${field}.action`)}
          />
        )}
        <Button size="compact-sm" variant="default" onClick={() => onChange(null)} style={{ alignSelf: 'start' }}>
          {t('templates.removeButton')}
        </Button>
      </Stack>
    </Fieldset>
  )
}

interface ButtonFieldsProps {
  readonly rows: Rows
  /** `variants[0].buttons`. */
  readonly field: string
  readonly faults: readonly FieldFault[]
  readonly onChange: (rows: Rows) => void
}

/** The buttons under a message, in rows. */
export const ButtonFields = ({ rows, field, faults, onChange }: ButtonFieldsProps) => {
  const { t } = useTranslation()
  const put = (r: number, b: number, button: MessageButton | null) =>
    onChange(
      rows
        .map((row, i) =>
          i === r ? row.flatMap((old, j) => (j === b ? (button === null ? [] : [button]) : [old])) : row,
        )
        .filter((row) => row.length > 0),
    )
  const fresh = { text: '', url: 'https://' }
  const before = (r: number) => rows.slice(0, r).reduce((sum, row) => sum + row.length, 0)
  return (
    <Stack gap="xs">
      {rows.map((row, r) =>
        row.map((button, b) => (
          <OneButton
            key={`${r}-${b}`}
            button={button}
            field={`${field}[${r}][${b}]`}
            number={before(r) + b + 1}
            faults={faults}
            onChange={(changed) => put(r, b, changed)}
          />
        )),
      )}
      <Group gap="xs">
        <Button size="compact-sm" variant="default" onClick={() => onChange([...rows, [fresh]])}>
          {t('templates.addButton')}
        </Button>
        {rows.length > 0 && (
          <Button
            size="compact-sm"
            variant="default"
            onClick={() => onChange(rows.map((row, i) => (i === rows.length - 1 ? [...row, fresh] : row)))}
          >
            {t('templates.addButtonBeside')}
          </Button>
        )}
      </Group>
    </Stack>
  )
}
