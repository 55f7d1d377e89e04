import { useDirection } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'

import { LOCALES, type Locale } from '#contract/words.ts'

import { speak } from '../lib/language.ts'
import { Choice } from './choice.tsx'

const NAMES: Readonly<Record<Locale, string>> = { tr: 'Türkçe', en: 'English', ru: 'Русский', ar: 'العربية' }

/** Chooses the language of the panel, and with it the direction it is read in. */
export const LanguageMenu = () => {
  const { t, i18n } = useTranslation()
  const { setDirection } = useDirection()
  const queries = useQueryClient()
  const choose = async (given: string) => {
    const locale = LOCALES.find((known) => known === given)
    if (locale === undefined) return
    await speak(locale)
    setDirection(i18n.dir(locale))
    // What the server says in words, it says in this language from now on.
    await queries.invalidateQueries()
  }
  return (
    <Choice
      label={t('frame.language')}
      options={LOCALES.map((value) => ({ value, label: NAMES[value] }))}
      value={i18n.language}
      onChoose={(value) => void choose(value)}
    />
  )
}
