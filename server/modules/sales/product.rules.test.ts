import { describe, expect, it } from 'vitest'

import { AppError } from '#server/base/errors.ts'

import { BARE_TERMS, type ProductTerms, checkTerms, moneyText, productKey, starsOf, wayOf } from './product.rules.ts'

const refusalOf = (change: Partial<ProductTerms>): string => {
  try {
    checkTerms({ ...BARE_TERMS, ...change })
    return 'kept'
  } catch (error) {
    if (error instanceof AppError) return `${error.code} ${error.params['field'] ?? ''}`
    throw error
  }
}

describe('checkTerms', () => {
  it.each([
    [{ paymentLink: 'http://shop.example/pay' }, 'product_link paymentLink'],
    [{ paymentLink: 'https://user:secret@shop.example/' }, 'product_link paymentLink'],
    [{ paymentLink: 'javascript:alert(1)' }, 'product_link paymentLink'],
    [{ stars: 0 }, 'whole_number_expected stars'],
    [{ stars: 1.5 }, 'whole_number_expected stars'],
    [{ kind: 'physical', stars: 5 }, 'product_stars_physical stars'],
    [{ fulfilment: 'file', fulfilmentContent: '../etc/passwd' }, 'product_file_id fulfilmentContent'],
    [{ fulfilment: 'text' }, 'text_missing fulfilmentContent'],
    [{ fulfilment: 'link', fulfilmentContent: 'shop' }, 'product_link fulfilmentContent'],
    [{ paymentLink: 'https://shop.example/pay', kind: 'physical' }, 'kept'],
  ] as const)('checks %o', (change, code) => {
    expect(refusalOf(change)).toBe(code)
  })

  it('drops what is not handed over by message any more', () => {
    expect(checkTerms({ ...BARE_TERMS, fulfilment: 'hand', fulfilmentContent: 'eski' }).fulfilmentContent).toBeNull()
  })
})

describe('wayOf', () => {
  const all = { paymentLink: 'https://a.example/', transferText: 'TR', kind: 'digital' } as const

  it('sells digital goods for Stars where a bot sells, never by link there', () => {
    expect(wayOf(all, { accountKind: 'bot', stars: 5 })).toBe('stars')
    expect(wayOf(all, { accountKind: 'bot', stars: null })).toBeNull()
  })

  it('falls back to the link where Stars cannot be taken', () => {
    expect(wayOf(all, { accountKind: 'business', stars: 5 })).toBe('link')
    expect(wayOf({ ...all, paymentLink: null }, { accountKind: 'user', stars: 5 })).toBe('transfer')
  })

  it('sells physical goods by link or transfer alone', () => {
    expect(wayOf({ ...all, kind: 'physical' }, { accountKind: 'bot', stars: 5 })).toBe('link')
    expect(
      wayOf({ kind: 'physical', paymentLink: null, transferText: null }, { accountKind: 'bot', stars: 5 }),
    ).toBeNull()
  })
})

describe('starsOf', () => {
  const price = { stars: null, priceMinor: 25_001, currency: 'TRY' } as const

  it('rounds the rate up, takes the own price first, and knows no rate of another currency', () => {
    expect(starsOf(price, { minorPerStar: 100, currency: 'TRY' })).toBe(251)
    expect(starsOf({ ...price, stars: 9 }, { minorPerStar: 100, currency: 'TRY' })).toBe(9)
    expect(starsOf(price, { minorPerStar: 100, currency: 'EUR' })).toBeNull()
    expect(starsOf(price, null)).toBeNull()
    expect(starsOf({ ...price, priceMinor: 100_000_000_000 }, { minorPerStar: 1, currency: 'TRY' })).toBeNull()
  })
})

describe('productKey', () => {
  it('is another with another price', () => {
    const item = { name: 'VIP', priceMinor: 100, currency: 'TRY' }
    expect(productKey(item)).toBe(productKey({ ...item }))
    expect(new Set([item, { ...item, priceMinor: 101 }, { ...item, currency: 'USD' }].map(productKey)).size).toBe(3)
  })
})

describe('moneyText', () => {
  it('writes amounts as the language does, and Stars as Telegram does', () => {
    expect(moneyText({ priceMinor: 25_000, currency: 'TRY' }, 'tr')).toBe('₺250')
    expect(moneyText({ priceMinor: 250, currency: 'XTR' }, 'en')).toBe('⭐ 250')
    const price = { priceMinor: 29_990, currency: 'TRY' }
    expect(moneyText(price, 'tr')).toBe('₺299,90')
    expect(moneyText(price, 'en')).toBe('TRY\u00A0299.90')
    expect(moneyText({ priceMinor: 50_000, currency: 'TRY' }, 'ru')).toBe('500\u00A0TRY')
    expect(moneyText(price, 'ar')).toMatch(/299|٢٩٩/)
  })
})
