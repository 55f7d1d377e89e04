import { createInstance } from 'i18next'

import { LOCALES, type Locale } from '#contract/words.ts'

import { setLanguage } from '../api/client.ts'

const OWN = import.meta.glob<{ default: object }>('../../locales/*/mini.json')
const WORDS = import.meta.glob<{ default: object }>('../../locales/*/words.json')

const i18n = createInstance()

/** A text of the Mini App; `words:…` is one of the vocabulary, once {@link loadWords} is done. */
export const t = (key: string, params?: Readonly<Record<string, string | number>>): string => i18n.t(key, { ...params })

/** The first of ours among these languages. */
const localeAmong = (tags: readonly (string | null)[]): Locale =>
  tags.flatMap((tag) => LOCALES.filter((locale) => locale === tag?.slice(0, 2)))[0] ?? 'en'

export const localeNow = (): Locale => localeAmong([i18n.language])

/** Speaks the language of the person's Telegram, else that of the browser: texts, their direction, what the server says. */
export const startLanguage = async (wanted: string | null): Promise<void> => {
  const locale = localeAmong([wanted, ...navigator.languages])
  const texts = await OWN[`../../locales/${locale}/mini.json`]?.()
  await i18n.init({
    lng: locale,
    resources: { [locale]: { mini: texts?.default ?? {} } },
    ns: ['mini', 'words'],
    defaultNS: 'mini',
    interpolation: { escapeValue: false },
  })
  setLanguage(locale)
  document.documentElement.lang = locale
  document.documentElement.dir = i18n.dir(locale)
}

/** The vocabulary, which the first screen does without. */
export const loadWords = async (): Promise<void> => {
  const locale = localeNow()
  if (i18n.hasResourceBundle(locale, 'words')) return
  i18n.addResourceBundle(locale, 'words', (await WORDS[`../../locales/${locale}/words.json`]?.())?.default ?? {})
}
