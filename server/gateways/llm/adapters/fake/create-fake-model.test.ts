import { describe, expect, it } from 'vitest'
import { z } from 'zod'

import { ManualClock } from '#server/base/clock.ts'
import { itKeepsTheModelContract } from '#server/testing/suites/language-model.suite.ts'

import { createFakeModel, quoting, saying } from './create-fake-model.ts'

const ENDPOINT = { baseUrl: 'https://model.example/v1', apiKey: null, model: 'ornek' }

describe('createFakeModel, as every model', () => {
  itKeepsTheModelContract(async () => {
    const model = createFakeModel()
    return {
      model,
      endpoint: ENDPOINT,
      reply: (reply) => model.answer({ otherwise: reply }),
      shown: () => model.asked.at(-1)?.request.messages ?? [],
      close: async () => undefined,
    }
  })
})

describe('createFakeModel', () => {
  const schema = z.object({
    text: z.string().max(10),
    confidence: z.number().min(0).max(1),
    mood: z.enum(['calm', 'angry']),
    wantsPerson: z.boolean(),
    note: z.string().nullable(),
    lines: z.array(z.string()).min(2),
  })
  const ask = (model: ReturnType<typeof createFakeModel>, name = 'reply') =>
    model.ask(ENDPOINT, {
      messages: [{ role: 'user', content: 'Merhaba' }],
      shape: { name, schema },
      outputTokensMax: 50,
      timeoutMs: 1_000,
    })

  it('fills any shape with what it is told to say', async () => {
    expect(await ask(createFakeModel({ otherwise: saying('Uzun bir yanıt') }))).toMatchObject({
      value: { text: 'Uzun bir y', confidence: 0.9, mood: 'calm', wantsPerson: false, note: null },
    })
  })

  it('answers each shape by its own script, and quotes a price it made up', async () => {
    const model = createFakeModel({ answers: { offer: quoting('199 ₺'), reply: { kind: 'refusal' } } })
    expect(await ask(model)).toMatchObject({ kind: 'refused' })
    expect(JSON.stringify(await ask(model, 'offer'))).toContain('Size özel')
  })

  it('takes its time on the clock it is given', async () => {
    const clock = new ManualClock(0)
    const asking = ask(createFakeModel({ clock, latencyMs: 300 }))
    let isAnswered = false
    void asking.then(() => (isAnswered = true))
    await clock.advance(299)
    expect(isAnswered).toBe(false)
    await clock.advance(1)
    expect(await asking).toMatchObject({ kind: 'answered' })
  })
})
