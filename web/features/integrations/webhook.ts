import type { api } from '#contract/api.ts'
import type { RouteOutput } from '#contract/route.ts'

export type Webhook = RouteOutput<typeof api.webhooks.list>['items'][number]
export type WebhookDelivery = RouteOutput<typeof api.webhooks.deliveries>['items'][number]
export type WebhookAttempt = NonNullable<WebhookDelivery['last']>

const COLOURS = {
  active: 'teal.9',
  paused: 'gray.7',
  disabled: 'red.9',
  waiting: 'blue.9',
  delivered: 'teal.9',
  failed: 'red.9',
} as const

/** The colour of a state; its word stands beside it. */
export const colourOf = (state: keyof typeof COLOURS): string => COLOURS[state]
