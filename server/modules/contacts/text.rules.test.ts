import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { foldText, hasPriceIntent, isStopWord } from './text.rules.ts'

describe('foldText', () => {
  test('meets İ, I, ı and i in one letter, and drops Turkish marks', () => {
    for (const typed of ['İPTAL', 'IPTAL', 'iptal', 'ıptal', 'İptal']) expect(foldText(typed)).toBe('iptal')
    expect(foldText('ÜCRETİ ŞÖYLE ÇAĞRI')).toBe('ucreti soyle cagri')
  })
})

describe('isStopWord', () => {
  test.each([
    'DUR',
    'dur',
    'Dur.',
    ' STOP!!! ',
    'stop 🛑',
    'İPTAL',
    'ıptal',
    'Iptal',
    '“ret”',
    'UNSUBSCRIBE',
    '/stop',
    '/dur@deneme_bot',
    'D\u0307UR',
  ])('takes %j for a wish to stop', (text) => expect(isStopWord(text)).toBe(true))

  test.each([
    '',
    'dur bir dakika',
    'durma',
    'stopaj',
    'iptal ettim',
    'return',
    'non-stop',
    '/start',
    '🛑',
    'durr',
    'ne kadar?',
    `dur${' '.repeat(80)}`,
  ])('does not take %j for a wish to stop', (text) => expect(isStopWord(text)).toBe(false))

  test('tolerates any casing and any punctuation around a stop word, and no second word', () => {
    const casings = (word: string) =>
      fc
        .tuple(...word.split('').map((c) => fc.constantFrom(c, c.toLocaleLowerCase('tr'), c.toLocaleUpperCase('tr'))))
        .map((cs) => cs.join(''))
    const noise = fc.string({
      unit: fc.constantFrom(' ', '.', '!', '?', ',', '…', '🙏', '\n', '\u200b', '"'),
      maxLength: 6,
    })
    fc.assert(
      fc.property(
        fc.constantFrom('DUR', 'STOP', 'İPTAL', 'RET', 'UNSUBSCRIBE').chain(casings),
        noise,
        noise,
        (word, before, after) => {
          expect(isStopWord(`${before}${word}${after}`)).toBe(true)
          expect(isStopWord(`${before}${word}${after} teşekkürler`)).toBe(false)
        },
      ),
    )
  })
})

describe('hasPriceIntent', () => {
  test.each([
    'fiyatı nedir',
    'FİYAT?',
    'FIYATLAR',
    'Kaç para bu',
    'kac lira',
    'ne kadar?',
    'İndirimli mi',
    'taksit var mı',
    'ücretsiz mi',
    'How much is it?',
    'any discounts',
    'price list',
  ])('hears a question of money in %j', (text) => expect(hasPriceIntent(text)).toBe(true))

  test.each(['merhaba', 'kadar', 'costa rica', 'paraşüt', 'kaçamak', 'nekadar', ''])('hears none in %j', (text) =>
    expect(hasPriceIntent(text)).toBe(false),
  )

  test('reads a megabyte of anything without losing time or nerve', () => {
    expect(hasPriceIntent('kaç '.repeat(300_000))).toBe(false)
  })
})
