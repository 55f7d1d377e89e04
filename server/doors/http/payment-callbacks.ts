import type { FastifyInstance, FastifyPluginAsync } from 'fastify'

import { PAYMENT_PROVIDERS, type PaymentProviderName } from '#contract/words.ts'
import type { Clock } from '#server/base/clock.ts'
import { AppError, notFound } from '#server/base/errors.ts'
import type { Logger } from '#server/base/logger.ts'
import type { PaymentProvider } from '#server/gateways/payments/payment-provider.ts'
import { type PaymentDeps, applyProviderEvent } from '#server/modules/billing/index.ts'

export interface PaymentCallbackDeps extends PaymentDeps {
  readonly clock: Clock
  readonly log: Logger
  /** Providers that are set up; the others have no address. */
  readonly providers: ReadonlyMap<PaymentProviderName, PaymentProvider>
}

/** Far above any callback. */
const BODY_LIMIT = 256 * 1024

/** Told by Telegram, not over HTTP; or told by nobody. */
const WITHOUT_CALLBACK: ReadonlySet<PaymentProviderName> = new Set(['stars', 'transfer'])

const providerOf = (deps: PaymentCallbackDeps, given: string): PaymentProvider => {
  const name = PAYMENT_PROVIDERS.find((word) => word === given)
  const provider = name && !WITHOUT_CALLBACK.has(name) ? deps.providers.get(name) : undefined
  if (!provider) throw notFound('payment provider', given.slice(0, 40))
  return provider
}

/**
 * `POST /payments/:provider/callback`: verifies the bytes as they came, applies what they prove and answers the
 * provider's own word (PayTR: exactly `OK`). What is not believed gets 401; what cannot be judged or placed now gets
 * an error, so that the provider tells it again.
 */
export const paymentCallbackRoutes =
  (deps: PaymentCallbackDeps): FastifyPluginAsync =>
  async (app: FastifyInstance): Promise<void> => {
    // Signatures are over bytes, so nothing parses the body before they are checked.
    app.removeAllContentTypeParsers()
    app.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: BODY_LIMIT }, (_request, body, done) => {
      done(null, body)
    })
    app.post<{ Params: { provider: string } }>('/payments/:provider/callback', async (request, reply) => {
      const provider = providerOf(deps, request.params.provider)
      const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
      const headers = Object.fromEntries(
        Object.entries(request.headers).map(([name, value]) => [name, Array.isArray(value) ? value[0] : value]),
      )
      const verdict = await provider.verifyCallback({ body, headers })
      const log = { provider: provider.name, verdict: verdict.kind }
      if (verdict.kind === 'rejected') {
        deps.log.warn({ ...log, reason: verdict.reason }, 'a payment callback was not believed')
        throw new AppError('unauthenticated', 'payment_callback_rejected', {
          provider: provider.name,
          reason: verdict.reason,
        })
      }
      if (verdict.kind === 'unavailable') {
        const params = { provider: provider.name, reason: verdict.reason }
        throw new AppError('unavailable', 'payment_provider_unavailable', params)
      }
      if (verdict.kind === 'event') {
        const { outcome } = await applyProviderEvent(deps, verdict.event, { at: deps.clock.now() })
        deps.log.info({ ...log, reference: verdict.event.reference, outcome }, 'a payment callback was applied')
      }
      return reply.code(200).type('text/plain').send(provider.acknowledgement)
    })
  }
