import rateLimit from '@fastify/rate-limit'
import { fastifySSE } from '@fastify/sse'
import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { FastifyPluginAsync } from 'fastify'
import { jsonSchemaTransform, serializerCompiler } from 'fastify-type-provider-zod'
import type { z } from 'zod'

import { AppError } from '#server/base/errors.ts'
import { parseShape } from '#server/base/parse-shape.ts'

import type { ApiDeps } from './api-deps.ts'
import { describeApi } from './describe-api.ts'
import { accountRoutes } from './routes/accounts.ts'
import { analyticsRoutes } from './routes/analytics.ts'
import { billingRoutes } from './routes/billing.ts'
import { campaignRoutes } from './routes/campaigns.ts'
import { contactRoutes } from './routes/contacts.ts'
import { conversationRoutes } from './routes/conversations.ts'
import { deliveryRoutes } from './routes/deliveries.ts'
import { draftRoutes } from './routes/drafts.ts'
import { groupRoutes } from './routes/groups.ts'
import { keyRoutes } from './routes/keys.ts'
import { layoutRoutes } from './routes/layouts.ts'
import { linkRoutes } from './routes/links.ts'
import { llmRoutes } from './routes/llm.ts'
import { memberRoutes } from './routes/members.ts'
import { ruleRoutes } from './routes/rules.ts'
import { savedReplyRoutes } from './routes/saved-replies.ts'
import { installationRoutes } from './routes/installation.ts'
import { ownSegmentRoutes } from './routes/own-segments.ts'
import { paymentQueueRoutes } from './routes/payment-queue.ts'
import { personaRoutes } from './routes/personas.ts'
import { replyRoutes } from './routes/replies.ts'
import { postRoutes } from './routes/posts.ts'
import { secondFactorRoutes } from './routes/second-factor.ts'
import { segmentRoutes } from './routes/segments.ts'
import { sessionRoutes } from './routes/sessions.ts'
import { startRoutes } from './routes/start.ts'
import { strategyRoutes } from './routes/strategies.ts'
import { tenantRoutes } from './routes/tenant.ts'
import { templateRoutes } from './routes/templates.ts'
import { allTenantRoutes } from './routes/tenants.ts'
import { ticketQueueRoutes } from './routes/ticket-queue.ts'
import { webhookRoutes } from './routes/webhooks.ts'
import { serveContract } from './serve.ts'

const DESCRIPTION = [
  'Give a key of your tenant as `Authorization: Bearer gvt_live_…`; make one in the panel or with `gavatcore keys create`.',
  'Lists are paged by `cursor`. Errors are `application/problem+json` with a `code`, the `field` at fault and what helps.',
].join('\n\n')

/** The API under `/api/v1`, and what it can do, described at `/docs` and `/docs/json`. */
export const apiRoutes =
  (deps: ApiDeps): FastifyPluginAsync =>
  async (app) => {
    app.setValidatorCompiler<z.ZodType>(({ schema }) => (given) => {
      try {
        return { value: parseShape(schema, given) }
      } catch (error) {
        if (error instanceof AppError) return { error }
        throw error
      }
    })
    app.setSerializerCompiler(serializerCompiler)
    await app.register(rateLimit, {
      global: false,
      errorResponseBuilder: (_request, { ttl }) =>
        new AppError('rate_limited', 'page_rate', { seconds: Math.ceil(ttl / 1_000) }),
    })
    await app.register(swagger, {
      openapi: {
        openapi: '3.1.0',
        info: {
          title: 'Gavatcore',
          version: deps.version,
          description: DESCRIPTION,
          license: { name: 'MIT', identifier: 'MIT' },
        },
        servers: [{ url: deps.publicUrl ?? '/' }],
        components: { securitySchemes: { key: { type: 'http', scheme: 'bearer' } } },
      },
      transform: jsonSchemaTransform,
      transformObject: describeApi,
    })
    await app.register(swaggerUi, { routePrefix: '/docs', staticCSP: true })
    await app.register(fastifySSE, { heartbeatInterval: 15_000 })
    serveContract(app, deps, {
      sessions: sessionRoutes,
      analytics: analyticsRoutes,
      layouts: layoutRoutes,
      groups: groupRoutes,
      posts: postRoutes,
      campaigns: campaignRoutes,
      deliveries: deliveryRoutes,
      contacts: contactRoutes,
      segments: segmentRoutes,
      ownSegments: ownSegmentRoutes,
      strategies: strategyRoutes,
      personas: personaRoutes,
      replies: replyRoutes,
      llm: llmRoutes,
      accounts: accountRoutes,
      billing: billingRoutes,
      members: memberRoutes,
      tenant: tenantRoutes,
      templates: templateRoutes,
      conversations: conversationRoutes,
      savedReplies: savedReplyRoutes,
      rules: ruleRoutes,
      drafts: draftRoutes,
      secondFactor: secondFactorRoutes,
      installation: installationRoutes,
      tenants: allTenantRoutes,
      paymentQueue: paymentQueueRoutes,
      ticketQueue: ticketQueueRoutes,
      keys: keyRoutes,
      webhooks: webhookRoutes,
      start: startRoutes,
      links: linkRoutes,
    })
  }
