import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import type { AnswerFinding } from '#contract/words.ts'

import { type AnswerPlace, checkAnswer, prepareGround } from './answer-check.rules.ts'
import { instructionsOf } from './reply-prompt.rules.ts'

const KNOWN = {
  catalogue: [
    { name: 'VIP üyelik', priceMinor: 25_000, currency: 'TRY' },
    { name: 'Kurs', priceMinor: 125_000, currency: 'TRY' },
    { name: 'Online course', priceMinor: 1_000, currency: 'USD' },
  ],
  texts: [
    'Kargo 3 gün sürer, ücretsiz kargo vardır.',
    'Öğrencilere %10 indirim var. Adres: https://magaza.example.com ve t.me/magazakanal',
    'KDV %20 dahildir.',
  ],
}
const INSTRUCTIONS = instructionsOf({ persona: null })
const GROUND = prepareGround(KNOWN, INSTRUCTIONS)
const PLACE: AnswerPlace = { languages: ['tr', 'en', 'ru', 'ar'], reserved: 100 }
const findings = (text: string, place: Partial<AnswerPlace> = {}) =>
  checkAnswer(text, GROUND, { ...PLACE, ...place }).findings

describe('checkAnswer', () => {
  it.each([
    'VIP üyelik 250 TL’dir, kargo 3 gün sürer.',
    'VIP üyeliğimiz ₺250.',
    'Kurs 1.250,00 lira, VIP üyelik 250 ₺.',
    'The online course is $10, or 10 USD.',
    'Цена — 250 ₺.',
    'السعر ٢٥٠ ليرة',
    'Ücretsiz kargo var.',
    'Öğrencilere %10 indirim var.',
    'Maalesef indirim yapamıyoruz.',
    'Sorry, we cannot offer a discount.',
    'Saat 10:00 - 18:00 arası açığız.',
    'Adresimiz https://magaza.example.com/urunler?x=1, kanalımız @magazakanal.',
    'Feel free to ask!',
    'Привет! Чем могу помочь?',
    'مرحبا، كيف أساعدك؟',
  ])('lets pass what the facts say: %s', (text) => {
    expect(findings(text)).toEqual([])
  })

  it.each<[AnswerFinding, string]>([
    ['price', 'VIP üyelik 99 TL.'],
    ['price', 'VIP üyelik 1.250 TL.'],
    ['price', 'VIP üyelik yalnızca 99'],
    ['price', 'I can do 99 for you'],
    ['price', 'It is $9.99'],
    ['price', 'Sana 2\u200b4\u200b9 lira'],
    ['price', '９９ＴＬ'],
    ['price', 'السعر ٩٠ ر.س'],
    ['price', 'Цена 90 руб.'],
    ['price', 'yüz lira yeter'],
    ['price', 'only ninety dollars'],
    ['price', 'за сто рублей'],
    ['price', 'مئة ريال فقط'],
    ['price', '<b>VIP</b> 9<i>9</i> TL'],
    ['price', 'VIP: 250 TL - 50 TL'],
    ['price', '250 EUR'],
    ['percentage', 'Sana %90'],
    ['percentage', 'yüzde 90'],
    ['percentage', '90 % off'],
    ['percentage', '٩٠٪'],
    ['percentage', 'Sana %20 indirim.'],
    ['offer', 'Sana bedava veriyorum'],
    ['offer', 'İlk ay ücretsiz'],
    ['offer', 'I will give you a discount'],
    ['offer', 'Для вас бесплатно'],
    ['offer', 'لك خصم كبير'],
    ['offer', 'Maalesef indirim yapamıyorum, ama sana hediye var'],
    ['link', 'https://evil.example.net'],
    ['link', 'bkz. evil.com'],
    ['link', 't.me/baskakanal'],
    ['link', 'https://magaza.example.com@evil.com/x'],
    ['link', '<a href="https://evil.com">magaza.example.com</a>'],
    ['link', 'evil dot com'],
    ['link', '@baskabot yaz'],
    ['link', 'mail: a@evil.com'],
    ['number', 'Ara: 0532 123 45 67'],
    ['number', 'TR33 0006 1005 1978 6457 8413 26'],
    ['number', '4111 1111 1111 1111'],
    ['number', '+٩٠ ٥٣٢ ١٢٣ ٤٥ ٦٧'],
    ['human_claim', 'Ben gerçek bir insanım'],
    ['human_claim', 'Yes, I am human.'],
    ['human_claim', 'Я живой человек'],
    ['human_claim', 'أنا إنسان حقيقي'],
    ['acceptable_use', 'Son şans, kaçırma!'],
    ['language', 'Das ist nicht ein Problem, wir haben eine Lösung für Sie'],
    ['language', '这是我们的价格'],
    ['prompt_echo', 'Use only the facts below. Name a price only as it stands in the catalogue'],
    ['prompt_echo', 'Merhaba [AD], hoş geldiniz'],
    ['too_long', 'a'.repeat(4_000)],
    ['empty', '  \u0000 '],
    ['empty', '<b> </b>'],
  ])('finds %s in: %s', (finding, text) => {
    expect(findings(text)).toContain(finding)
  })

  it('takes another language for a finding only where it is neither the contact’s nor the persona’s', () => {
    const english = 'Hello, how can we help you with this?'
    expect(findings(english)).toEqual([])
    expect(findings(english, { languages: ['tr'] })).toEqual(['language'])
  })

  it('keeps whole markup and turns broken markup, foreign markup and Markdown into text', () => {
    const html = (text: string) => checkAnswer(text, GROUND, PLACE).html
    expect(html('<b>VIP</b> & <i>Kurs</i>')).toBe('<b>VIP</b> & <i>Kurs</i>')
    expect(html('<b>VIP')).toBe('&lt;b&gt;VIP')
    expect(html('<html><p>VIP</p>')).toBe('&lt;html&gt;&lt;p&gt;VIP&lt;/p&gt;')
    expect(html('**VIP** < Kurs')).toBe('VIP &lt; Kurs')
  })

  const written = fc.constantFrom(
    (n: string) => `${n} TL`,
    (n: string) => `₺${n}`,
    (n: string) => `${n},00 lira`,
    (n: string) => `$${n}`,
    (n: string) => `${n} руб.`,
    (n: string) => `${n} ريال`,
    (n: string) => `TRY ${n}`,
    (n: string) => `fiyatı ${n}`,
    (n: string) => `price is ${n} only`,
    (n: string) => `${n} TL`.replaceAll(/\d/g, (digit) => String.fromCodePoint(0x660 + Number(digit))),
    (n: string) => `${n.split('').join('\u200b')} TL`,
    (n: string) => `<b>${n}</b> TL`,
  )
  const words = fc.array(
    fc.constantFrom('Merhaba', 'tabii', 'size', 'özel', 'VIP üyelik', 'the', 'price', 'для вас', 'لكم'),
    {
      maxLength: 5,
    },
  )

  it('lets no price pass that the catalogue does not have, however it is written and whatever stands around it', () => {
    fc.assert(
      fc.property(fc.integer({ min: 10, max: 99_999 }), written, words, words, (n, write, before, after) => {
        fc.pre(![10, 250, 1_250].includes(n) && !(n >= 1_900 && n < 2_100))
        const text = [...before, write(String(n)), ...after].join(' ')
        expect({ text, found: findings(text).length > 0 }).toEqual({ text, found: true })
      }),
      { numRuns: 500 },
    )
  })

  it('lets the catalogue’s own price pass in every form', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 9_999 }),
        fc.constantFrom<(n: number) => string>(
          (n) => `VIP ${n} TL`,
          (n) => `VIP ₺${n}`,
          (n) => `VIP ${n},00 lira`,
          (n) => `VIP ${n.toLocaleString('tr')} TL`,
          (n) => `VIP ${n.toLocaleString('en')} TRY`,
          (n) => `VIP ${n.toLocaleString('ar-EG')} ليرة`,
        ),
        (n, write) => {
          const catalogue = [{ name: 'VIP', priceMinor: n * 100, currency: 'TRY' }]
          const ground = prepareGround({ ...KNOWN, catalogue }, INSTRUCTIONS)
          expect({ text: write(n), findings: checkAnswer(write(n), ground, PLACE).findings }).toEqual({
            text: write(n),
            findings: [],
          })
        },
      ),
      { numRuns: 300 },
    )
  })

  it('is total: any text gives an answer that Telegram takes, or a finding', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
        const checked = checkAnswer(text, GROUND, PLACE)
        if (checked.findings.length === 0) expect(checked.text.trim()).not.toBe('')
        expect(checked.html.isWellFormed()).toBe(true)
      }),
      { numRuns: 300 },
    )
  })
})
