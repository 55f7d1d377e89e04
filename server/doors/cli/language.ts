import { LOCALES, type Locale } from '#contract/words.ts'

/** The language of a locale name as environments write it (`en_GB.UTF-8`); null where it names none of ours (`C`). */
export const languageOf = (name: string | undefined): Locale | null => {
  const language = name?.slice(0, 2).toLowerCase()
  return LOCALES.find((locale) => locale === language) ?? null
}
