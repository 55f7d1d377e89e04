import { createInstance } from 'i18next'
import { initReactI18next } from 'react-i18next'

import { LOCALES, type Locale } from '#contract/words.ts'

import { setLanguage } from '../api/client.ts'

const CATALOGUES = import.meta.glob<{ default: object }>('../../locales/*/{web,words}.json')
const KEPT = 'gavatcore.language'

/** The language chosen here, else the tenant's or the browser's first that is ours. */
const initialLocale = (): Locale => {
  const wanted = [localStorage.getItem(KEPT), ...navigator.languages.map((tag) => tag.slice(0, 2))]
  return wanted.flatMap((word) => LOCALES.filter((locale) => locale === word))[0] ?? 'tr'
}

export const i18n = createInstance()

const load = async (locale: Locale): Promise<void> => {
  const wanted = (['web', 'words'] as const).filter((name) => !i18n.hasResourceBundle(locale, name))
  await Promise.all(
    wanted.map(async (name) => {
      const catalogue = await CATALOGUES[`../../locales/${locale}/${name}.json`]?.()
      if (catalogue) i18n.addResourceBundle(locale, name, catalogue.default)
    }),
  )
}

/** Speaks `locale` from here on: texts, their direction, dates and what the server answers. */
export const speak = async (locale: Locale): Promise<void> => {
  await load(locale)
  await i18n.changeLanguage(locale)
  localStorage.setItem(KEPT, locale)
  setLanguage(locale)
  document.documentElement.lang = locale
  document.documentElement.dir = i18n.dir(locale)
}

/** Begins in the language of {@link initialLocale}. */
export const startLanguage = async (): Promise<void> => {
  setLanguage(initialLocale())
  await i18n.use(initReactI18next).init({
    lng: initialLocale(),
    resources: {},
    ns: ['web', 'words'],
    defaultNS: 'web',
    interpolation: { escapeValue: false },
    react: { useSuspense: false },
  })
  await speak(initialLocale())
}
