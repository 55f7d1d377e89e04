import { describe, expect, it } from 'vitest'

import { hasAdLabel } from './advert.rules.ts'
import { lintTemplate } from './lint.rules.ts'

describe('hasAdLabel', () => {
  it.each([
    ['Reklam: yaz indirimi', 'tr'],
    ['REKLAM – yaz indirimi', 'tr'],
    ['📣 reklam | yaz indirimi', 'tr'],
    ['Yaz indirimi #reklam', 'tr'],
    ['Summer sale #ad', 'en'],
    ['Advertisement: summer sale', 'en'],
    ['Summer sale #reklam', 'en'],
    ['Летняя скидка #реклама', 'ru'],
    ['إعلان: تخفيضات', 'ar'],
  ] as const)('takes %j for labelled', (text, locale) => {
    expect(hasAdLabel(text, locale)).toBe(true)
  })

  it.each([
    ['Yaz indirimi', 'tr'],
    ['Reklamsız izleyin', 'tr'],
    ['Bu bir reklam değil sanki', 'tr'],
    ['Yaz #reklamsız', 'tr'],
    ['Additional offers', 'en'],
    ['', 'tr'],
  ] as const)('does not take %j for labelled', (text, locale) => {
    expect(hasAdLabel(text, locale)).toBe(false)
  })
})

describe('lintTemplate', () => {
  const lint = (text: string, isAdvert: boolean) =>
    lintTemplate(
      {
        messageClass: 'commercial',
        variants: [{ name: 'a', locale: 'tr', text, media: null, buttons: [], weight: 1 }],
      },
      { senderName: 'Deneme', isAdvert },
    ).map((finding) => finding.code)

  it('wants the label of what is sent as advertising, and of nothing else', () => {
    expect(lint('Deneme: indirim {{opt_out}}', true)).toEqual(['ad_label_missing'])
    expect(lint('Deneme: indirim {{opt_out}}', false)).toEqual([])
    expect(lint('#reklam Deneme: indirim {{opt_out}}', true)).toEqual([])
  })
})
