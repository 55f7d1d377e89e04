import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Update } from '@grammyjs/types'

export type ReceivedUpdate = { readonly update: Update; readonly headers: IncomingHttpHeaders }

/** What the receiver answers an update with; 200 without a body when it is undefined. */
export type Reply =
  | { readonly status?: number; readonly headers?: Record<string, string>; readonly body?: string }
  | undefined

/** A webhook on this machine that keeps what it gets and answers as told. */
export type Receiver = {
  readonly url: string
  readonly received: ReceivedUpdate[]
  /** Decides the answer to the next updates; may wait. */
  reply: (update: Update) => Reply | Promise<Reply>
  /** Resolves once `count` updates came in, counted from the start. */
  readonly waitFor: (count: number) => Promise<void>
  readonly close: () => Promise<void>
}

/** Starts a receiver on a free port. */
export async function startReceiver(): Promise<Receiver> {
  const waiting: { readonly count: number; readonly resolve: () => void }[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const update = JSON.parse(Buffer.concat(chunks).toString('utf8')) as Update
      receiver.received.push({ update, headers: request.headers })
      for (const waiter of waiting) if (receiver.received.length >= waiter.count) waiter.resolve()
      void Promise.resolve(receiver.reply(update)).then((reply) => {
        response.writeHead(reply?.status ?? 200, { 'content-type': 'application/json', ...reply?.headers })
        response.end(reply?.body ?? '')
      })
    })
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const receiver: Receiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    received: [],
    reply: () => undefined,
    waitFor: (count) =>
      new Promise((resolve) => {
        if (receiver.received.length >= count) resolve()
        else waiting.push({ count, resolve })
      }),
    async close() {
      server.closeAllConnections()
      await new Promise<void>((resolve) => {
        server.close(() => resolve())
      })
    },
  }
  return receiver
}
