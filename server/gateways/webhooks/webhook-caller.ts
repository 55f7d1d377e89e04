import type { WebhookFault } from '#contract/words.ts'

/** One call to an endpoint of a tenant: what is posted, exactly. */
export interface WebhookCall {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/**
 * How a call ended: the status of the answer, whose text is not kept, and how long it asks to wait (null when it does
 * not); or why there is none.
 */
export type WebhookResult =
  | {
      readonly kind: 'answered'
      readonly status: number
      readonly retryAfterMs: number | null
      readonly latencyMs: number
    }
  | { readonly kind: 'unanswered'; readonly fault: WebhookFault; readonly latencyMs: number }

/** Posts to endpoints of tenants. Redirects are not followed; an answer counts by its status alone. */
export interface WebhookCaller {
  call(call: WebhookCall): Promise<WebhookResult>
}
