import { describe, expect, it } from 'vitest'

import { fingerprint } from './fingerprint.rules.ts'
import { slotsIn } from './lint-slots.rules.ts'
import { lintTemplate } from './lint.rules.ts'
import { renderVariant } from './rendering.rules.ts'
import type { TemplateVariant } from './template.rules.ts'

const variantOf = (text: string, buttons: TemplateVariant['buttons'] = []): TemplateVariant => ({
  name: 'a',
  locale: 'tr',
  text,
  media: null,
  buttons,
  weight: 1,
})
const codes = (variants: readonly TemplateVariant[], slotBriefs = {}) =>
  lintTemplate({ messageClass: 'transactional', slotBriefs, variants }).map(({ code }) => code)

describe('lintSlots', () => {
  it('accepts slots with a fallback and a brief in the text', () => {
    expect(
      codes([variantOf('Selam, {{personal:hello|hoş geldin}} <b>{{personal:news|bak}}</b>')], {
        hello: 'x',
        news: 'y',
      }),
    ).toEqual([])
  })

  it.each([
    ['no fallback', 'a {{personal:x}}', 'slot_fallback'],
    ['an empty fallback', 'a {{personal:x|}}', 'slot_fallback'],
    ['a fallback of 121 characters', `a {{personal:x|${'b'.repeat(121)}}}`, 'slot_fallback'],
    ['a slot inside a link', '<a href="https://a.b/">x {{personal:x|y}}</a>', 'slot_place'],
    ['a slot inside an address', '<a href="https://a.b/{{personal:x|y}}">x</a>', 'slot_place'],
    ['a slot named with a space', 'a {{personal:x y|z}}', 'variable_unknown'],
  ])('refuses %s', (_, text, code) => {
    expect(codes([variantOf(text)], { x: 'x' })).toContain(code)
  })

  it('refuses slots in buttons, and a third one across all wordings', () => {
    const button = [[{ text: '{{personal:x|y}}', url: 'https://a.b/' }]]
    expect(codes([variantOf('a', button)], {})).toContain('slot_place')
    const three = ['x', 'y', 'z'].map((slot, i) => ({ ...variantOf(`a {{personal:${slot}|b}}`), name: `v${i}` }))
    expect(codes(three, { x: '1', y: '2' })).toEqual(['slots_too_many', 'slot_without_brief'])
  })
})

describe('slotsIn', () => {
  it('finds slots alone, however they are spaced', () => {
    expect(slotsIn('{{first_name|a}} {{ Personal:Hello | hi }}')).toEqual([{ slot: 'hello', fallback: 'hi', at: 17 }])
  })
})

describe('renderVariant', () => {
  const text = 'Selam {{personal:hello|<dost>}}.'
  const person = { firstName: 'A', lastName: '', username: null }
  const render = (texts: readonly (readonly [string, string])[], isUnread = false) =>
    renderVariant(variantOf(text), person, { senderName: 'S' }, { texts: new Map(texts), isUnread }).text

  it('escapes what was written, cuts it, and shows the fallback without it', () => {
    expect(render([])).toBe('Selam &lt;dost&gt;.')
    expect(render([['hello', '<b>\ncan</b>']])).toBe('Selam &lt;b&gt; can&lt;/b&gt;.')
    expect(render([['hello', 'x'.repeat(200)]])).toBe(`Selam ${'x'.repeat(120)}.`)
    expect(render([['other', 'x']], true)).toBe('Selam &lt;dost&gt;.')
  })

  it('says that a model wrote a part where nobody read it', () => {
    expect(render([['hello', 'can']], true)).toBe('Selam can.\n\n<i>Bu mesajın bir bölümünü yapay zekâ yazdı.</i>')
  })
})

describe('fingerprint', () => {
  it('is the same whatever the fallback of a slot is, so that slots make no repeat look new', () => {
    expect(fingerprint('Selam {{personal:hello|a}}.')).toBe(fingerprint('Selam {{personal:hello|b}}.'))
  })
})
