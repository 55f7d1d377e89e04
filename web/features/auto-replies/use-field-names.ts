import { useTranslation } from 'react-i18next'

import type { FieldFault } from '../../lib/field-fault.ts'
import { nameField } from '../../lib/name-field.ts'

/** Fields of a persona by their paths, with the text that stands above each. */
const NAMES: readonly (readonly [RegExp, string])[] = [
  [/^displayName$/, 'persona.displayName'],
  [/^tone$/, 'persona.tone'],
  [/^style$/, 'persona.style'],
  [/^language$/, 'persona.language'],
  [/^greeting$/, 'persona.greeting'],
  [/^facts[.]catalogue$/, 'persona.catalogue'],
  [/^facts[.]catalogue\[\d+\][.]name$/, 'persona.product'],
  [/^facts[.]catalogue\[\d+\][.]priceMinor$/, 'persona.price'],
  [/^facts[.]catalogue\[\d+\][.]currency$/, 'persona.currency'],
  [/^facts[.]faq$/, 'persona.faq'],
  [/^facts[.]faq\[\d+\][.]question$/, 'persona.question'],
  [/^facts[.]faq\[\d+\][.]answer$/, 'persona.answer'],
  [/^facts[.]notes$/, 'persona.notes'],
  [/^facts[.]notes\[\d+\]$/, 'persona.note'],
  [/^doNots$/, 'persona.doNots'],
  [/^doNots\[\d+\]$/, 'persona.doNot'],
  [/^sampleReplies$/, 'persona.sampleReplies'],
  [/^sampleReplies\[\d+\][.]asked$/, 'persona.asked'],
  [/^sampleReplies\[\d+\][.]answered$/, 'persona.answered'],
  [/^menu(?:\[\d+\][.]items)?$/, 'persona.menu'],
  [/^menu\[\d+\](?:[.]items\[\d+\])?[.]label$/, 'persona.menuLabel'],
  [/^menu\[\d+\](?:[.]items\[\d+\])?[.]text$/, 'persona.menuText'],
  [/^menu\[\d+\](?:[.]items\[\d+\])?[.]product$/, 'persona.menuProduct'],
  [/^menu\[\d+\](?:[.]items\[\d+\])?[.]link$/, 'persona.menuLink'],
]

/** Names fields as the form does: in what the server says, and whether the form has one at all. */
export const useFieldNames = () => {
  const { t } = useTranslation()
  const keyOf = (field: string) => NAMES.find(([pattern]) => pattern.test(field))?.[1]
  return {
    isShown: (field: string): boolean => keyOf(field) !== undefined,
    said: ({ field, detail }: Pick<FieldFault, 'field' | 'detail'>): string => {
      const key = keyOf(field)
      return key === undefined ? detail : nameField(detail, field, t(key))
    },
  }
}
