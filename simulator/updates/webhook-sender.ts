import { Agent, request } from 'undici'
import { STATUS_CODES } from 'node:http'
import type { SimulatorClock } from '#simulator/clock.ts'
import type { Random } from '#simulator/random.ts'
import type { QueuedUpdate, UpdateQueue } from '#simulator/updates/queue.ts'
import { createLanes, type Lane } from '#simulator/updates/webhook-queues.ts'

export type WebhookSettings = {
  readonly url: string
  readonly secretToken: string | undefined
  /** 1–100 */
  readonly maxConnections: number
  readonly ipAddress: string | undefined
  readonly hasCertificate: boolean
}

export type WebhookSender = {
  readonly settings: WebhookSettings
  readonly lastError: () => { readonly message: string; readonly at: number } | null
  /** A pending or recently delivered update; the latest delivered one when no id is given. */
  readonly findUpdate: (updateId: number | undefined) => QueuedUpdate | null
  /** Sends an update once more, outside of its queue: a duplicate delivery. Resolves with the HTTP status. */
  readonly sendAgain: (json: string) => Promise<number>
  /** Stops sending; requests under way are cut. */
  readonly close: () => Promise<void>
}

export type WebhookSenderDeps = {
  readonly clock: SimulatorClock
  readonly random: Random
  /** Runs a method call found in an answer's body. */
  readonly callMethod: (method: string, params: Record<string, unknown>) => void
  /** Told when 410 was answered for 23 hours: Telegram then removes the webhook. */
  readonly onGone: () => void
}

/** How long the receiver may take to answer, in real ms. */
const ANSWER_TIMEOUT_MS = 60_000
/** Delivered updates that can be sent once more. */
const REMEMBERED_UPDATES = 100
const GONE_AFTER_MS = 23 * 3_600_000

/** Delivers a bot's updates to its webhook by real HTTP POSTs until closed. */
export function startWebhookSender(
  deps: WebhookSenderDeps,
  queue: UpdateQueue,
  settings: WebhookSettings,
): WebhookSender {
  const { clock, random } = deps
  const stop = new AbortController()
  const agent = new Agent({ connections: settings.maxConnections, connect: { rejectUnauthorized: false } })
  const lanes = createLanes(queue, random, clock.now())
  let running = 0
  let sleeping: AbortController | null = null
  let lastError: { readonly message: string; readonly at: number } | null = null
  let firstGoneAt = 0
  const delivered: QueuedUpdate[] = []

  function pump(): void {
    if (stop.signal.aborted) return
    const now = clock.now()
    for (const lane of lanes.ready(now, settings.maxConnections - running)) {
      running += 1
      lane.isBusy = true
      void deliver(lane).finally(() => {
        running -= 1
        lane.isBusy = false
        pump()
      })
    }
    sleepUntilNext(now)
  }

  function sleepUntilNext(now: number): void {
    sleeping?.abort()
    sleeping = null
    const wakeAt = lanes.nextWakeAt(now)
    if (wakeAt === null) return
    const mine = new AbortController()
    sleeping = mine
    clock.sleep(wakeAt - now, mine.signal).then(pump, () => undefined)
  }

  async function deliver(lane: Lane): Promise<void> {
    const update = lane.updates[0]
    if (!update) return
    try {
      const answer = await post(update.json)
      if (stop.signal.aborted) return
      const now = clock.now()
      if (answer.status >= 200 && answer.status <= 299) {
        firstGoneAt = 0
        lanes.acknowledge(lane, now)
        delivered.push(update)
        if (delivered.length > REMEMBERED_UPDATES) delivered.shift()
        runMethodInAnswer(answer.body)
        return
      }
      const reason = STATUS_CODES[answer.status] ?? ''
      noteError(`Wrong response from the webhook: ${answer.status} ${reason}`, now)
      noteGone(answer.status, now)
      lanes.fail(lane, answer.retryAfter, now)
    } catch (error) {
      if (stop.signal.aborted) return
      const now = clock.now()
      noteError(describeFailure(error), now)
      lanes.fail(lane, 0, now)
    }
  }

  async function post(
    json: string,
  ): Promise<{ readonly status: number; readonly body: string; readonly retryAfter: number }> {
    const headers: Record<string, string> = { 'content-type': 'application/json' }
    if (settings.secretToken !== undefined) headers['x-telegram-bot-api-secret-token'] = settings.secretToken
    const response = await request(settings.url, {
      method: 'POST',
      body: json,
      headers,
      dispatcher: agent,
      signal: stop.signal,
      headersTimeout: ANSWER_TIMEOUT_MS,
      bodyTimeout: ANSWER_TIMEOUT_MS,
    })
    const body = await response.body.text()
    return { status: response.statusCode, body, retryAfter: Number(response.headers['retry-after'] ?? 0) || 0 }
  }

  function noteError(message: string, at: number): void {
    lastError = { message, at }
  }

  function noteGone(status: number, now: number): void {
    if (status !== 410) firstGoneAt = 0
    else if (firstGoneAt === 0) firstGoneAt = now
    else if (now > firstGoneAt + GONE_AFTER_MS) deps.onGone()
  }

  /** The body may hold one call; reading methods and webhook changes are ignored, its outcome is never reported. */
  function runMethodInAnswer(body: string): void {
    if (!body.startsWith('{')) return
    let parsed: unknown
    try {
      parsed = JSON.parse(body)
    } catch {
      return
    }
    if (typeof parsed !== 'object' || parsed === null || !('method' in parsed)) return
    const { method, ...params } = parsed
    if (typeof method !== 'string' || /^(get|(deletewebhook|setwebhook|close|logout)$)/i.test(method)) return
    deps.callMethod(method, params)
  }

  queue.onPush = (update: QueuedUpdate) => {
    lanes.add(update, clock.now())
    pump()
  }
  pump()

  return {
    settings,
    lastError: () => lastError,
    findUpdate: (updateId) =>
      updateId === undefined
        ? (delivered.at(-1) ?? null)
        : (queue.pending.get(updateId) ?? delivered.find(({ id }) => id === updateId) ?? null),
    sendAgain: async (json) => (await post(json)).status,
    async close() {
      queue.onPush = null
      stop.abort(new Error('the webhook was closed'))
      sleeping?.abort()
      await agent.destroy()
    },
  }
}

function describeFailure(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (code === 'ECONNREFUSED') return 'Connection refused'
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'Failed to resolve host: Name or service not known'
  if (code === 'UND_ERR_HEADERS_TIMEOUT' || code === 'UND_ERR_BODY_TIMEOUT') return 'Read timeout expired'
  return 'Webhook connection closed'
}
