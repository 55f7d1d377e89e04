import type { AddressInfo } from 'node:net'

import fastify, { type FastifyInstance, type FastifyPluginAsync, type FastifyReply, type FastifyRequest } from 'fastify'

import type { Locale } from '#contract/words.ts'
import { AppError } from '#server/base/errors.ts'
import type { Logger } from '#server/base/logger.ts'
import type { Metrics } from '#server/base/metrics.ts'
import type { PartHealth } from '#server/base/supervisor.ts'
import type { Translate } from '#server/base/translate.ts'

import { problemOf } from './problem.ts'
import { localeOf } from './request.ts'

export interface HttpDeps {
  readonly log: Logger
  readonly metrics: Metrics
  readonly version: string
  readonly translator: (locale: Locale) => Translate
  /** Whether the process is on its way out and wants no new work. */
  readonly isDraining: () => boolean
  /** Throws when the database does not answer. */
  readonly pingDatabase: () => Promise<void>
  readonly health: () => Promise<readonly PartHealth[]>
  /** Routes of other doors. */
  readonly routes: readonly FastifyPluginAsync[]
}

const BODY_LIMIT = 1024 * 1024

/** The HTTP server with its health, metrics and version routes; errors leave as problem+json. Not listening yet. */
export const createHttpServer = (deps: HttpDeps): FastifyInstance => {
  const app = fastify({ bodyLimit: BODY_LIMIT, forceCloseConnections: 'idle', routerOptions: { maxParamLength: 200 } })
  app.addHook('onResponse', async (request, reply) => {
    const labels = {
      method: request.method,
      route: request.routeOptions.url ?? 'unmatched',
      status_code: String(reply.statusCode),
    }
    deps.metrics.httpDuration.observe(labels, reply.elapsedTime / 1_000)
  })
  app.setErrorHandler((error, request, reply) => sendProblem(deps, error, request, reply))
  app.setNotFoundHandler((request, reply) =>
    sendProblem(deps, new AppError('not_found', 'not_found', { what: 'route', id: request.method }), request, reply),
  )
  addOperationsRoutes(app, deps)
  for (const routes of deps.routes) void app.register(routes)
  return app
}

const addOperationsRoutes = (app: FastifyInstance, deps: HttpDeps): void => {
  app.get('/healthz', async () => ({ status: 'ok' }))
  app.get('/version', async () => ({ name: 'gavatcore', version: deps.version, node: process.versions.node }))
  app.get('/metrics', async (_request, reply) => {
    const { contentType, text } = await deps.metrics.render()
    return reply.type(contentType).send(text)
  })
  app.get('/readyz', async (_request, reply) => {
    const database = await deps.pingDatabase().then(
      () => null,
      (error: unknown) => (error instanceof Error ? error.message : String(error)),
    )
    const draining = deps.isDraining()
    const parts = (await deps.health()).map(({ name, state, fault, restarts }) => ({ name, state, fault, restarts }))
    const ready = database === null && !draining
    return reply
      .code(ready ? 200 : 503)
      .send({ status: ready ? 'ready' : draining ? 'draining' : 'unavailable', database: database ?? 'ok', parts })
  })
}

const sendProblem = (deps: HttpDeps, error: unknown, request: FastifyRequest, reply: FastifyReply) => {
  const problem = problemOf(error, deps.translator(localeOf(request)))
  if (problem.status >= 500)
    deps.log.error({ err: error, route: request.routeOptions.url, status: problem.status }, 'a request failed')
  return reply.code(problem.status).type('application/problem+json').send(problem)
}

/**
 * Begins to listen; returns the address. Errors: `unavailable` with `port_in_use` or `port_forbidden`, naming the setting.
 */
export const listen = async (app: FastifyInstance, host: string, port: number): Promise<string> => {
  try {
    await app.listen({ host, port })
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (code === 'EADDRINUSE') throw new AppError('unavailable', 'port_in_use', { field: 'PORT', port }, { cause })
    if (code === 'EACCES') throw new AppError('unavailable', 'port_forbidden', { field: 'PORT', port }, { cause })
    if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
      throw new AppError('invalid', 'host_unknown', { field: 'HOST', host }, { cause })
    throw cause
  }
  const { address, family, port: bound } = app.server.address() as AddressInfo
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${bound}`
}
