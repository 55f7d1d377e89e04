import { Agent, request } from 'undici'

export type WebhookSettings = {
  readonly url: string
  readonly secretToken: string | undefined
  /** 1–100 */
  readonly maxConnections: number
  readonly ipAddress: string | undefined
  readonly hasCertificate: boolean
}

/** How long the receiver may take to answer, in real ms. */
const ANSWER_TIMEOUT_MS = 60_000

export type WebhookAnswer = {
  readonly status: number
  readonly body: string
  /** Seconds of a Retry-After header; 0 without one. */
  readonly retryAfter: number
}

export type WebhookPoster = {
  readonly post: (json: string) => Promise<WebhookAnswer>
  readonly close: () => Promise<void>
}

/** Opens up to `maxConnections` kept-alive connections to a webhook. Certificates are not checked. */
export function createWebhookPoster(settings: WebhookSettings, signal: AbortSignal): WebhookPoster {
  const dispatcher = new Agent({ connections: settings.maxConnections, connect: { rejectUnauthorized: false } })
  const headers: Record<string, string> = { 'content-type': 'application/json' }
  if (settings.secretToken !== undefined) headers['x-telegram-bot-api-secret-token'] = settings.secretToken
  return {
    async post(body) {
      const timeouts = { headersTimeout: ANSWER_TIMEOUT_MS, bodyTimeout: ANSWER_TIMEOUT_MS }
      const response = await request(settings.url, { method: 'POST', body, headers, dispatcher, signal, ...timeouts })
      const retryAfter = Number(response.headers['retry-after'] ?? 0) || 0
      return { status: response.statusCode, body: await response.body.text(), retryAfter }
    },
    close: () => dispatcher.destroy(),
  }
}

/** The method call an answer's body may hold. Reading methods and changes of the webhook are ignored. */
export function readMethodInAnswer(
  body: string,
): { readonly method: string; readonly params: Record<string, unknown> } | null {
  if (!body.startsWith('{')) return null
  let parsed: unknown
  try {
    parsed = JSON.parse(body)
  } catch {
    return null
  }
  if (typeof parsed !== 'object' || parsed === null || !('method' in parsed)) return null
  const { method, ...params } = parsed
  if (typeof method !== 'string' || /^(get|(deletewebhook|setwebhook|close|logout)$)/i.test(method)) return null
  return { method, params }
}

/** What getWebhookInfo says about a request that got no answer. */
export function describeFailure(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (code === 'ECONNREFUSED') return 'Connection refused'
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'Failed to resolve host: Name or service not known'
  if (code === 'UND_ERR_HEADERS_TIMEOUT' || code === 'UND_ERR_BODY_TIMEOUT') return 'Read timeout expired'
  return 'Webhook connection closed'
}
