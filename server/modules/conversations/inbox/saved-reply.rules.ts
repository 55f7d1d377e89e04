import { createHash } from 'node:crypto'

import { LOCALES, type Locale } from '#contract/words.ts'
import { invalid } from '#server/base/errors.ts'
import { findUnknownVariable } from '#server/modules/templates/index.ts'

import { checkReplyText } from './conversation.rules.ts'

/** An answer that is written once and used often, in the languages it was written in. `updatedAt` is epoch ms. */
export interface SavedReply {
  readonly id: number
  readonly name: string
  readonly texts: Readonly<Partial<Record<Locale, string>>>
  readonly updatedBy: string
  readonly updatedAt: number
}

/** A mark of what a saved reply says: another name or text gives another mark. The same on every machine. */
export const savedReplyVersion = ({ name, texts }: Pick<SavedReply, 'name' | 'texts'>): string =>
  createHash('sha256')
    .update(JSON.stringify([name, ...LOCALES.map((locale) => texts[locale] ?? null)]))
    .digest('hex')
    .slice(0, 32)

const NAME_MAX = 64
const NAME = /^[\p{Ll}\p{Lo}\d]+(?:-[\p{Ll}\p{Lo}\d]+)*$/u

/** Errors: `invalid/saved_reply_name`. */
export const checkSavedReplyName = (name: string): string => {
  const trimmed = name.trim()
  if (trimmed.length > NAME_MAX || !NAME.test(trimmed)) throw invalid('saved_reply_name', 'name', { max: NAME_MAX })
  return trimmed
}

/** What may stand in a saved reply; contacts' own attributes as `attr.<name>`. */
const ALLOWED = 'first_name, last_name, name, username, sender, attr.…'

/** Errors: `invalid/saved_reply_texts`, `invalid/text_length`, `invalid/saved_reply_variable`. */
export const checkSavedReplyTexts = (texts: SavedReply['texts']): SavedReply['texts'] => {
  const given = LOCALES.flatMap((locale) => {
    const text = texts[locale]
    return text === undefined ? [] : [[locale, checkReplyText(text)] as const]
  })
  if (given.length === 0) throw invalid('saved_reply_texts', 'texts')
  for (const [locale, text] of given) {
    const name = findUnknownVariable(text)
    if (name !== null)
      throw invalid('saved_reply_variable', `texts.${locale}`, { name: name.slice(0, 40), allowed: ALLOWED })
  }
  return Object.fromEntries(given)
}

/** The language to use for a contact: theirs, else the tenant's, else the first that was written. */
export const savedReplyLocale = (
  texts: SavedReply['texts'],
  languageCode: string | null,
  fallback: Locale,
): Locale | null =>
  [languageCode?.slice(0, 2), fallback, ...LOCALES].flatMap((wanted) =>
    LOCALES.filter((locale) => locale === wanted && texts[locale] !== undefined),
  )[0] ?? null
