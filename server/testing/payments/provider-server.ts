import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

import type { RawCallback } from '#server/gateways/payments/payment-provider.ts'

export interface PeerRequest {
  readonly method: string
  readonly url: URL
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: string
}

export interface PeerAnswer {
  readonly status?: number
  readonly json: unknown
}

export interface ProviderServer {
  readonly apiRoot: string
  /** Callbacks in the order in which their causes happened; whoever tests delivers them as badly as wanted. */
  readonly callbacks: RawCallback[]
  /** Answers every request with 503 from now on, or no more. */
  setDown(isDown: boolean): void
  close(): Promise<void>
}

/** A payment provider's server on a free port; `answer` holds its state. */
export const startProviderServer = async (
  answer: (request: PeerRequest) => PeerAnswer | Promise<PeerAnswer>,
): Promise<ProviderServer> => {
  let down = false
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const reply = async (): Promise<PeerAnswer> => {
        if (down) return { status: 503, json: { error: { message: 'down', type: 'api_error' } } }
        return answer({
          method: request.method ?? 'GET',
          url: new URL(request.url ?? '/', 'http://peer'),
          headers: request.headers,
          body: Buffer.concat(chunks).toString('utf8'),
        })
      }
      void reply().then(
        ({ status = 200, json }) =>
          response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(json)),
        (error: unknown) => response.writeHead(500).end(String(error)),
      )
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    apiRoot: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    callbacks: [],
    setDown(isDown) {
      down = isDown
    },
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
