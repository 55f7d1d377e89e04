import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'

import { api } from '#contract/api.ts'
import type { Route } from '#contract/route.ts'
import { inTenant } from '#server/db/tenant-scope.ts'

import { addressOf, headerOf, localeOf } from '../request.ts'
import { type Admission, admit } from './admit.ts'
import { answerOnce } from './answer-once.ts'
import type { ApiDeps } from './api-deps.ts'
import type { Handlers } from './call.ts'
import { type Caller, identify } from './caller.ts'
import { namedCallHeaders, problem } from './describe-api.ts'
import { describeFile, sendFile } from './send-file.ts'
import { createStreams } from './stream.ts'

/** How often the same caller may call. */
const CALLS_PER_MINUTE = 600

const tenantGiven = (request: FastifyRequest): string | null => {
  const header = headerOf(request, 'x-tenant')
  // A stream of events cannot send headers.
  const query = (request.query as Readonly<Record<string, unknown>> | undefined)?.['tenant']
  return header ?? (typeof query === 'string' ? query : null)
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Set once the caller was let in. */
    admission: Admission | null
    caller: Caller | { readonly kind: 'fault'; readonly fault: unknown } | null
  }
}

/** Keys are counted by tenant, people by session, and everybody else by address. */
const whoseCall = (request: FastifyRequest): string => {
  const { caller } = request
  if (caller?.kind === 'key') return `tenant:${caller.tenantId}`
  return caller?.kind === 'person' ? `session:${caller.session.id}` : `address:${addressOf(request)}`
}

/** Of one route alone, counted apart from all others. */
const limitOf = (app: FastifyInstance, name: string, max: number) =>
  app.rateLimit({ max, timeWindow: '1 minute', keyGenerator: (request) => `${name} ${whoseCall(request)}` })

const callOf = (deps: ApiDeps, request: FastifyRequest) => {
  const admission: Admission = request.admission ?? { kind: 'anybody' }
  const { params, query, body } = request
  return {
    params,
    query,
    body,
    db: deps.db,
    at: deps.clock.now(),
    locale: localeOf(request),
    device: headerOf(request, 'user-agent') ?? '',
    ...admission,
    ...(admission.kind === 'tenant' && {
      inTenant: (work: Parameters<typeof inTenant>[2]) => inTenant(deps.db, admission.tenant.id, work),
    }),
  }
}

/** What is changed by other methods is the same however often it is asked for. */
const isNamed = (request: FastifyRequest): boolean =>
  request.method === 'POST' && headerOf(request, 'idempotency-key') !== null

/** Parts that a route does not declare are not read. */
const schemaOf = (
  { method, summary, params, query, body, response, access, streams, gives }: Route,
  room: string,
  name: string,
) => ({
  operationId: `${room}.${name}`,
  summary,
  tags: [room],
  security: access === 'public' ? [] : [{ key: [access] }],
  ...(method === 'POST' && access !== 'public' && { headers: namedCallHeaders }),
  ...(params && { params }),
  ...(query && { querystring: query }),
  ...(body && { body }),
  ...(streams && { produces: ['text/event-stream'] }),
  response: {
    200: gives ? describeFile(gives) : response,
    '4xx': { description: 'Refused.', content: { 'application/problem+json': { schema: problem } } },
  },
})

/** Answers every route of the contract with its code: first who calls, then whether they may, then what they said. */
export const serveContract = (app: FastifyInstance, deps: ApiDeps, handlers: Handlers): void => {
  app.decorateRequest('admission', null)
  app.decorateRequest('caller', null)
  app.addHook('onRequest', async (request) => {
    // Guesses are counted before they are answered.
    request.caller = await identify(deps, request).catch((fault: unknown) => ({ kind: 'fault' as const, fault }))
  })
  const limit = app.rateLimit({ max: CALLS_PER_MINUTE, timeWindow: '1 minute', keyGenerator: whoseCall })
  const stream = createStreams(app, deps.log)
  for (const [room, routes] of Object.entries(api) as [keyof typeof api, Readonly<Record<string, Route>>][]) {
    const codes = handlers[room](deps) as Readonly<Record<string, (call: unknown) => unknown>>
    for (const [name, route] of Object.entries(routes)) {
      const code = codes[name]
      if (!code) throw new Error(`no code answers ${room}.${name}`)
      app.route({
        method: route.method,
        url: route.path,
        schema: schemaOf(route, room, name),
        preValidation: [
          route.perMinute === undefined ? limit : limitOf(app, `${room}.${name}`, route.perMinute),
          async (request: FastifyRequest) => {
            if (request.caller?.kind === 'fault') throw request.caller.fault
            request.admission = await admit(deps, route, request.caller, tenantGiven(request))
          },
        ],
        ...(route.streams && { sse: 'only', exposeHeadRoute: false }),
        handler: async (request: FastifyRequest, reply: FastifyReply) => {
          if (route.streams)
            return stream(
              reply,
              route.response,
              (signal) => code({ ...callOf(deps, request), signal }) as AsyncIterable<unknown>,
            )
          void reply.header('cache-control', 'no-store')
          if (route.gives) return sendFile(reply, route.response, await code(callOf(deps, request)))
          const { admission } = request
          const answer = async () => code(callOf(deps, request))
          return isNamed(request) && admission?.kind === 'tenant'
            ? answerOnce(deps, admission, { request, reply }, answer)
            : reply.send(await answer())
        },
      })
    }
  }
}
