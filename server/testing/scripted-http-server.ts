import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { IncomingMessage, ServerResponse } from 'node:http'

export interface ReceivedRequest {
  readonly path: string
  readonly body: string
}

/** What to do with one request. `reset_unread` cuts the connection before its body is read, `reset` after. */
export type ScriptedAnswer =
  | { readonly kind: 'answer'; readonly status: number; readonly body: string }
  | { readonly kind: 'reset_unread' }
  | { readonly kind: 'reset' }
  /** Cuts the connection in the middle of the answer. */
  | { readonly kind: 'half_an_answer' }
  | { readonly kind: 'silence' }

export interface ScriptedHttpServer {
  readonly origin: string
  /** Requests whose body arrived in full, oldest first. */
  readonly received: readonly ReceivedRequest[]
  /** What the following requests meet, in order; the last one stays. */
  script(...answers: readonly ScriptedAnswer[]): void
  /** Resolves when `count` requests have arrived in full since the start. */
  arrived(count: number): Promise<void>
  close(): Promise<void>
}

/** A server on a free port of this machine that answers exactly as told, for what a real peer does only by accident. */
export const startScriptedHttpServer = async (): Promise<ScriptedHttpServer> => {
  const received: ReceivedRequest[] = []
  const waiting: { readonly count: number; readonly resolve: () => void }[] = []
  let answers: ScriptedAnswer[] = [{ kind: 'answer', status: 200, body: '{"ok":true,"result":true}' }]

  const serve = (request: IncomingMessage, response: ServerResponse) => {
    const answer = (answers.length > 1 ? answers.shift() : answers[0])!
    if (answer.kind === 'reset_unread') return request.socket.resetAndDestroy()
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      received.push({ path: request.url ?? '', body: Buffer.concat(chunks).toString('utf8') })
      for (const waiter of waiting) if (received.length >= waiter.count) waiter.resolve()
      if (answer.kind === 'reset') request.socket.resetAndDestroy()
      if (answer.kind === 'answer') response.writeHead(answer.status).end(answer.body)
      if (answer.kind === 'half_an_answer') {
        response.writeHead(200, { 'content-length': 1_000 }).write('{"ok":true,', () => request.socket.destroy())
      }
    })
  }

  const server = createServer(serve)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    origin: `http://127.0.0.1:${port}`,
    received,
    script: (...next) => {
      answers = [...next]
    },
    arrived: (count) =>
      new Promise((resolve) => {
        if (received.length >= count) resolve()
        else waiting.push({ count, resolve })
      }),
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
