import type { FastifyInstance } from 'fastify'

import type { WebhookTarget } from '#server/modules/accounts/index.ts'

import { type ReceiveDeps, receiveUpdates } from './receive-updates.ts'

export interface WebhookDeps extends ReceiveDeps {
  /** The account a call is for, if its address and secret belong together. */
  readonly findTarget: (key: string, secret: string) => Promise<WebhookTarget | null>
}

/** Far above any update; Telegram sends no files here, only their ids. */
const BODY_LIMIT = 1024 * 1024

/**
 * `POST /telegram/:webhookKey`: stores the update and answers 200; only that acknowledges it. An unknown address and a
 * wrong secret are answered alike, so that nobody learns which addresses exist. When storing fails the answer is an
 * error, and Telegram delivers again.
 */
export const webhookRoute =
  (deps: WebhookDeps) =>
  async (app: FastifyInstance): Promise<void> => {
    app.post<{ Params: { webhookKey: string } }>(
      '/telegram/:webhookKey',
      { bodyLimit: BODY_LIMIT },
      async (request, reply) => {
        const header = request.headers['x-telegram-bot-api-secret-token']
        const target = await deps.findTarget(request.params.webhookKey, typeof header === 'string' ? header : '')
        if (!target) return reply.code(401).send({ ok: false })
        await receiveUpdates(deps, target, [request.body])
        return reply.code(200).send({ ok: true })
      },
    )
  }
