import { useTranslation } from 'react-i18next'

/** Who did or said something (`bot`, `member:12`, `preset:default`), in words; as it is recorded where there are none. */
export const useWhose = () => {
  const { t } = useTranslation()
  return (by: string): string => {
    const [kind = by, name = ''] = by.split(':')
    return t(`whose.${kind}`, { name, defaultValue: by })
  }
}
