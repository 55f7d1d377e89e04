import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { normalizeIban } from './iban.ts'

/** Examples of the SWIFT registry. */
const REGISTRY = [
  'TR330006100519786457841326',
  'DE89370400440532013000',
  'GB29NWBK60161331926819',
  'NL91ABNA0417164300',
  'FR1420041010050500013M02606',
  'AE070331234567890123456',
  'SA0380000000608010167519',
]

describe('normalizeIban', () => {
  it.each(REGISTRY)('takes %s, spaced and in small letters too', (iban) => {
    expect(normalizeIban(iban)).toBe(iban)
    expect(normalizeIban(` ${iban.toLowerCase().replace(/(.{4})/g, '$1 ')}`)).toBe(iban)
  })

  it('finds any single wrong digit and any two neighbours that changed places', () => {
    const [tr = ''] = REGISTRY
    fc.assert(
      fc.property(fc.integer({ min: 4, max: 25 }), fc.integer({ min: 1, max: 9 }), (index, shift) => {
        const wrong = String((Number(tr[index]) + shift) % 10)
        expect(normalizeIban(tr.slice(0, index) + wrong + tr.slice(index + 1))).toBeNull()
      }),
    )
    for (let i = 4; i < 25; i += 1) {
      const swapped = `${tr.slice(0, i)}${tr[i + 1] ?? ''}${tr[i] ?? ''}${tr.slice(i + 2)}`
      expect(normalizeIban(swapped)).toBe(tr[i] === tr[i + 1] ? tr : null)
    }
  })

  it.each([
    '',
    'TR',
    'TR33000610051978645784132',
    'TR3300061005197864578413260',
    '330006100519786457841326',
    'TR33 0006 1005 1978 6457 8413 2ğ',
  ])('refuses "%s"', (text) => {
    expect(normalizeIban(text)).toBeNull()
  })
})
