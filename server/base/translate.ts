import { readFileSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import { createInstance } from 'i18next'

import type { Locale } from '#contract/words.ts'

const FOLDER = fileURLToPath(new URL('../../locales/', import.meta.url))

/**
 * The text of `key` in one language: `errors:not_found`, or a bare key of the translator's own catalogue. `count` chooses
 * the plural form. A key that has no text comes back as it is.
 */
export type Translate = (key: string, params?: Readonly<Record<string, string | number>>) => string

const readCatalogues = (locale: Locale): Readonly<Record<string, object>> =>
  Object.fromEntries(
    readdirSync(`${FOLDER}${locale}`)
      .filter((file) => file.endsWith('.json'))
      .map((file) => [
        file.replace(/[.]json$/, ''),
        JSON.parse(readFileSync(`${FOLDER}${locale}/${file}`, 'utf8')) as object,
      ]),
  )

/** Reads the catalogues of `locale` and translates from them; bare keys are those of `catalogue` (`cli`, `bot` …). */
export const createTranslator = (locale: Locale, catalogue: string): Translate => {
  const catalogues = readCatalogues(locale)
  const instance = createInstance({
    lng: locale,
    resources: { [locale]: catalogues },
    ns: Object.keys(catalogues),
    defaultNS: catalogue,
    initAsync: false,
    // Texts go to terminals and chats; whoever renders markup escapes for it.
    interpolation: { escapeValue: false },
    missingInterpolationHandler: () => '',
  })
  void instance.init()
  return (key, params) => instance.t(key, { ...params })
}

/** Translators of one catalogue by language, each read at its first use. */
export const translatorsOf = (catalogue: string): ((locale: Locale) => Translate) => {
  const made = new Map<Locale, Translate>()
  return (locale) => {
    const known = made.get(locale) ?? createTranslator(locale, catalogue)
    made.set(locale, known)
    return known
  }
}
