import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { z } from 'zod'

import { ManualClock, systemClock } from '#server/base/clock.ts'
import { HOUR_MS } from '#server/base/duration.ts'
import { type ModelServer, startModelServer } from '#server/testing/llm/start-model-server.ts'
import { itKeepsTheModelContract } from '#server/testing/suites/language-model.suite.ts'

import type { ModelEndpoint, ModelRequest } from '../../language-model.ts'
import { type OpenAiModel, createOpenAiModel } from './create-openai-model.ts'

const endpointOf = (server: ModelServer, over: Partial<ModelEndpoint> = {}): ModelEndpoint => ({
  baseUrl: server.baseUrl,
  apiKey: 'sk-deneme',
  model: 'ornek',
  ...over,
})

describe('createOpenAiModel, as every model', () => {
  itKeepsTheModelContract(async () => {
    const server = await startModelServer()
    const model = createOpenAiModel({ clock: systemClock, arePrivateAllowed: true })
    return {
      model,
      endpoint: endpointOf(server),
      reply: (reply) => server.reply(reply),
      shown: () => server.received.at(-1)?.body.messages ?? [],
      async close() {
        await model.destroy()
        await server.close()
      },
    }
  })
})

const schema = z.object({ text: z.string() })
const request = (over: Partial<ModelRequest<{ text: string }>> = {}): ModelRequest<{ text: string }> => ({
  messages: [
    { role: 'system', content: 'Kısa.' },
    { role: 'user', content: 'gizli söz' },
  ],
  shape: { name: 'reply', schema },
  outputTokensMax: 64,
  timeoutMs: 5_000,
  temperature: 0,
  ...over,
})

describe('createOpenAiModel', () => {
  let server: ModelServer
  let model: OpenAiModel
  const clock = new ManualClock(Date.UTC(2026, 5, 1))
  beforeEach(async () => {
    server = await startModelServer()
    model = createOpenAiModel({ clock, arePrivateAllowed: true })
  })
  afterEach(async () => {
    await model.destroy()
    await server.close()
  })
  const ask = (over?: Partial<ModelRequest<{ text: string }>>, endpoint = endpointOf(server)) =>
    model.ask(endpoint, request(over))
  const formats = () => server.received.map(({ body }) => body.response_format?.type ?? 'text')

  it('asks at the address given, with the key, the model and the strict schema, and with nothing of this machine', async () => {
    vi.stubEnv('OPENAI_ORG_ID', 'org-mine')
    vi.stubEnv('OPENAI_CUSTOM_HEADERS', 'x-mine: 1')
    await ask()
    vi.unstubAllEnvs()
    const [sent] = server.received
    expect(sent?.path).toBe('/v1/chat/completions')
    expect(sent?.headers['authorization']).toBe('Bearer sk-deneme')
    expect(sent?.body).toMatchObject({ model: 'ornek', max_tokens: 64, temperature: 0 })
    expect(sent?.body.response_format).toMatchObject({
      type: 'json_schema',
      json_schema: { name: 'reply', strict: true, schema: { additionalProperties: false, required: ['text'] } },
    })
    expect(Object.keys(sent?.headers ?? {}).filter((name) => /^x-|^openai|stainless/.test(name))).toEqual([])
  })

  it('sends no key to a server that asks for none', async () => {
    await ask({}, endpointOf(server, { apiKey: null }))
    expect(server.received[0]?.headers['authorization']).toBeUndefined()
  })

  it('goes on in a plainer format when one is refused, tells the model the shape, and remembers', async () => {
    server.refuse('json_schema', 'json_object')
    expect(await ask()).toMatchObject({ kind: 'answered', format: 'text', value: { text: 'Tamam.' } })
    expect(formats()).toEqual(['json_schema', 'json_object', 'text'])
    expect(server.received[2]?.body.messages[0]?.content).toMatch(/^Kısa\.\n\nAnswer with one JSON object.*"text"/s)
    await ask()
    expect(formats()).toHaveLength(4)
    await clock.advance(7 * HOUR_MS)
    await ask()
    expect(formats().slice(4)).toEqual(['json_schema', 'json_object', 'text'])
  })

  it('goes on in a plainer format when an answer is not in the shape, and counts what both cost', async () => {
    server.reply({ kind: 'text', text: 'Tamam.' }, { kind: 'text', text: '{"text":"Evet"}' })
    expect(await ask()).toEqual({
      kind: 'answered',
      value: { text: 'Evet' },
      format: 'json_object',
      usage: { input: 42, output: 21 },
    })
  })

  it('asks no second time when that might cost more than it may', async () => {
    server.reply({ kind: 'text', text: 'Tamam.' })
    expect(await ask({ tokensMax: 100 })).toEqual({ kind: 'unusable', usage: { input: 21, output: 6 } })
    expect(server.received).toHaveLength(1)
  })

  it('asks without what a server does not take, and remembers', async () => {
    server.refuse('max_tokens', 'temperature')
    expect(await ask()).toMatchObject({ kind: 'answered', format: 'json_schema' })
    await ask()
    expect(server.received.at(-1)?.body).toMatchObject({ max_completion_tokens: 64 })
    expect(server.received.at(-1)?.body).not.toHaveProperty('temperature')
    expect(server.received).toHaveLength(4)
  })

  it('gives up on a server that takes none of it', async () => {
    server.refuse('json_schema', 'json_object', 'max_tokens', 'max_completion_tokens')
    expect(await ask()).toMatchObject({ kind: 'rejected', status: 400 })
    expect(server.received.length).toBeLessThanOrEqual(6)
  })

  it('never repeats a call by itself', async () => {
    for (const reply of [{ kind: 'down' }, { kind: 'rate_limited', afterMs: 10 }, { kind: 'cut' }] as const) {
      server.reply(reply)
      await ask()
    }
    expect(server.received).toHaveLength(3)
  })

  it.each([
    ['retry-after in seconds', { 'retry-after': '7' }, 7_000],
    ['retry-after as a date', { 'retry-after': 'Mon, 01 Jun 2026 00:00:30 GMT' }, 30_000],
    ['an unreadable retry-after', { 'retry-after': 'soon' }, null],
    ['a retry-after of a year', { 'retry-after': '31536000' }, HOUR_MS],
  ])('reads %s', async (_, headers, afterMs) => {
    await clock.advance(Math.max(0, Date.UTC(2026, 5, 1) - clock.now()))
    const fresh = createOpenAiModel({ clock: new ManualClock(Date.UTC(2026, 5, 1)), arePrivateAllowed: true })
    server.reply({ kind: 'raw', status: 429, body: '{"error":{"message":"slow"}}', headers })
    expect(await fresh.ask(endpointOf(server), request())).toEqual({ kind: 'rate_limited', afterMs })
    await fresh.destroy()
  })

  it('does not wait for an account that is used up', async () => {
    const body =
      '{"error":{"message":"You exceeded your quota","code":"insufficient_quota","type":"insufficient_quota"}}'
    server.reply({ kind: 'raw', status: 429, body })
    expect(await ask()).toEqual({ kind: 'rejected', status: 429, cause: 'insufficient_quota' })
  })

  it.each([
    ['no choices', '{"choices":[],"usage":{"prompt_tokens":5,"completion_tokens":0}}', 'unusable'],
    ['choices that are none', '{"choices":"x"}', 'unusable'],
    ['a message that is none', '{"choices":[{"message":7}]}', 'unusable'],
    ['an array', '[]', 'unusable'],
    ['a bare word', 'ok', 'unreachable'],
    ['nothing at all', '', 'unreachable'],
  ])('tells %s from an answer', async (_, body, kind) => {
    server.reply({ kind: 'raw', body })
    expect(await ask()).toMatchObject({ kind })
  })

  it('takes a filtered answer for a refusal, whether it says so in the end or at the start', async () => {
    const body = '{"choices":[{"finish_reason":"content_filter","message":{"content":""}}]}'
    server.reply({ kind: 'raw', body })
    expect(await ask()).toMatchObject({ kind: 'refused' })
    server.reply({ kind: 'raw', status: 400, body: '{"error":{"message":"filtered","code":"content_filter"}}' })
    expect(await ask()).toMatchObject({ kind: 'refused' })
  })

  it('guesses tokens by the characters where the server does not count, or counts in words', async () => {
    server.countTokens(false)
    expect(await ask()).toMatchObject({ usage: { input: 5, output: 6 } })
    const message = '{"message":{"content":"{\\"text\\":\\"a\\"}"}}'
    server.reply({
      kind: 'raw',
      body: `{"choices":[${message}],"usage":{"prompt_tokens":"çok","completion_tokens":-4}}`,
    })
    expect(await ask()).toMatchObject({ kind: 'answered', usage: { input: 5, output: 4 } })
  })

  it.each(['cut', 'endless'] as const)('lets go of an answer that is %s', async (kind) => {
    server.reply({ kind })
    expect(await ask()).toMatchObject({ kind: 'unreachable' })
  })

  it('waits for a body no longer than for its head', async () => {
    server.reply({ kind: 'half' })
    expect(await ask({ timeoutMs: 100 })).toEqual({ kind: 'timeout' })
  })

  it('follows no redirection and finds nobody where nobody listens', async () => {
    server.reply({ kind: 'raw', status: 302, body: '', headers: { location: server.baseUrl } })
    expect(await ask()).toMatchObject({ kind: 'unreachable' })
    expect(server.received).toHaveLength(1)
    await server.close()
    expect(await ask()).toEqual({ kind: 'unreachable', cause: 'ECONNREFUSED' })
  })

  it('never says what was asked, or the key, when it tells why', async () => {
    const body = '{"error":{"message":"bad request: gizli söz","code":"gizli söz sk-deneme","type":null}}'
    server.reply({ kind: 'raw', status: 400, body })
    const said = JSON.stringify(await ask())
    expect(said).toContain('status 400')
    expect(said).not.toMatch(/gizli|sk-/)
  })

  it('speaks a shape that has no strict form in the next plainer format', async () => {
    const loose = z.object({ text: z.string(), note: z.string().optional() })
    await model.ask(endpointOf(server), { ...request(), shape: { name: 'loose', schema: loose } })
    expect(formats()).toEqual(['json_object'])
  })
})

describe('createOpenAiModel, for tenants', () => {
  const guarded = (addresses: readonly string[]) =>
    createOpenAiModel({
      clock: systemClock,
      resolve: (_hostname, _options, done) =>
        done(
          null,
          addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
        ),
    })

  it.each([
    ['http://api.example.com/v1', 'not_https'],
    ['https://127.0.0.1/v1', 'private_address'],
    ['https://[::1]/v1', 'private_address'],
    ['https://2130706433/v1', 'private_address'],
    ['https://localhost:8000/v1', 'private_address'],
    ['ftp://api.example.com', 'not_an_address'],
  ])('does not even look for %s', async (baseUrl, cause) => {
    const model = guarded(['93.184.215.14'])
    expect(await model.ask({ baseUrl, apiKey: null, model: 'm' }, request())).toEqual({
      kind: 'rejected',
      status: 0,
      cause,
    })
    await model.destroy()
  })

  it.each([
    ['an address of the own machine', ['127.0.0.1']],
    ['the metadata of a cloud', ['169.254.169.254']],
    ['a private address beside a public one', ['93.184.215.14', '10.0.0.5']],
    ['a private address of version 6', ['fd00::1']],
    ['a mapped address', ['::ffff:10.0.0.1']],
  ])('refuses a name that leads to %s when it connects', async (_, addresses) => {
    const server = await startModelServer()
    const model = guarded(addresses)
    const { port } = new URL(server.baseUrl)
    const endpoint = { baseUrl: `https://model.example:${port}/v1`, apiKey: null, model: 'm' }
    expect(await model.ask(endpoint, request())).toEqual({ kind: 'unreachable', cause: 'PRIVATE_ADDRESS' })
    expect(server.received).toEqual([])
    await model.destroy()
    await server.close()
  })

  it("lets the operator's own endpoint lie on this network", async () => {
    const server = await startModelServer()
    const model = guarded([])
    expect(await model.ask(endpointOf(server, { isOperators: true }), request())).toMatchObject({ kind: 'answered' })
    await model.destroy()
    await server.close()
  })
})
