import { LOCALES, type Locale } from '#contract/words.ts'

const CATALOGUES = import.meta.glob<{ default: object }>('../../locales/*/{web,words}.json')

/** The catalogues a screen of the panel speaks from. */
export const CATALOGUE_NAMES = ['web', 'words'] as const

/** Where the language that was chosen is kept. */
export const KEPT_LANGUAGE = 'gavatcore.language'

/** The language chosen here, else the browser's first that is ours. */
export const initialLocale = (): Locale => {
  const wanted = [localStorage.getItem(KEPT_LANGUAGE), ...navigator.languages.map((tag) => tag.slice(0, 2))]
  return wanted.flatMap((word) => LOCALES.filter((locale) => locale === word))[0] ?? 'tr'
}

/** The texts of one catalogue; loaded once, however often it is asked for. */
export const loadCatalogue = async (locale: Locale, name: (typeof CATALOGUE_NAMES)[number]): Promise<object> =>
  (await CATALOGUES[`../../locales/${locale}/${name}.json`]?.())?.default ?? {}
