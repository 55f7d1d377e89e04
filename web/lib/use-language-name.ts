import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'

/** The name of a language in the language of the screen. */
export const useLanguageName = () => {
  const { i18n } = useTranslation()
  return useMemo(() => {
    const names = new Intl.DisplayNames([i18n.language], { type: 'language' })
    return (locale: string): string => names.of(locale) ?? locale
  }, [i18n.language])
}
