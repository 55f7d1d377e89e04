import { z } from 'zod'

import { idParams, instant } from './paging.ts'
import { speaker } from './personas.ts'
import { route } from './route.ts'
import { GROUP_INTENSITIES, LOCALES, MODEL_MODES, PACKAGES, REPLY_MODES, SETTING_LAYERS } from './words.ts'

const count = z.number().int()
const version = count.min(0)

/** What holds, which layer decided it, and what was chosen for this account where anything was. */
const setting = <T extends z.core.$ZodType>(value: T) =>
  z.object({ value, source: z.enum(SETTING_LAYERS), chosen: z.union([value, z.null()]) })

const accountReplies = z
  .object({
    account: speaker,
    version,
    settings: z.object({
      replyMode: setting(z.enum(REPLY_MODES)),
      inviteRatio: setting(z.number()),
      groupIntensity: setting(z.enum(GROUP_INTENSITIES)),
      productPriceMinor: setting(z.number()),
      productCurrency: setting(z.string()),
      draftLifeMinutes: setting(z.number()),
      holdingMessage: setting(z.string()),
      confidenceMin: setting(z.number()),
      sendsFollowUps: setting(z.boolean()),
    }),
    changedBy: z.string().nullable(),
    changedAt: instant.nullable(),
    /** Every mode, with the package that brings it; null where it is there. */
    modes: z.array(z.object({ mode: z.enum(REPLY_MODES), liftedBy: z.enum(PACKAGES).nullable() })),
    limits: z.object({
      package: z.enum(PACKAGES),
      inviteRatioMax: z.number(),
      groupIntensityMax: z.enum(GROUP_INTENSITIES),
    }),
    persona: z
      .object({
        version,
        displayName: z.string(),
        language: z.enum(LOCALES),
        updatedBy: z.string(),
        updatedAt: instant,
      })
      .nullable(),
    /** Drafts that wait for somebody to decide. */
    drafts: count,
  })
  .meta({ id: 'AccountReplies' })

export const replies = {
  list: route({
    method: 'GET',
    path: '/api/v1/replies',
    summary: 'How the accounts answer by themselves, and where each setting comes from.',
    access: 'settings.view',
    response: z.object({
      items: z.array(accountReplies),
      /** Whose model answers; `off` while there is none. */
      model: z.enum(MODEL_MODES),
    }),
  }),
  get: route({
    method: 'GET',
    path: '/api/v1/replies/:id',
    summary: 'The same of one account; `id` is the account’s.',
    access: 'settings.view',
    params: idParams,
    response: accountReplies,
  }),
  update: route({
    method: 'PATCH',
    path: '/api/v1/replies/:id',
    summary: 'Changes what is given of how an account answers; refused when somebody changed it meanwhile.',
    access: 'settings.edit',
    params: idParams,
    body: z.strictObject({
      expectedVersion: version,
      replyMode: z.enum(REPLY_MODES).optional(),
      inviteRatio: z.number().optional(),
      groupIntensity: z.enum(GROUP_INTENSITIES).optional(),
      productPriceMinor: z.number().optional(),
      productCurrency: z.string().max(10).optional(),
      draftLifeMinutes: z.number().optional(),
      holdingMessage: z.string().max(20_000).optional(),
      confidenceMin: z.number().optional(),
      sendsFollowUps: z.boolean().optional(),
    }),
    response: accountReplies,
  }),
} as const
