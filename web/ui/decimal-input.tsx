import { NumberInput, type NumberInputProps } from '@mantine/core'
import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'

/** What stands before decimals in a language; digits are the ones that its readers meet in Telegram. */
const separatorIn = (language: string): string =>
  new Intl.NumberFormat(language === 'ar' ? 'ar-u-nu-latn' : language)
    .formatToParts(0.5)
    .find(({ type }) => type === 'decimal')?.value ?? '.'

/** A field for an amount with at most two decimals, written as the language of the screen writes it. */
export const DecimalInput = (props: NumberInputProps) => {
  const { i18n } = useTranslation()
  const decimalSeparator = useMemo(() => separatorIn(i18n.language), [i18n.language])
  return (
    <NumberInput
      decimalScale={2}
      decimalSeparator={decimalSeparator}
      // A sign stands before its digits in every language.
      styles={{ input: { direction: 'ltr' } }}
      {...props}
    />
  )
}
