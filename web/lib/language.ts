import { createInstance } from 'i18next'
import { initReactI18next } from 'react-i18next'

import type { Locale } from '#contract/words.ts'

import { setLanguage } from '../api/client.ts'
import { CATALOGUE_NAMES, KEPT_LANGUAGE, initialLocale, loadCatalogue } from './catalogues.ts'

export const i18n = createInstance()

const load = async (locale: Locale): Promise<void> => {
  const wanted = CATALOGUE_NAMES.filter((name) => !i18n.hasResourceBundle(locale, name))
  await Promise.all(wanted.map(async (name) => i18n.addResourceBundle(locale, name, await loadCatalogue(locale, name))))
}

/** Speaks `locale` from here on: texts, their direction, dates and what the server answers. */
export const speak = async (locale: Locale): Promise<void> => {
  await load(locale)
  await i18n.changeLanguage(locale)
  localStorage.setItem(KEPT_LANGUAGE, locale)
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
    ns: [...CATALOGUE_NAMES],
    defaultNS: 'web',
    interpolation: { escapeValue: false },
    react: { useSuspense: false },
  })
  await speak(initialLocale())
}
