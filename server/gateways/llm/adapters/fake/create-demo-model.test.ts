import { describe, expect, it } from 'vitest'
import { z } from 'zod'

import { replySchema, replySystem } from '#server/modules/conversations/answering/reply-prompt.rules.ts'

import { createDemoModel } from './create-demo-model.ts'

const ENDPOINT = { baseUrl: 'demo://model', apiKey: null, model: 'demo' }
const SYSTEM = replySystem({
  persona: {
    displayName: 'Moda',
    tone: 'samimi',
    style: 'kısa',
    language: 'tr',
    facts: {
      catalogue: [
        { name: 'Deri çanta', priceMinor: 125_000, currency: 'TRY' },
        { name: 'Kemer', priceMinor: 35_000, currency: 'TRY' },
      ],
      faq: [{ question: 'Kargo kaç günde gelir?', answer: 'İki iş günü içinde.' }],
      notes: ['Atölye pazar günleri kapalıdır.'],
    },
    doNots: ['Çanta hediye etme.'],
    greeting: 'Merhaba!',
    menu: [],
    sampleReplies: [],
  },
  senderName: 'Moda Atölyesi',
  locale: 'tr',
  passages: [],
})

const ask = async (content: string) => {
  const result = await createDemoModel().ask(ENDPOINT, {
    messages: [
      { role: 'system', content: SYSTEM },
      { role: 'user', content: `<contact>${content}</contact>` },
    ],
    shape: { name: 'reply', schema: replySchema },
    outputTokensMax: 200,
    timeoutMs: 5_000,
  })
  if (result.kind !== 'answered') throw new Error(result.kind)
  return result.value
}

describe('createDemoModel', () => {
  it.each([
    ['Çantanın fiyatı ne kadar?', '(demo) Deri çanta: 1250 TRY'],
    ['fiyatlar?', '(demo) Deri çanta: 1250 TRY · Kemer: 350 TRY'],
    ['kargom ne zaman gelir', '(demo) İki iş günü içinde.'],
    ['Pazar açık mısınız', '(demo) Atölye pazar günleri kapalıdır.'],
    ['Merhaba', '(demo) Merhaba! Size nasıl yardımcı olabilirim?'],
  ])('answers "%s" from the facts, with its label', async (asked, text) => {
    expect(await ask(asked)).toMatchObject({ text, language: 'tr', needsHuman: false, confidence: 90 })
  })

  it('does not know what the facts do not say, and asks for a person', async () => {
    expect(await ask('Uzay gemisi satıyor musunuz')).toMatchObject({ needsHuman: true, confidence: 20 })
  })

  it('declines whatever is no conversation', async () => {
    const shape = { name: 'segments', schema: z.object({ segment: z.enum(['HOT_LEAD']) }) }
    const request = { messages: [], shape, outputTokensMax: 10, timeoutMs: 5_000 }
    expect(await createDemoModel().ask(ENDPOINT, request)).toMatchObject({ kind: 'refused' })
  })
})
