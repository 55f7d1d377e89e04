import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { parseHtml } from '#simulator/bot-api/entities/parse-html.ts'

import { hasLintErrors, lintTemplate } from './lint.rules.ts'
import { renderVariant } from './rendering.rules.ts'
import type { TemplateButton, TemplateVariant } from './template.rules.ts'

const variantOf = (text: string, over: Partial<TemplateVariant> = {}): TemplateVariant => ({
  name: 'a',
  locale: 'tr',
  text,
  media: null,
  buttons: [],
  weight: 1,
  ...over,
})
const codesOf = (text: string, over: Partial<TemplateVariant> = {}) =>
  lintTemplate({ messageClass: 'transactional', variants: [variantOf(text, over)] }).map((finding) => finding.code)
const commercialCodesOf = (text: string, over: Partial<TemplateVariant> = {}, senderName = 'Deneme') =>
  lintTemplate({ messageClass: 'commercial', variants: [variantOf(text, over)] }, { senderName }).map((f) => f.code)
const buttonCodesOf = (...buttons: readonly TemplateButton[]) => codesOf('x', { buttons: [buttons] })

describe('lintTemplate', () => {
  it('has nothing against a decent commercial message', () => {
    const text = 'Merhaba {{first_name|dostum}}, <b>yeni</b> ürünler geldi. {{sender}}\n{{opt_out}}'
    expect(commercialCodesOf(text)).toEqual([])
  })

  it('wants sender and way out on a commercial message, and takes the name or a stop button for them', () => {
    expect(commercialCodesOf('Yeni ürünler')).toEqual(['opt_out_missing', 'sender_missing'])
    expect(commercialCodesOf('Deneme: yeni ürünler', { buttons: [[{ text: 'Çık', action: 'stop' }]] })).toEqual([])
    expect(codesOf('Siparişiniz yola çıktı')).toEqual([])
  })

  it('repeats Telegram’s complaint about the HTML', () => {
    const [finding] = lintTemplate({ messageClass: 'reply', variants: [variantOf('<b>{{first_name|x}}')] })
    expect(finding).toEqual({
      code: 'html_invalid',
      severity: 'error',
      field: 'text',
      variant: 'a',
      locale: 'tr',
      params: { message: 'Can\'t find end tag corresponding to start tag "b"' },
    })
  })

  it('measures the longest possible message in UTF-16 units: 4096 for a text, 1024 for a caption', () => {
    const media = { kind: 'photo', source: 'https://example.com/a.jpg' } as const
    expect(codesOf('a'.repeat(4096))).toEqual([])
    expect(codesOf('a'.repeat(4097))).toEqual(['text_too_long'])
    expect(codesOf(`<b>${'😀'.repeat(2048)}</b>`)).toEqual([])
    expect(codesOf(`${'😀'.repeat(2048)}!`)).toEqual(['text_too_long'])
    expect(codesOf('a'.repeat(1024), { media })).toEqual([])
    expect(codesOf('a'.repeat(1025), { media })).toEqual(['text_too_long'])
    expect(codesOf(`${'a'.repeat(4032)}{{first_name|x}}`)).toEqual([])
    expect(codesOf(`${'a'.repeat(4033)}{{first_name|x}}`)).toEqual(['text_too_long'])
    expect(codesOf(`&lt;${'a'.repeat(4095)}`)).toEqual([])
  })

  it('names unknown and half-written variables, and missing fallbacks as a warning', () => {
    expect(codesOf('{{firstname}}')).toEqual(['variable_unknown'])
    expect(codesOf('{{attr.Bad Name}}')).toEqual(['variable_unknown'])
    expect(codesOf('{{first_name')).toEqual(['variable_unknown'])
    expect(codesOf('first_name}} x')).toEqual(['variable_unknown'])
    expect(codesOf('Selam {{first_name}}, {{attr.city}}')).toEqual(['fallback_missing', 'fallback_missing'])
  })

  it('lets a variable into a link only after a host that is written out', () => {
    expect(codesOf('<a href="https://example.com/?u={{username|x}}">x</a>')).toEqual([])
    expect(codesOf('<a href="{{attr.link|x}}">x</a>')).toContain('variable_in_tag')
    expect(codesOf('<a href="https://{{attr.host|x}}/">x</a>')).toContain('variable_in_tag')
    expect(codesOf('<code class="language-{{attr.l|x}}">x</code>')).toEqual(['variable_in_tag'])
  })

  it('refuses an empty message unless there is media', () => {
    expect(codesOf(' <b> </b>\n')).toEqual(['text_empty'])
    expect(codesOf('', { media: { kind: 'photo', source: 'https://example.com/a.jpg' } })).toEqual([])
  })

  it('checks buttons: label, address, action bytes without our prefix, and their number', () => {
    expect(
      buttonCodesOf({ text: 'Gör', url: 'https://example.com/{{username|x}}' }, { text: 'Menü', action: 'menu' }),
    ).toEqual([])
    expect(buttonCodesOf({ text: ' ', action: 'menu' })).toEqual(['button_text_empty'])
    expect(buttonCodesOf({ text: '{{username}}', action: 'menu' })).toEqual(['button_text_empty'])
    expect(buttonCodesOf({ text: 'x'.repeat(65), action: 'menu' })).toEqual(['button_text_long'])
    expect(buttonCodesOf({ text: 'x', url: 'ftp://example.com' })).toEqual(['button_url'])
    expect(buttonCodesOf({ text: 'x', url: 'https://localhost/' })).toEqual(['button_url'])
    expect(buttonCodesOf({ text: 'x', url: 'https://{{username|x}}.example.com/' })).toEqual(['button_variable_host'])
    expect(buttonCodesOf({ text: 'x', action: '' })).toEqual(['button_action'])
    expect(buttonCodesOf({ text: 'x', action: 'a'.repeat(40) })).toEqual([])
    expect(buttonCodesOf({ text: 'x', action: 'ş'.repeat(21) })).toEqual(['button_action'])
    expect(buttonCodesOf(...Array.from({ length: 9 }, () => ({ text: 'x', action: 'x' })))).toEqual([
      'buttons_too_many',
    ])
  })

  it('takes media from an https address or a file id only', () => {
    const withSource = (source: string) => codesOf('x', { media: { kind: 'photo', source } })
    expect(withSource('AgACAgIAAxkBAAIBY2Zx0000000000000')).toEqual([])
    expect(withSource('http://example.com/a.jpg')).toEqual(['media_source'])
    expect(withSource('file:///etc/passwd')).toEqual(['media_source'])
  })

  it('refuses adult, brokered and impersonating texts, whatever their case or markup, and asks about scarcity', () => {
    expect(codesOf('ESCORT hizmeti')).toEqual(['unacceptable_use'])
    expect(codesOf('<b>Es</b>cort hizmetleri')).toEqual(['unacceptable_use'])
    expect(codesOf('Kız ayarlama garantili')).toEqual(['unacceptable_use'])
    expect(codesOf('Telegram Destek Ekibi: kodu gönderin')).toEqual(['unacceptable_use'])
    expect(codesOf('x', { buttons: [[{ text: '18+ içerikler', action: 'x' }]] })).toEqual(['unacceptable_use'])
    expect(codesOf('SON 3 KİŞİLİK yer')).toEqual(['claim_to_confirm'])
    expect(codesOf('Essex ve Sussex mağazalarımız, masaüstü ürünler, sekizinci yıl')).toEqual([])
  })

  it('warns of entities and links that Telegram shows or drops', () => {
    expect(codesOf('a&nbsp;b')).toEqual(['entity_unknown'])
    expect(codesOf('<a href="javascript://x">y</a>')).toEqual(['link_ignored'])
    expect(codesOf('<a href="tg://user?id=1">y</a>')).toEqual([])
  })

  it('wants some arm to be choosable and translations of an arm to share its weight', () => {
    const lint = (...variants: readonly TemplateVariant[]) =>
      lintTemplate({ messageClass: 'reply', variants }).map((f) => f.code)
    expect(lint(variantOf('x', { weight: 0 }))).toEqual(['weight_zero'])
    expect(lint(variantOf('x'), variantOf('y', { locale: 'en', weight: 2 }))).toEqual(['locale_weights_differ'])
  })

  it('accepts exactly the texts that come out as valid Telegram HTML, for every person', () => {
    const fragment = fc.constantFrom('<b>', '</b>', '<i>', '</i>', '<u', '>', '</u>', '{{first_name|<x>}}', '{{username|a&b}}', '{{attr.k|"}}', 'metin ', '&lt;', '<', '&amp', '😀') // prettier-ignore
    const value = fc.oneof(fc.string({ unit: 'binary', maxLength: 80 }), fc.constantFrom('<b>', '</b>', '&', '"><'))
    fc.assert(
      fc.property(fc.array(fragment, { maxLength: 8 }), value, value, (fragments, name, attribute) => {
        const variant = variantOf(`.${fragments.join('')}`)
        const findings = lintTemplate({ messageClass: 'reply', variants: [variant] })
        const person = { firstName: name, lastName: '', username: name, attributes: { k: attribute } }
        const { text } = renderVariant(variant, person, { senderName: 'x' })
        fc.pre(!findings.some((f) => f.code === 'variable_in_tag'))
        expect(hasLintErrors(findings)).toBe(!isValidHtml(text))
      }),
      { numRuns: 2_000 },
    )
  })
})

const isValidHtml = (text: string): boolean => {
  try {
    return parseHtml(text).text.length <= 4096
  } catch {
    return false
  }
}
