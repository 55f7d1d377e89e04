import { z } from 'zod'

import { instant } from './paging.ts'
import { route } from './route.ts'
import { MODEL_ENDINGS, MODEL_MODES, MODEL_PURPOSES, MODEL_REFUSALS } from './words.ts'

const count = z.number().int()
const version = count.min(0)

/** The key is never in an answer, only whether there is one. */
const model = z
  .object({
    /** 0 before anybody set it. */
    version,
    mode: z.enum(MODEL_MODES),
    baseUrl: z.string().nullable(),
    hasKey: z.boolean(),
    model: z.string().nullable(),
    tokensPerMonth: count,
    perMinuteMax: count,
    /** Of this calendar month of the tenant’s: used, and held for questions under way. */
    tokensTaken: count,
    /** Less than is set where the package allows less of the installation’s model; 0 while the model is off. */
    tokensAllowed: count,
    /** `YYYY-MM-01`. */
    month: z.string(),
    /** Until when nothing is asked, and why; null while the model works. */
    rest: z.object({ reason: z.enum(MODEL_REFUSALS), until: instant }).nullable(),
    /** Whether the installation has a model that tenants may use. */
    hasInstallation: z.boolean(),
    /** How many people agreed to AI processing and how many said no; of all others nothing is shown to a model. */
    consents: z.object({ granted: count, refused: count }),
  })
  .meta({ id: 'ModelSettings' })

export const llm = {
  get: route({
    method: 'GET',
    path: '/api/v1/llm',
    summary: 'Whose language model answers, its limits, what the month has taken and who agreed.',
    access: 'settings.view',
    response: model,
  }),
  set: route({
    method: 'PATCH',
    path: '/api/v1/llm',
    summary: 'Changes what is given of the model; refused when somebody changed it meanwhile. A key does not follow to another address.', // prettier-ignore
    access: 'settings.edit',
    body: z.strictObject({
      expectedVersion: version,
      mode: z.enum(MODEL_MODES).optional(),
      baseUrl: z.string().max(2_000).optional(),
      apiKey: z.string().max(1_000).nullable().optional().meta({ description: 'Null takes it away. Never given back.' }), // prettier-ignore
      model: z.string().max(200).optional(),
      tokensPerMonth: z.number().optional(),
      perMinuteMax: z.number().optional(),
    }),
    response: model,
  }),
  usage: route({
    method: 'GET',
    path: '/api/v1/llm/usage',
    summary: 'What questions of the last days used, by day and purpose, oldest first.',
    access: 'settings.view',
    query: z.object({ days: z.coerce.number().int().min(1).max(400).default(30) }),
    response: z
      .object({
        days: z.array(
          z.object({
            /** `YYYY-MM-DD` in the tenant’s time zone. */
            day: z.string(),
            purpose: z.enum(MODEL_PURPOSES),
            questions: count,
            answered: count,
            inputTokens: count,
            outputTokens: count,
          }),
        ),
        outcomes: z.array(z.object({ outcome: z.enum(MODEL_ENDINGS), questions: count })),
        tokens: count,
        latencyMs: z.object({ median: z.number(), p95: z.number() }).nullable(),
      })
      .meta({ id: 'ModelUsage' }),
  }),
  test: route({
    method: 'POST',
    path: '/api/v1/llm/test',
    summary: 'Puts one real question, about nobody, to the model, within its budget, and says how that went.',
    access: 'settings.edit',
    perMinute: 10,
    response: z.object({
      /** Null for a model that answered. */
      refusal: z.enum(MODEL_REFUSALS).nullable(),
      text: z.string().nullable(),
      /** Whether the sum it was asked for is right. */
      isRight: z.boolean().nullable(),
      latencyMs: count.nullable(),
      format: z.string().nullable(),
      inputTokens: count,
      outputTokens: count,
      /** What a server or the way to it said: a short code. */
      cause: z.string().nullable(),
    }),
  }),
} as const
