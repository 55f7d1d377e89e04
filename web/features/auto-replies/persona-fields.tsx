import { Select, SimpleGrid, TextInput, Textarea } from '@mantine/core'
import { useTranslation } from 'react-i18next'

import { LOCALES } from '#contract/words.ts'

import { useLanguageName } from '../../lib/use-language-name.ts'
import { DecimalInput } from '../../ui/decimal-input.tsx'
import { EntryList } from './entry-list.tsx'
import type { Facts, PersonaDraft } from './persona-draft.ts'
import { minorOf } from './price.ts'

export interface PersonaFieldsProps {
  readonly draft: PersonaDraft
  readonly isDisabled: boolean
  /** What is wrong at a field, in words. */
  readonly faultOf: (field: string) => string | undefined
  readonly onChange: (part: Partial<PersonaDraft>) => void
}

/** Who the account says it is, and how it speaks. */
export const VoiceFields = ({ draft, isDisabled, faultOf, onChange }: PersonaFieldsProps) => {
  const { t } = useTranslation()
  const languageName = useLanguageName()
  return (
    <>
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        <TextInput
          label={t('persona.displayName')}
          value={draft.displayName}
          onChange={(event) => onChange({ displayName: event.currentTarget.value })}
          error={faultOf('displayName')}
          disabled={isDisabled}
          dir="auto"
        />
        <Select
          label={t('persona.language')}
          description={t('persona.languageHint')}
          data={LOCALES.map((value) => ({ value, label: languageName(value) }))}
          value={draft.language}
          onChange={(value) => onChange({ language: LOCALES.find((known) => known === value) ?? draft.language })}
          allowDeselect={false}
          error={faultOf('language')}
          disabled={isDisabled}
        />
        {(['tone', 'style'] as const).map((field) => (
          <TextInput
            key={field}
            label={t(`persona.${field}`)}
            description={t(`persona.${field}Hint`)}
            value={draft[field]}
            onChange={(event) => onChange({ [field]: event.currentTarget.value })}
            error={faultOf(field)}
            disabled={isDisabled}
            dir="auto"
          />
        ))}
      </SimpleGrid>
      <Textarea
        label={t('persona.greeting')}
        description={t('persona.greetingHint')}
        value={draft.greeting}
        onChange={(event) => onChange({ greeting: event.currentTarget.value })}
        error={faultOf('greeting')}
        disabled={isDisabled}
        autosize
        minRows={2}
        dir="auto"
      />
    </>
  )
}

type Change = (part: Partial<Facts>) => void
type FactsProps = PersonaFieldsProps & { readonly change: Change }

/** What is sold and for how much: the only prices anybody is told. */
const Catalogue = ({ draft, isDisabled, faultOf, change }: FactsProps) => {
  const { t } = useTranslation()
  const { catalogue } = draft.facts
  return (
    <EntryList
      title={t('persona.catalogue')}
      hint={t('persona.catalogueHint')}
      entries={catalogue}
      fresh={{ name: '', priceMinor: null, currency: catalogue[0]?.currency ?? 'TRY' }}
      addLabel={t('persona.addProduct')}
      isDisabled={isDisabled}
      error={faultOf('facts.catalogue')}
      onChange={(entries) => change({ catalogue: entries })}
    >
      {(item, set, i) => (
        <SimpleGrid cols={{ base: 1, sm: 3 }}>
          <TextInput
            label={t('persona.product')}
            value={item.name}
            onChange={(event) => set({ ...item, name: event.currentTarget.value })}
            error={faultOf(`facts.catalogue[${i}].name`)}
            disabled={isDisabled}
            dir="auto"
          />
          <DecimalInput
            label={t('persona.price')}
            value={item.priceMinor === null ? '' : item.priceMinor / 100}
            onChange={(written) => set({ ...item, priceMinor: minorOf(written) })}
            error={faultOf(`facts.catalogue[${i}].priceMinor`)}
            disabled={isDisabled}
          />
          <TextInput
            label={t('persona.currency')}
            value={item.currency}
            onChange={(event) => set({ ...item, currency: event.currentTarget.value.toUpperCase() })}
            error={faultOf(`facts.catalogue[${i}].currency`)}
            disabled={isDisabled}
            maxLength={3}
          />
        </SimpleGrid>
      )}
    </EntryList>
  )
}

const Questions = ({ draft, isDisabled, faultOf, change }: FactsProps) => {
  const { t } = useTranslation()
  return (
    <EntryList
      title={t('persona.faq')}
      hint={t('persona.faqHint')}
      entries={draft.facts.faq}
      fresh={{ question: '', answer: '' }}
      addLabel={t('persona.addQuestion')}
      isDisabled={isDisabled}
      error={faultOf('facts.faq')}
      onChange={(faq) => change({ faq })}
    >
      {(entry, set, i) => (
        <PairFields
          pair={[entry.question, entry.answer]}
          labels={[t('persona.question'), t('persona.answer')]}
          errors={[faultOf(`facts.faq[${i}].question`), faultOf(`facts.faq[${i}].answer`)]}
          isDisabled={isDisabled}
          onChange={([question, answer]) => set({ question, answer })}
        />
      )}
    </EntryList>
  )
}

/** What is known: prices, questions, notes. */
export const FactFields = (props: PersonaFieldsProps) => {
  const { t } = useTranslation()
  const { draft, isDisabled, faultOf, onChange } = props
  const change: Change = (part) => onChange({ facts: { ...draft.facts, ...part } })
  return (
    <>
      <Catalogue {...props} change={change} />
      <Questions {...props} change={change} />
      <LineList
        title={t('persona.notes')}
        hint={t('persona.notesHint')}
        label={t('persona.note')}
        addLabel={t('persona.addNote')}
        field="facts.notes"
        lines={draft.facts.notes}
        isDisabled={isDisabled}
        faultOf={faultOf}
        onChange={(notes) => change({ notes })}
      />
    </>
  )
}

/** What it never does, and answers to take after. */
export const BoundFields = ({ draft, isDisabled, faultOf, onChange }: PersonaFieldsProps) => {
  const { t } = useTranslation()
  return (
    <>
      <LineList
        title={t('persona.doNots')}
        hint={t('persona.doNotsHint')}
        label={t('persona.doNot')}
        addLabel={t('persona.addDoNot')}
        field="doNots"
        lines={draft.doNots}
        isDisabled={isDisabled}
        faultOf={faultOf}
        onChange={(doNots) => onChange({ doNots })}
      />
      <EntryList
        title={t('persona.sampleReplies')}
        hint={t('persona.sampleRepliesHint')}
        entries={draft.sampleReplies}
        fresh={{ asked: '', answered: '' }}
        addLabel={t('persona.addSample')}
        isDisabled={isDisabled}
        error={faultOf('sampleReplies')}
        onChange={(sampleReplies) => onChange({ sampleReplies })}
      >
        {(entry, set, i) => (
          <PairFields
            pair={[entry.asked, entry.answered]}
            labels={[t('persona.asked'), t('persona.answered')]}
            errors={[faultOf(`sampleReplies[${i}].asked`), faultOf(`sampleReplies[${i}].answered`)]}
            isDisabled={isDisabled}
            onChange={([asked, answered]) => set({ asked, answered })}
          />
        )}
      </EntryList>
    </>
  )
}

type Pair<T> = readonly [T, T]

interface PairFieldsProps {
  readonly pair: Pair<string>
  readonly labels: Pair<string>
  readonly errors: Pair<string | undefined>
  readonly isDisabled: boolean
  readonly onChange: (pair: Pair<string>) => void
}

/** Something short that is asked, and the longer text that answers it. */
const PairFields = ({ pair, labels, errors, isDisabled, onChange }: PairFieldsProps) => (
  <>
    <TextInput
      label={labels[0]}
      value={pair[0]}
      onChange={(event) => onChange([event.currentTarget.value, pair[1]])}
      error={errors[0]}
      disabled={isDisabled}
      dir="auto"
    />
    <Textarea
      label={labels[1]}
      value={pair[1]}
      onChange={(event) => onChange([pair[0], event.currentTarget.value])}
      error={errors[1]}
      disabled={isDisabled}
      autosize
      dir="auto"
    />
  </>
)

interface LineListProps extends Pick<PersonaFieldsProps, 'isDisabled' | 'faultOf'> {
  readonly title: string
  readonly hint: string
  readonly label: string
  readonly addLabel: string
  readonly field: string
  readonly lines: readonly string[]
  readonly onChange: (lines: string[]) => void
}

/** Sentences, one an entry. */
const LineList = ({ title, hint, label, addLabel, field, lines, isDisabled, faultOf, onChange }: LineListProps) => (
  <EntryList
    title={title}
    hint={hint}
    entries={lines}
    fresh=""
    addLabel={addLabel}
    isDisabled={isDisabled}
    error={faultOf(field)}
    onChange={onChange}
  >
    {(line, set, i) => (
      <Textarea
        label={label}
        value={line}
        onChange={(event) => set(event.currentTarget.value)}
        error={faultOf(`${field}[${i}]`)}
        disabled={isDisabled}
        autosize
        dir="auto"
      />
    )}
  </EntryList>
)
