import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { escapeHtml, renderVariant } from './rendering.rules.ts'
import type { TemplateVariant } from './template.rules.ts'
import type { RenderPerson } from './variable.rules.ts'

const variantOf = (text: string, over: Partial<TemplateVariant> = {}): TemplateVariant => ({
  name: 'a',
  locale: 'tr',
  text,
  media: null,
  buttons: [],
  weight: 1,
  ...over,
})

const ayse: RenderPerson = {
  firstName: 'Ayşe',
  lastName: 'Yılmaz',
  username: 'ayse',
  attributes: { city: 'İzmir', points: 12 },
}
const nobody: RenderPerson = { firstName: '', lastName: '', username: null }
const context = { senderName: 'Deneme & Ortakları' }
const textOf = (text: string, person: RenderPerson) => renderVariant(variantOf(text), person, context).text

describe('renderVariant', () => {
  it('fills every kind of variable', () => {
    const text =
      '{{first_name}}|{{ LAST_NAME }}|{{name}}|{{username}}|{{sender}}|{{attr.city}}|{{attr.points}}|{{opt_out}}'
    expect(textOf(text, ayse)).toBe(
      'Ayşe|Yılmaz|Ayşe Yılmaz|@ayse|Deneme &amp; Ortakları|İzmir|12|Bu mesajları istemiyorsanız /stop yazın.',
    )
  })

  it('uses the fallback, escaped, where a person has no value', () => {
    expect(textOf('Merhaba {{first_name|dostum}}{{attr.city|<b>}}', nobody)).toBe('Merhaba dostum&lt;b&gt;')
    expect(textOf('[{{name}}]', nobody)).toBe('[]')
  })

  it('says how to leave in the language of the text', () => {
    expect(renderVariant(variantOf('{{opt_out}}', { locale: 'en' }), nobody, context).text).toBe(
      'To stop these messages, send /stop.',
    )
  })

  it('leaves an unknown variable as it stands', () => {
    expect(textOf('{{nope}} {{first_name}}', ayse)).toBe('{{nope}} Ayşe')
  })

  it('percent-encodes values inside addresses and keeps labels plain', () => {
    const variant = variantOf('<a href="https://example.com/?u={{username}}">{{username}}</a>', {
      buttons: [
        [
          { text: 'Merhaba {{first_name}}', url: 'https://example.com/{{attr.city}}?q=1' },
          { text: 'Dur', action: 'stop' },
        ],
      ],
    })
    const person = { ...ayse, username: `a"b'<`, firstName: 'A&B' }
    const message = renderVariant(variant, person, context)
    expect(message.text).toBe('<a href="https://example.com/?u=%40a%22b%27%3C">@a&quot;b&#39;&lt;</a>')
    expect(message.buttons).toEqual([
      [
        { text: 'Merhaba A&B', url: 'https://example.com/%C4%B0zmir?q=1' },
        { text: 'Dur', action: 'stop' },
      ],
    ])
  })

  it('carries media when there is some', () => {
    const media = { kind: 'photo', source: 'AgAC' } as const
    expect(renderVariant(variantOf('x', { media }), ayse, context)).toEqual({ text: 'x', media, buttons: [] })
    expect(renderVariant(variantOf('x'), ayse, context)).toEqual({ text: 'x', buttons: [] })
  })

  it('never lets a value of any person out unescaped, in text or in an attribute', () => {
    const variant = variantOf('<b>{{name}}</b> {{username}} {{attr.x}} <a href="https://example.com/{{attr.x}}">.</a>')
    const hostile = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 200 }),
      fc.constantFrom('<b>', '</b>', '&lt;', '"><a href="', `'`, '\u202e', '\ud800', 'a\nb', '{{first_name}}'),
    )
    fc.assert(
      fc.property(hostile, hostile, fc.option(hostile), hostile, (firstName, lastName, username, x) => {
        const { text } = renderVariant(variant, { firstName, lastName, username, attributes: { x } }, context)
        const rest = text
          .replace(/^<b>/u, '')
          .replace('</b>', '')
          .replace(/<a href="https:\/\/example\.com\/[^"'<>&]*">\.<\/a>$/u, '')
        expect(rest).not.toMatch(/[<>"']/u)
        expect(rest).not.toMatch(/&(?!(?:amp|lt|gt|quot|#39);)/u)
        expect(text).not.toMatch(/[\n\u202a-\u202e\u2066-\u2069]/u)
      }),
    )
  })
})

describe('escapeHtml', () => {
  it('is undone by reading the entities back', () => {
    fc.assert(
      fc.property(fc.string(), (value) => {
        const back = escapeHtml(value)
          .replaceAll('&lt;', '<')
          .replaceAll('&gt;', '>')
          .replaceAll('&quot;', '"')
          .replaceAll('&#39;', "'")
          .replaceAll('&amp;', '&')
        expect(back).toBe(value)
      }),
    )
  })
})
