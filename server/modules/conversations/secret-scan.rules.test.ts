import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { AppError } from '#server/base/errors.ts'

import { refuseSecrets } from './secret-scan.rules.ts'

const foundIn = (json: unknown): readonly [unknown, unknown] | null => {
  try {
    refuseSecrets(json)
    return null
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    return [error.params['field'], error.params['kind']]
  }
}

const TOKEN = '7123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw0'
const SESSION = `1BVtsOK8Bu${'aB3dE5fG7h'.repeat(12)}==`

const withCheckDigit = (digits: string): string => {
  const sum = Array.from(digits, Number)
    .toReversed()
    .reduce((total, digit, i) => {
      return total + (i % 2 === 1 ? digit : digit > 4 ? digit * 2 - 9 : digit * 2)
    }, 0)
  return `${digits}${(10 - (sum % 10)) % 10}`
}

describe('refuseSecrets', () => {
  it.each([
    ['token', TOKEN],
    ['token', `Bot: ${TOKEN}.`],
    ['api_key', 'sk-proj-abcdefghijklmnop1234'],
    ['api_key', 'ghp_abcdefghijklmnopqrst'],
    ['api_key', '0123456789abcdef0123456789abcdef'],
    ['session', SESSION],
    ['password', 'Parola: cokgizli1'],
    ['iban', 'TR33 0006 1005 1978 6457 8413 26'],
    ['iban', 'iban tr330006100519786457841326 ye atın'],
    ['iban', 'DE89370400440532013000'],
    ['card', '4111 1111 1111 1111'],
    ['card', 'kart 5555-5555-5555-4444 son'],
    ['papara', 'Papara no: 1234567890'],
    ['phone', '+90 532 123 45 67'],
    ['phone', '0532 123 45 67'],
    ['phone', 'ara: 05321234567'],
    ['phone', '٠٥٣٢ ١٢٣ ٤٥ ٦٧'],
    ['phone', '+4\u200B4 20 7946 0958'],
  ])('finds a %s wherever it stands: %s', (kind, text) => {
    expect(foundIn({ a: [{ b: text }] })).toEqual(['a[0].b', kind])
  })

  it.each([
    ['bot_token', 'token'],
    ['API_KEY', 'api_key'],
    ['şifre', 'password'],
    ['session_string', 'session'],
    ['telefon', 'phone'],
    ['IBAN', 'iban'],
    ['card_number', 'card'],
    ['papara_no', 'papara'],
  ])('believes the name %s, whatever lies under it', (key, kind) => {
    expect(foundIn({ customer: { [key]: 'x' } })).toEqual([`customer.${key}`, kind])
    expect(foundIn({ [key]: { deep: 1 } })).toEqual([key, kind])
    expect(foundIn({ [key]: null, other: '' })).toBeNull()
  })

  it('looks into names and numbers, and repeats no name that is a secret itself', () => {
    expect(foundIn({ n: 4_111_111_111_111_111 })).toEqual(['n', 'card'])
    const [path, kind] = foundIn({ a: { [TOKEN]: 1 } }) ?? []
    expect([path, kind]).toEqual(['a.…', 'token'])
  })

  it.each([
    'Fiyat 1.250.000 TL, 12 ay taksit',
    '4111 1111 1111 1112',
    'TR33 0006 1005 1978 6457 8413 27',
    '2025-01-26T10:00:00',
    'Sipariş 1234567890',
    'https://example.com/urunler/kisa-yol?x=1',
    'Parolanızı kimseyle paylaşmayın',
    'Papara ile ödeyebilirsiniz',
  ])('lets %s pass', (text) => {
    expect(foundIn({ text, customer_user_id: 123_456_789 })).toBeNull()
  })

  it('finds every card that passes Luhn, in any grouping, and never says which', () => {
    const card = fc
      .tuple(fc.integer({ min: 2, max: 6 }), fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 14, maxLength: 14 }))
      .map(([first, rest]) => withCheckDigit(`${first}${rest.join('')}`))
    fc.assert(
      fc.property(card, fc.constantFrom('', ' ', '-'), (digits, gap) => {
        const text = digits.match(/.{1,4}/g)?.join(gap) ?? ''
        const found = foundIn({ notes: [`no ${text}!`] })
        // Among so many digits an IBAN or a phone may be seen first; what counts is that it does not pass.
        expect(found?.[0]).toBe('notes[0]')
      }),
    )
  })

  it('refuses what is nested beyond reason instead of running out of stack', () => {
    const deep = JSON.parse(`${'['.repeat(5_000)}${']'.repeat(5_000)}`) as unknown
    expect(() => refuseSecrets(deep)).toThrow('persona_too_deep')
  })
})
