import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { fingerprint, fingerprintVariant } from './fingerprint.rules.ts'

describe('fingerprint', () => {
  it('is the same for a text that differs only in case, Turkish i, marks, emoji, spacing and tags', () => {
    const texts = [
      'İNDİRİM bugün başladı!',
      'indirim bugün başladı',
      'ındırım   bugün,\n başladı 🎉🎉',
      '<b>INDIRIM</b> bugün <i>başladı</i> &amp;',
    ]
    expect(new Set(texts.map((text) => fingerprint(text))).size).toBe(1)
  })

  it('ignores variables with their fallbacks, so that no personal value makes a repeat look new', () => {
    expect(fingerprint('Merhaba {{first_name|dostum}}, yeni ürünler geldi')).toBe(
      fingerprint('Merhaba yeni ürünler geldi'),
    )
  })

  it('tells other words, other numbers and other media apart', () => {
    const prints = [
      fingerprint('Yeni ürünler geldi'),
      fingerprint('Yeni ürün geldi'),
      fingerprint('Yeni ürünler geldi 2'),
      fingerprint('Yeni ürünler geldi', 'https://example.com/a.jpg'),
      fingerprint('Yeni ürünler geldi', 'https://example.com/b.jpg'),
      fingerprint(''),
      fingerprint('🎁'),
      fingerprint('🎄'),
    ]
    expect(new Set(prints).size).toBe(prints.length)
  })

  it('is always a safe, non-negative integer', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(fingerprint(text)).toSatisfy((print: number) => Number.isSafeInteger(print) && print >= 0)
      }),
    )
  })

  it('spreads: a hundred thousand different texts do not collide', () => {
    const seen = new Set<number>()
    for (let i = 0; i < 100_000; i++) seen.add(fingerprint(`metin ${i}`))
    expect(seen.size).toBe(100_000)
  })
})

describe('fingerprintVariant', () => {
  it('covers text and media', () => {
    const media = { kind: 'photo', source: 'https://example.com/a.jpg' } as const
    expect(fingerprintVariant({ text: 'Selam', media })).toBe(fingerprint('selam', media.source))
    expect(fingerprintVariant({ text: 'Selam', media: null })).toBe(fingerprint('selam'))
  })
})
