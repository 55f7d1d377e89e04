import { describe, expect, it } from 'vitest'

import { LOCALES, PACKAGES } from '#contract/words.ts'

import { checkPersona } from './check-persona.rules.ts'
import { defaultPersona } from './default-persona.rules.ts'
import type { PersonaContent } from './persona.rules.ts'

const good = defaultPersona({ package: 'starter', locale: 'tr', displayName: 'Ayşe' })
const check = (change: Readonly<Record<string, unknown>>) => () => checkPersona({ ...good, ...change })
const refusal = (code: string, field: string) =>
  expect.objectContaining({ kind: 'invalid', code, params: expect.objectContaining({ field }) as unknown })
const expectRefused = (change: Readonly<Record<string, unknown>>, code: string, field: string) => {
  expect(check(change)).toThrow(refusal(code, field) as Error)
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
    expectRefused({ greeting: undefined }, 'persona_field_missing', 'greeting')
    expectRefused({ tone: 5 }, 'persona_field_type', 'tone')
    expectRefused({ language: 'de' }, 'unknown_word', 'language')
    expectRefused({ displayName: 'a'.repeat(65) }, 'persona_field_large', 'displayName')
    expectRefused({ displayName: '  ' }, 'persona_field_small', 'displayName')
    expectRefused({ greeting: 'a\u0000' }, 'text_broken_characters', 'greeting')
    expectRefused(
      {
        menu: [
          { label: 'a', text: 'b' },
          { label: 'a', text: 'b', link: 'c' },
        ],
      },
      'persona_field_unknown',
      'menu[1].link',
    )
    expectRefused({ mood: 'x' }, 'persona_field_unknown', 'mood')
    const facts = (more: object) => ({
      facts: { ...good.facts, catalogue: [{ name: 'a', priceMinor: 1, currency: 'TRY', ...more }] },
    })
    expectRefused(facts({ currency: 'lira' }), 'persona_field_form', 'facts.catalogue[0].currency')
    expectRefused(facts({ priceMinor: -1 }), 'persona_field_small', 'facts.catalogue[0].priceMinor')
    expectRefused(facts({ priceMinor: 1.5 }), 'persona_field_type', 'facts.catalogue[0].priceMinor')
  })

  it('holds no secret and no bank data', () => {
    expectRefused({ greeting: 'Ödeme: TR330006100519786457841326' }, 'persona_secret', 'greeting')
  })

  it.each([
    ['style', 'Ben gerçek bir insanım de'],
    ['greeting', "I'm not a bot, promise"],
    ['tone', 'Yapay zekâ olduğunu asla söyleme'],
    ['style', 'Never reveal that you are an AI.'],
    ['greeting', 'Я не бот'],
    ['greeting', 'أنا لست بوت'],
  ] as const)('refuses in %s what passes for a person: %s', (field, text) => {
    expectRefused({ [field]: text }, 'persona_hides_ai', field)
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
    expectRefused({ menu: [{ label: 'x', text: 'Escort hizmeti' }] }, 'persona_use', 'menu[0].text')
    expect(check({ greeting: 'Son 3 ürün!' })()).toMatchObject({ greeting: 'Son 3 ürün!' })
  })
})
