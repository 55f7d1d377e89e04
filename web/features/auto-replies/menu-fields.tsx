import { Select, SimpleGrid, TextInput, Textarea } from '@mantine/core'
import { useTranslation } from 'react-i18next'

import { EntryList } from './entry-list.tsx'
import type { MenuEntry } from './persona-draft.ts'
import type { PersonaFieldsProps } from './persona-fields.tsx'

interface EntryFieldsProps {
  readonly entry: MenuEntry
  /** Path of the entry. */
  readonly field: string
  /** Names of the catalogue. */
  readonly products: readonly string[]
  readonly isDisabled: boolean
  readonly faultOf: PersonaFieldsProps['faultOf']
  readonly onChange: (entry: MenuEntry) => void
}

/** What is left empty is not there. */
const without = <K extends 'product' | 'link'>(entry: MenuEntry, key: K, value: string | null): MenuEntry => {
  const { [key]: _, ...rest } = entry
  return value === null || value === '' ? (rest as MenuEntry) : { ...entry, [key]: value }
}

/** One button of the menu: what it says, and the text, price or link behind it. */
const EntryFields = ({ entry, field, products, isDisabled, faultOf, onChange }: EntryFieldsProps) => {
  const { t } = useTranslation()
  const { product } = entry
  const known = [...new Set([...products.filter((name) => name !== ''), ...(product === undefined ? [] : [product])])]
  return (
    <>
      <SimpleGrid cols={{ base: 1, sm: 3 }}>
        <TextInput
          label={t('persona.menuLabel')}
          value={entry.label}
          onChange={(event) => onChange({ ...entry, label: event.currentTarget.value })}
          error={faultOf(`${field}.label`)}
          disabled={isDisabled}
          dir="auto"
        />
        <Select
          label={t('persona.menuProduct')}
          data={known}
          value={product ?? null}
          onChange={(value) => onChange(without(entry, 'product', value))}
          clearable
          clearButtonProps={{ 'aria-label': t('persona.remove') }}
          error={faultOf(`${field}.product`)}
          disabled={isDisabled}
        />
        <TextInput
          label={t('persona.menuLink')}
          value={entry.link ?? ''}
          onChange={(event) => onChange(without(entry, 'link', event.currentTarget.value))}
          error={faultOf(`${field}.link`)}
          disabled={isDisabled}
          styles={{ input: { direction: 'ltr' } }}
        />
      </SimpleGrid>
      <Textarea
        label={t('persona.menuText')}
        value={entry.text}
        onChange={(event) => onChange({ ...entry, text: event.currentTarget.value })}
        error={faultOf(`${field}.text`)}
        disabled={isDisabled}
        autosize
        dir="auto"
      />
    </>
  )
}

/** The buttons of `/menu`, with those below each. */
export const MenuFields = ({ draft, isDisabled, faultOf, onChange }: PersonaFieldsProps) => {
  const { t } = useTranslation()
  const products = draft.facts.catalogue.map(({ name }) => name)
  return (
    <EntryList
      title={t('persona.menu')}
      hint={t('persona.menuHint')}
      entries={draft.menu}
      fresh={{ label: '', text: '' }}
      addLabel={t('persona.addItem')}
      isDisabled={isDisabled}
      error={faultOf('menu')}
      onChange={(menu) => onChange({ menu })}
    >
      {(entry, set, i) => (
        <>
          <EntryFields
            entry={entry}
            field={`menu[${i}]`}
            products={products}
            isDisabled={isDisabled}
            faultOf={faultOf}
            onChange={set}
          />
          {entry.items?.map((below, j) => (
            <EntryFields
              key={j}
              entry={below}
              field={`menu[${i}].items[${j}]`}
              products={products}
              isDisabled={isDisabled}
              faultOf={faultOf}
              onChange={(changed) => set({ ...entry, items: entry.items?.toSpliced(j, 1, changed) })}
            />
          ))}
        </>
      )}
    </EntryList>
  )
}
