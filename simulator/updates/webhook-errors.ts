import { STATUS_CODES } from 'node:http'

export type WebhookError = {
  readonly message: string
  /** Epoch ms. */
  readonly at: number
}

export type WebhookErrors = {
  readonly last: () => WebhookError | null
  readonly note: (message: string, now: number) => void
  /** Notes an answer other than 2xx. */
  readonly noteStatus: (status: number, now: number) => void
  /** An update was taken: a run of 410 answers is over. */
  readonly forgive: () => void
}

/** A webhook that answers 410 for this long is removed (WebhookActor.cpp, WEBHOOK_DROP_TIMEOUT). */
const GONE_AFTER_MS = 23 * 3_600_000

/** Remembers a webhook's last error for getWebhookInfo and notices when it is gone for good. */
export function createWebhookErrors(onGone: () => void): WebhookErrors {
  let last: WebhookError | null = null
  let goneSince: number | null = null
  return {
    last: () => last,
    note(message, now) {
      last = { message, at: now }
    },
    noteStatus(status, now) {
      last = { message: `Wrong response from the webhook: ${status} ${STATUS_CODES[status] ?? ''}`.trimEnd(), at: now }
      if (status !== 410) goneSince = null
      else if (goneSince === null) goneSince = now
      else if (now > goneSince + GONE_AFTER_MS) onGone()
    },
    forgive() {
      goneSince = null
    },
  }
}
