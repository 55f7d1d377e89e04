import { type IncomingMessage, type ServerResponse, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

import type { FakeReply } from '#server/gateways/llm/adapters/fake/create-fake-model.ts'
import type { AnswerFormat } from '#server/gateways/llm/language-model.ts'

/** What a real server does now and then, beside what the fake can be told. */
export type ServerReply =
  | FakeReply
  /** Any body with any status and headers. */
  | {
      readonly kind: 'raw'
      readonly status?: number
      readonly body: string
      readonly headers?: Readonly<Record<string, string>>
    }
  /** Cuts the connection in the middle of the answer. */
  | { readonly kind: 'cut' }
  /** Sends the head of an answer, and never its body. */
  | { readonly kind: 'half' }
  /** Sends and sends. */
  | { readonly kind: 'endless' }

export interface SentCompletion {
  readonly path: string
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly body: {
    readonly model: string
    readonly messages: readonly { readonly role: string; readonly content: string }[]
    readonly max_tokens?: number
    readonly max_completion_tokens?: number
    readonly temperature?: number
    readonly response_format?: { readonly type: string }
  }
}

export interface ModelServer {
  /** Up to and including the version. */
  readonly baseUrl: string
  readonly received: SentCompletion[]
  /** What every following request is answered with; several are taken in turn, and the last one stays. */
  reply(...replies: readonly ServerReply[]): void
  /** What the server does not take from now on. */
  refuse(
    ...what: readonly (Exclude<AnswerFormat, 'text'> | 'max_tokens' | 'max_completion_tokens' | 'temperature')[]
  ): void
  /** Whether answers count their tokens. */
  countTokens(does: boolean): void
  close(): Promise<void>
}

const errorBody = (message: string, code: string | null, param: string | null = null) =>
  JSON.stringify({ error: { message, type: 'invalid_request_error', code, param } })

const json = (response: ServerResponse, status: number, body: string, headers: Record<string, string> = {}): void =>
  void response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body)

const completion = (message: object, finishReason: string, counts: boolean, text: string): string =>
  JSON.stringify({
    id: 'chatcmpl-1',
    object: 'chat.completion',
    created: 1,
    model: 'ornek',
    choices: [{ index: 0, message: { role: 'assistant', ...message }, finish_reason: finishReason }],
    ...(counts && { usage: { prompt_tokens: 21, completion_tokens: text.length, total_tokens: 21 + text.length } }),
  })

/** The first of what was asked for that the server does not take, said as servers say it. */
const refusalOf = ({ body }: SentCompletion, refused: ReadonlySet<string>): string | null => {
  const format = body.response_format?.type ?? ''
  if (refused.has(format))
    return errorBody(`'response_format' of type '${format}' is not supported`, null, 'response_format')
  const name = ['max_tokens', 'max_completion_tokens', 'temperature'].find((one) => one in body && refused.has(one))
  return name === undefined ? null : errorBody(`Unsupported parameter: '${name}'`, 'unsupported_parameter', name)
}

/** A server that speaks Chat Completions on a free port of this machine, as well or as badly as it is told. */
export const startModelServer = async (): Promise<ModelServer> => {
  const received: SentCompletion[] = []
  const refused = new Set<string>()
  let replies: ServerReply[] = [{ kind: 'text', text: '{"text":"Tamam."}' }]
  let counts = true

  const say = (response: ServerResponse, reply: ServerReply): void => {
    switch (reply.kind) {
      case 'value':
      case 'text': {
        const content = reply.kind === 'text' ? reply.text : JSON.stringify(reply.value)
        return json(response, 200, completion({ content }, 'stop', counts, content))
      }
      case 'cut_off':
        return json(response, 200, completion({ content: reply.text }, 'length', counts, reply.text))
      case 'refusal':
        return json(response, 200, completion({ content: null, refusal: 'Buna yanıt veremem.' }, 'stop', counts, ''))
      case 'html':
        return void response.writeHead(200, { 'content-type': 'text/html' }).end('<html><h1>Giriş yapın</h1></html>')
      case 'rate_limited': {
        const wait = reply.afterMs === null ? {} : { 'retry-after-ms': String(reply.afterMs) }
        return json(response, 429, errorBody('Rate limit reached', 'rate_limit_exceeded'), wait)
      }
      case 'rejected':
        return json(response, reply.status, errorBody('Incorrect API key provided: gizli-anahtar', 'invalid_api_key'))
      case 'down':
        return void response.writeHead(503, { 'content-type': 'text/html' }).end('<html>Service Unavailable</html>')
      case 'raw':
        return json(response, reply.status ?? 200, reply.body, { ...reply.headers })
      case 'cut':
        return void response
          .writeHead(200, { 'content-length': 1_000 })
          .write('{"id":"chatcmpl', () => response.socket?.destroy())
      case 'half':
        return void response.writeHead(200, { 'content-type': 'application/json' }).write('{"id":')
      case 'endless': {
        response.writeHead(200, { 'content-type': 'application/json' })
        const pour = () => {
          while (!response.destroyed && response.write(' '.repeat(256 * 1024)));
        }
        response.on('drain', pour)
        return pour()
      }
      case 'silent':
        return undefined
    }
  }

  const serve = (request: IncomingMessage, response: ServerResponse): void => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const body = JSON.parse(Buffer.concat(chunks).toString('utf8')) as SentCompletion['body']
      const sent = { path: request.url ?? '', headers: request.headers, body }
      received.push(sent)
      const refusal = refusalOf(sent, refused)
      if (refusal !== null) return json(response, 400, refusal)
      const reply = (replies.length > 1 ? replies.shift() : replies[0]) as ServerReply
      const delayMs = 'delayMs' in reply ? (reply.delayMs ?? 0) : 0
      if (delayMs > 0) setTimeout(() => say(response, reply), delayMs)
      else say(response, reply)
    })
  }

  const server = createServer(serve)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    received,
    reply: (...next) => {
      replies = [...next]
    },
    refuse: (...what) => {
      for (const one of what) refused.add(one)
    },
    countTokens: (does) => {
      counts = does
    },
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
