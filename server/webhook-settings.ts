// The settings of outgoing webhooks, and what calls the endpoints.
import { z } from 'zod'

import { systemClock } from './base/clock.ts'
import { createWebhookCaller } from './gateways/webhooks/adapters/http/create-webhook-caller.ts'
import type { WebhookDeps } from './modules/webhooks/index.ts'

/** Every setting with its check and its line in `.env.example`. */
export const WEBHOOK_SETTINGS = {
  WEBHOOK_PRIVATE_ADDRESSES: z
    .enum(['on', 'off'], { message: 'must be one of on, off' })
    .default('off')
    .describe('Whether webhooks of tenants may go to your own network and by plain http.'),
} as const satisfies Record<string, z.ZodType>

export interface WebhookSettings {
  readonly arePrivateAllowed: boolean
}

/** The settings as the composition takes them. */
export const readWebhookSettings = (given: z.output<z.ZodObject<typeof WEBHOOK_SETTINGS>>): WebhookSettings => ({
  arePrivateAllowed: given.WEBHOOK_PRIVATE_ADDRESSES === 'on',
})

/** What calls the endpoints of tenants, and what lets go of it. */
export const openWebhooks = ({ arePrivateAllowed }: WebhookSettings, deps: Omit<WebhookDeps, 'caller'>) => {
  const caller = createWebhookCaller({ clock: systemClock, arePrivateAllowed })
  return { webhooks: { ...deps, caller, arePrivateAllowed }, closeWebhooks: () => caller.destroy() }
}
