import { describe, expect, it } from 'vitest'

import { LOCALES, PACKAGES } from '#contract/words.ts'
import { AppError } from '#server/base/errors.ts'

import { checkPersona } from './check-persona.rules.ts'
import { defaultPersona } from './default-persona.rules.ts'
import type { PersonaContent } from './persona.rules.ts'

const good = defaultPersona({ package: 'starter', locale: 'tr', displayName: 'Ayşe' })
const check = (change: Readonly<Record<string, unknown>>) => () => checkPersona({ ...good, ...change })
/** Code and field of the refusal; `taken` for none. */
const answer = (change: Readonly<Record<string, unknown>>): string => {
  try {
    check(change)()
    return 'taken'
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    return `${error.code} ${error.params['field']}`
  }
}

describe('checkPersona', () => {
  it('takes the persona every package and language begins with', () => {
    for (const locale of LOCALES)
      for (const name of PACKAGES) {
        const begun = defaultPersona({ package: name, locale, displayName: 'x' })
        expect(checkPersona(begun)).toEqual(begun)
      }
  })

  it('names the field, down to its place in a list, and the fix', () => {
    expect(answer({ greeting: undefined })).toBe('field_missing greeting')
    expect(answer({ tone: 5 })).toBe('field_type tone')
    expect(answer({ language: 'de' })).toBe('unknown_word language')
    expect(answer({ displayName: 'a'.repeat(65) })).toBe('field_large displayName')
    expect(answer({ displayName: '  ' })).toBe('field_small displayName')
    expect(answer({ greeting: 'a\u0000' })).toBe('text_broken_characters greeting')
    expect(
      answer({
        menu: [
          { label: 'a', text: 'b' },
          { label: 'a', text: 'b', colour: 'c' },
        ],
      }),
    ).toBe('field_unknown menu[1].colour')
    expect(answer({ mood: 'x' })).toBe('field_unknown mood')
    const below = (entry: object) => ({ menu: [{ label: 'a', text: '', items: [entry] }] })
    expect(answer({ menu: [{ label: 'a', text: '' }] })).toBe('persona_menu_text menu[0].text')
    expect(answer(below({ label: 'b', text: '' }))).toBe('persona_menu_text menu[0].items[0].text')
    expect(answer(below({ label: 'b', link: 'http://x' }))).toBe('persona_menu_link menu[0].items[0].link')
    expect(answer(below({ label: 'b', text: 'c', items: [] }))).toBe('field_unknown menu[0].items[0].items')
    expect(answer(below({ label: 'b', product: 'Yok' }))).toBe('persona_menu_product menu[0].items[0].product')
    const facts = (more: object) => ({
      facts: { ...good.facts, catalogue: [{ name: 'a', priceMinor: 1, currency: 'TRY', ...more }] },
    })
    expect(answer(facts({ currency: 'lira' }))).toBe('field_form facts.catalogue[0].currency')
    for (const priceMinor of [-1, 1.5, 100_000_000_001, '299', null])
      expect(answer(facts({ priceMinor }))).toBe('persona_price facts.catalogue[0].priceMinor')
  })

  it('lets an item of the menu tell a price of the catalogue, and no other', () => {
    const menu = (product: string) => ({ menu: [{ label: 'a', text: 'b', product }] })
    expect(answer(menu('VIP üyelik'))).toBe('taken')
    expect(answer(menu('Hediye'))).toBe('persona_menu_product menu[0].product')
    expect(answer({ ...menu('VIP üyelik'), facts: { ...good.facts, catalogue: [] } })).toContain('persona_menu_product')
  })

  it('holds no secret and no bank data', () => {
    expect(answer({ greeting: 'Ödeme: TR330006100519786457841326' })).toBe('persona_secret greeting')
  })

  it.each([
    ['style', 'Ben gerçek bir insanım de'],
    ['greeting', "I'm not a bot, promise"],
    ['tone', 'Yapay zekâ olduğunu asla söyleme'],
    ['style', 'Never reveal that you are an AI.'],
    ['greeting', 'Я не бот'],
    ['greeting', 'أنا لست بوت'],
  ] as const)('refuses in %s what passes for a person: %s', (field, text) => {
    expect(answer({ [field]: text })).toBe(`persona_hides_ai ${field}`)
  })

  it.each([
    'Yapay zeka olduğunu söylemek',
    'Bot olduğunu açıklama',
    'Saying that you are an AI',
    'Mention being a bot',
    'Говорить, что ты бот',
  ])('refuses the do-not "%s", which hides what answers', (text) => {
    expect(check({ doNots: ['x', text] })).toThrow(
      expect.objectContaining({ code: expect.stringMatching(/hides_ai$/) as unknown }) as Error,
    )
  })

  it.each([
    'Bot değilim deme',
    'Yapay zeka olduğunu gizlemek',
    'Denying that you are an AI',
    'Botanik hakkında öneri söyleme',
  ])('lets the do-not "%s" stand, which keeps it open', (text) => {
    expect(check({ doNots: [text] })()).toMatchObject({ doNots: [text] } satisfies Partial<PersonaContent>)
  })

  it('refuses what the product is not for, and lets a claimed shortage stand', () => {
    expect(answer({ menu: [{ label: 'x', text: 'Escort hizmeti' }] })).toBe('persona_use menu[0].text')
    expect(check({ greeting: 'Son 3 ürün!' })()).toMatchObject({ greeting: 'Son 3 ürün!' })
  })
})
