import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { createPseudonyms } from './pseudonym.rules.ts'

const hide = (text: string, ...secrets: string[]) =>
  createPseudonyms(secrets.map((one, at) => ({ text: one, placeholder: `[AD${at}]` }))).hide(text)

/** As the tests see a leak, in their own way: letters of either case, the Turkish i being one letter. */
const fold = (text: string) =>
  text
    .normalize('NFC')
    .replace(/[iıİI]\u0307?/g, 'i')
    .toLowerCase()

describe('createPseudonyms', () => {
  it('replaces a secret in any case and with any suffix, and puts it back', () => {
    const names = createPseudonyms([{ text: 'Işıl Çelik', placeholder: '[AD]' }])
    expect(names.hide("IŞIL ÇELİK'e, işıl çelikten selam")).toBe("[AD]'e, [AD]ten selam")
    expect(names.restore({ text: 'Merhaba [AD]!', tags: ['[AD]', 7], other: null })).toEqual({
      text: 'Merhaba Işıl Çelik!',
      tags: ['Işıl Çelik', 7],
      other: null,
    })
  })

  it('puts the first secret back where several have one placeholder', () => {
    const names = createPseudonyms([
      { text: 'Işıl', placeholder: '[AD]' },
      { text: 'Karaçelik', placeholder: '[AD]' },
    ])
    expect(names.hide('Ben Karaçelik')).toBe('Ben [AD]')
    expect(names.restore('Merhaba [AD]')).toBe('Merhaba Işıl')
  })

  it('replaces a name of two letters where it is a word, and leaves other words whole', () => {
    expect(hide('Su, bir bardak suyu susuz içti; su!', 'Su')).toBe('[AD0], bir bardak suyu susuz içti; [AD0]!')
  })

  it.each([
    ['0532 123 45 67'],
    ['+90 (532) 123-45-67'],
    ['00905321234567'],
    ['5321234567'],
    ['532 123 45 67'],
    ['(0212) 345 67 89'],
    ['+49 30 901820'],
    ['٠٥٣٢١٢٣٤٥٦٧'],
    ['ayse.kaya+is@ornek.com.tr'],
    ['şükrü@örnek.com'],
    ['@ayse_kaya'],
    ['t.me/ayse_kaya'],
    ['https://t.me/ayse_kaya'],
    ['TR33 0006 1005 1978 6457 8413 26'],
    ['TR330006100519786457841326'],
    ['tr000000000000000000000000'],
    ['DE89 3704 0044 0532 0130 00'],
    ['4111 1111 1111 1111'],
    ['4111-1111-1111-1111'],
    ['378282246310005'],
  ])('lets %s leave nowhere', (text) => {
    for (const around of [text, `Numaram ${text}.`, `(${text})`, `bana:${text}, tamam`]) {
      const names = createPseudonyms([])
      const hidden = names.hide(around)
      expect(hidden).not.toContain(text)
      expect(hidden.replace(/[^\p{Nd}]/gu, '').length).toBeLessThan(4)
      expect(names.restore(hidden)).toBe(around.normalize('NFC'))
    }
  })

  it.each([
    'Çanta 1.250 ₺, kemer 350 ₺, ikisi 1.500,00 ₺',
    'Fiyatlar 100 200 300 400',
    '01.06.2026 09:00-18:00 arası açığız',
    '2026-06-01 10:30',
    'Sipariş no 48213',
    'IBAN ile ödeme yapılır, kart geçmez',
    '5 adet 3 renk 2 beden 40 42 44 46',
  ])('leaves "%s" as it is', (text) => {
    expect(hide(text)).toBe(text)
  })

  it('calls the same number the same, whatever its spaces', () => {
    expect(hide('0532 123 45 67 ya da 05321234567, olmadı 0533 123 45 67')).toBe('[TELA] ya da [TELA], olmadı [TELB]')
  })

  it('says with its legend what it hid', () => {
    const legend = (text: string) => {
      const names = createPseudonyms([])
      names.hide(text)
      return names.legend()
    }
    expect(legend('0532 123 45 67')).toBe(legend('ara: 0532 123 45 67'))
    expect(legend('0532 123 45 67')).not.toBe(legend('0532 123 45 68'))
  })

  it('leaks no secret from any text, whatever the secrets and their placeholders are', () => {
    const word = fc.oneof(
      fc.string({ minLength: 1, maxLength: 12, unit: 'grapheme' }),
      fc.constantFrom('Ali', 'Işıl', '[AD]', 'AD', ']', '⟦•⟧', '•', 'Su', 'aa', '0532'),
      fc.string({ minLength: 1, maxLength: 4, unit: fc.constantFrom('a', 'A', 'i', 'İ', '[', ']', '.') }),
    )
    const scene = fc.record({
      secrets: fc.array(fc.record({ text: word, placeholder: fc.oneof(word, fc.constant('[AD]')) }), { maxLength: 4 }),
      parts: fc.array(word, { maxLength: 8 }),
    })
    fc.assert(
      fc.property(scene, ({ secrets, parts }) => {
        const text = [...parts, ...secrets.map((one) => `x${one.text}y ${one.text.toUpperCase()}`), ...parts].join('')
        const hidden = fold(createPseudonyms(secrets).hide(text))
        const long = secrets.filter((one) => Array.from(one.text.normalize('NFC').trim()).length > 2)
        expect(long.filter((one) => hidden.includes(fold(one.text).trim()))).toEqual([])
      }),
      { numRuns: 200 },
    )
  })

  it('leaks no phone number however it is written', () => {
    const mobile = fc.tuple(
      fc.constantFrom('+90', '0', '+90 ', '0090', '90 '),
      fc.integer({ min: 500, max: 599 }),
      fc.integer({ min: 100, max: 999 }),
      fc.integer({ min: 10, max: 99 }),
      fc.integer({ min: 10, max: 99 }),
      fc.constantFrom(' ', '', '-', '.'),
    )
    fc.assert(
      fc.property(mobile, fc.lorem(), ([prefix, a, b, c, d, between], words) => {
        const number = `${prefix}${[a, b, c, d].join(between)}`
        expect(hide(`${words} ${number} ${words}`)).toMatch(/^\D*$/)
      }),
    )
  })
})
