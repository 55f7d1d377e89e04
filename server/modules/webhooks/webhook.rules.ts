import { createHmac, randomBytes } from 'node:crypto'

import {
  WEBHOOK_KINDS,
  type WebhookDeliveryState,
  type WebhookDisabling,
  type WebhookFault,
  type WebhookKind,
  type WebhookState,
} from '#contract/words.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '#server/base/duration.ts'
import { invalid } from '#server/base/errors.ts'

/** What is sent when somebody asks whether an endpoint works; nobody chooses it. */
export const TEST_KIND = 'webhook.test'

/** So many endpoints a tenant may have. */
export const ENDPOINTS_MAX = 10

/** How long the secret of before signs beside the new one. */
export const ROTATION_MS = DAY_MS

/** After failing for so long without one success an endpoint is given up. */
const GIVE_UP_MS = 3 * DAY_MS

/** A call that nobody ended within this time was cut off with its process. */
export const CLAIM_MS = MINUTE_MS

/** An endpoint as people see it; its secret is shown once and then to nobody. Instants are epoch ms. */
export interface WebhookEndpoint {
  readonly id: number
  readonly name: string
  readonly url: string
  readonly kinds: readonly WebhookKind[]
  readonly state: WebhookState
  readonly disabledReason: WebhookDisabling | null
  /** The first failure after the last success; null while it works. */
  readonly failingSince: number | null
  readonly lastSuccessAt: number | null
  /** Until when the secret of before signs, too. */
  readonly oldSecretUntil: number | null
  readonly createdBy: string
  readonly createdAt: number
  /** Deliveries that wait for their next attempt, and those that were given up. */
  readonly waiting: number
  readonly failed: number
}

export interface WebhookAttempt {
  readonly number: number
  readonly at: number
  /** Neither a status nor a fault: under way, or cut off with its process. */
  readonly status: number | null
  readonly fault: WebhookFault | null
  readonly latencyMs: number | null
}

export interface WebhookDelivery {
  readonly id: number
  readonly endpointId: number
  /** The header `webhook-id`. */
  readonly messageId: string
  readonly kind: WebhookKind | typeof TEST_KIND
  readonly state: WebhookDeliveryState
  readonly attempts: number
  /** Null once it has ended. */
  readonly nextAt: number | null
  readonly createdAt: number
  readonly endedAt: number | null
  readonly last: WebhookAttempt | null
}

const PREFIX = 'whsec_'

/** 32 random bytes in the form the specification gives secrets. */
export const newSecret = (): string => `${PREFIX}${randomBytes(32).toString('base64')}`

export const newMessageId = (): string => `msg_${randomBytes(16).toString('hex')}`

/** The value of `webhook-signature`: one signature by each secret, newest first. `atSeconds` is the Unix time. */
export const signWebhook = (
  message: { readonly id: string; readonly atSeconds: number; readonly body: string },
  secrets: readonly string[],
): string =>
  secrets
    .map((secret) => {
      const key = Buffer.from(secret.slice(PREFIX.length), 'base64')
      const signed = `${message.id}.${message.atSeconds}.${message.body}`
      return `v1,${createHmac('sha256', key).update(signed).digest('base64')}`
    })
    .join(' ')

/** Waits before the second attempt, the third …; all in all about 28 hours. */
const WAITS_MS = [
  5 * SECOND_MS,
  5 * MINUTE_MS,
  30 * MINUTE_MS,
  2 * HOUR_MS,
  5 * HOUR_MS,
  10 * HOUR_MS,
  10 * HOUR_MS,
] as const
/** No receiver puts an attempt off for longer: the longest wait of the schedule. */
const RETRY_AFTER_MAX_MS = 10 * HOUR_MS
/** A wait is longer by up to this part, so that what failed together does not come back together. */
const JITTER = 0.1

export type AttemptEnd =
  | { readonly state: 'delivered' | 'failed' }
  /** The next attempt, after so long. */
  | { readonly state: 'waiting'; readonly afterMs: number }

/**
 * What follows from an attempt, the `tries`-th since the delivery was asked for: 2xx is delivered, everything else is
 * tried again until the schedule ends, not before the receiver asked for it (`retryAfterMs`, ten hours at most: whoever
 * wants to hear nothing for longer pauses the endpoint). `chance` is uniform in [0, 1).
 */
export const endOfAttempt = (
  status: number | null,
  {
    tries,
    chance,
    isTest,
    retryAfterMs,
  }: {
    readonly tries: number
    readonly chance: number
    readonly isTest: boolean
    readonly retryAfterMs: number | null
  },
): AttemptEnd => {
  if (status !== null && status >= 200 && status < 300) return { state: 'delivered' }
  const waitMs = WAITS_MS[tries - 1]
  if (waitMs === undefined || isTest || status === GONE) return { state: 'failed' }
  const longest = Math.max(waitMs, Math.min(retryAfterMs ?? 0, RETRY_AFTER_MAX_MS))
  return { state: 'waiting', afterMs: Math.round(longest * (1 + JITTER * chance)) }
}

/** The answer of an endpoint that wants nothing any more. */
const GONE = 410

/** Whether an endpoint is given up after a failure at `at`, and why. */
export const disablingAfter = (status: number | null, failingSince: number, at: number): WebhookDisabling | null =>
  status === GONE ? 'gone' : at - failingSince >= GIVE_UP_MS ? 'failing' : null

/** Errors: `invalid/webhook_kinds_missing`, `invalid/unknown_word` naming `kinds`. */
export const checkKinds = (kinds: readonly string[]): readonly WebhookKind[] => {
  const allowed = WEBHOOK_KINDS.join(', ')
  if (kinds.length === 0) throw invalid('webhook_kinds_missing', 'kinds', { allowed })
  const stranger = kinds.find((kind) => !(WEBHOOK_KINDS as readonly string[]).includes(kind))
  if (stranger !== undefined) throw invalid('unknown_word', 'kinds', { given: stranger.slice(0, 60), allowed })
  return [...new Set(kinds)] as WebhookKind[]
}

/** Errors: `invalid/text_length`. */
export const checkName = (given: string): string => {
  const name = given.trim()
  if (name.length === 0 || name.length > 100)
    throw invalid('text_length', 'name', { min: 1, max: 100, length: name.length })
  return name
}
