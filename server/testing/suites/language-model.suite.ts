import { afterEach, beforeEach, expect, it } from 'vitest'
import { z } from 'zod'

import type { FakeReply } from '#server/gateways/llm/adapters/fake/create-fake-model.ts'
import type { LanguageModel, ModelEndpoint, ModelRequest } from '#server/gateways/llm/language-model.ts'

export interface ModelWorld {
  readonly model: LanguageModel
  readonly endpoint: ModelEndpoint
  /** What the model answers from now on. */
  reply(reply: FakeReply): void
  /** The messages of the latest question, as the model was shown them. */
  shown(): readonly { readonly role: string; readonly content: string }[]
  close(): Promise<void>
}

const schema = z.object({ text: z.string(), confidence: z.number().min(0).max(1) })
type Answer = z.infer<typeof schema>

const VALUE: Answer = { text: 'Merhaba, kargo 2 gün sürer.', confidence: 0.8 }

const request = (over: Partial<ModelRequest<Answer>> = {}): ModelRequest<Answer> => ({
  messages: [
    { role: 'system', content: 'Kısa yanıt ver.' },
    { role: 'user', content: 'Kargo kaç gün?' },
    { role: 'assistant', content: 'Hangi şehre?' },
    { role: 'user', content: 'Ankara' },
  ],
  shape: { name: 'reply', schema },
  outputTokensMax: 200,
  timeoutMs: 5_000,
  ...over,
})

/** What every language model must do; called inside the `describe` of each adapter's own test. */
export const itKeepsTheModelContract = (open: () => Promise<ModelWorld>): void => {
  let world: ModelWorld
  beforeEach(async () => {
    world = await open()
  })
  afterEach(() => world.close())
  const ask = (over?: Partial<ModelRequest<Answer>>) => world.model.ask(world.endpoint, request(over))

  it('answers in the shape, and says what it cost', async () => {
    world.reply({ kind: 'value', value: VALUE })
    const result = await ask()
    expect(result).toMatchObject({ kind: 'answered', value: VALUE, format: 'json_schema' })
    expect(result).toHaveProperty(
      'usage.input',
      expect.toSatisfy((n: number) => n > 0),
    )
    expect(result).toHaveProperty(
      'usage.output',
      expect.toSatisfy((n: number) => n > 0),
    )
  })

  it('shows the model every message in its order', async () => {
    world.reply({ kind: 'value', value: VALUE })
    await ask()
    expect(world.shown()).toEqual(request().messages)
  })

  it.each([
    ['a fence', `Elbette!\n\`\`\`json\n${JSON.stringify(VALUE)}\n\`\`\``],
    ['thoughts', `<think>{"text":"taslak","confidence":1}</think>${JSON.stringify(VALUE)}`],
    ['words with braces', `{şöyle diyelim} ${JSON.stringify(VALUE)} umarım olur {}`],
  ])('finds the answer in %s', async (_, text) => {
    world.reply({ kind: 'text', text })
    expect(await ask()).toMatchObject({ kind: 'answered', value: VALUE })
  })

  it.each([
    ['another shape', '{"text":5,"confidence":0.5}'],
    ['a number beyond its bounds', '{"text":"a","confidence":7}'],
    ['no object', 'Kargo iki gün sürer.'],
    ['half an object', '{"text":"Merhaba'],
    ['rubbish', '{'.repeat(5_000)],
    ['nothing', ''],
  ])('tells that %s is of no use, and what it cost', async (_, text) => {
    world.reply({ kind: 'text', text })
    expect(await ask()).toMatchObject({ kind: 'unusable', usage: { input: expect.any(Number) as number } })
  })

  it('tells a cut-off answer from a whole one', async () => {
    world.reply({ kind: 'cut_off', text: '{"text":"Merhaba, kar' })
    expect(await ask()).toMatchObject({ kind: 'unusable' })
  })

  it('tells that the model declined', async () => {
    world.reply({ kind: 'refusal' })
    expect(await ask()).toMatchObject({ kind: 'refused' })
  })

  it.each([1_500, null])('says how long a server asks to wait: %s', async (afterMs) => {
    world.reply({ kind: 'rate_limited', afterMs })
    expect(await ask()).toEqual({ kind: 'rate_limited', afterMs })
  })

  it('takes a page for no model', async () => {
    world.reply({ kind: 'html' })
    expect(await ask()).toMatchObject({ kind: 'unreachable' })
  })

  it('tells a server that is down from one that does not accept', async () => {
    world.reply({ kind: 'down' })
    expect(await ask()).toMatchObject({ kind: 'unreachable' })
    world.reply({ kind: 'rejected', status: 401 })
    expect(await ask()).toMatchObject({ kind: 'rejected', status: 401 })
  })

  it('waits no longer than it is told', async () => {
    world.reply({ kind: 'silent' })
    expect(await ask({ timeoutMs: 80 })).toEqual({ kind: 'timeout' })
    world.reply({ kind: 'value', value: VALUE, delayMs: 2_000 })
    expect(await ask({ timeoutMs: 80 })).toEqual({ kind: 'timeout' })
  })

  it('lets go when whoever asks does', async () => {
    world.reply({ kind: 'silent' })
    const stop = new AbortController()
    const asking = ask({ signal: stop.signal })
    setTimeout(() => stop.abort(), 30)
    expect(await asking).toEqual({ kind: 'timeout' })
    expect(await ask({ signal: stop.signal })).toEqual({ kind: 'timeout' })
  })

  it('answers a hundred that take 300 ms at once in much less than a hundred times that', async () => {
    world.reply({ kind: 'value', value: VALUE, delayMs: 300 })
    const startedAt = performance.now()
    const results = await Promise.all(Array.from({ length: 100 }, () => ask()))
    expect(results.every(({ kind }) => kind === 'answered')).toBe(true)
    expect(performance.now() - startedAt).toBeLessThan(4_000)
  })
}
