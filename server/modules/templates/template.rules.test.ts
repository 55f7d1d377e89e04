import { describe, expect, it } from 'vitest'

import type { Locale } from '#contract/words.ts'

import { findVariant } from './template.rules.ts'

const variantOf = (name: string, locale: Locale) => ({ name, locale, text: 'x', media: null, buttons: [], weight: 1 })

describe('findVariant', () => {
  const template = {
    variants: [variantOf('a', 'tr'), variantOf('a', 'en'), variantOf('b', 'ru'), variantOf('b', 'en')],
  }
  const pick = (variant: string, languageCode: string | null, tenantLocale: Locale = 'tr') =>
    findVariant(template, variant, languageCode, tenantLocale)?.locale ?? null

  it('takes the person’s language, else the tenant’s, else Turkish, English, whatever there is', () => {
    expect(pick('a', 'en-GB')).toBe('en')
    expect(pick('a', 'EN')).toBe('en')
    expect(pick('a', 'de')).toBe('tr')
    expect(pick('a', null, 'en')).toBe('en')
    expect(pick('a', 'de', 'ar')).toBe('tr')
    expect(pick('b', 'tr')).toBe('en')
    expect(pick('b', 'ru')).toBe('ru')
  })

  it('is null for an arm the template does not have', () => {
    expect(pick('c', 'tr')).toBeNull()
  })
})
