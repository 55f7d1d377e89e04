import { type IncomingHttpHeaders, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

import { afterAll } from 'vitest'

export interface ReceivedWebhook {
  readonly id: string
  readonly headers: Readonly<Record<string, string>>
  /** As it came, to be verified. */
  readonly body: string
}

export interface WebhookReceiver {
  readonly url: string
  readonly received: readonly ReceivedWebhook[]
  /** The statuses of the answers to come, in order; the last one stays. */
  answer(...statuses: readonly number[]): void
  /** How long an answer takes, in ms. */
  delay(ms: number): void
  /** Headers of every answer. */
  say(headers: Readonly<Record<string, string>>): void
}

const textsOf = (headers: IncomingHttpHeaders): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]))

/** A server of somebody else that receives webhooks, on a free port of this machine; closed when the file's tests end. */
export const openWebhookReceiver = async (): Promise<WebhookReceiver> => {
  const received: ReceivedWebhook[] = []
  let statuses: number[] = [204]
  let waitMs = 0
  let said: Readonly<Record<string, string>> = {}
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const headers = textsOf(request.headers)
      received.push({ id: headers['webhook-id'] ?? '', headers, body: Buffer.concat(chunks).toString('utf8') })
      const status = (statuses.length > 1 ? statuses.shift() : statuses[0]) ?? 204
      void sleep(waitMs).then(() => response.writeHead(status, said).end())
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  afterAll(() => {
    server.closeAllConnections()
    server.close()
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/in`,
    received,
    answer: (...next) => void (statuses = [...next]),
    delay: (ms) => void (waitMs = ms),
    say: (headers) => void (said = headers),
  }
}
