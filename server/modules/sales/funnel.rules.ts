import { z } from 'zod'

import {
  FUNNEL_STAGE_KINDS,
  type FunnelStageKind,
  LOCALES,
  type Locale,
  SEGMENTS,
  type Segment,
} from '#contract/words.ts'

import { BUYING_INTENTS, type BuyingIntent } from './buying-intent.rules.ts'
import standard from './standard-funnel.json' with { type: 'json' }

/** What moves somebody on. `always` follows at once; everything else waits for something to happen. */
export const TRIGGERS = [
  'intent',
  'words',
  'always',
  'order_opened',
  'order_closed',
  'paid',
  'fulfilled',
  'refunded',
  'silence',
] as const
export type Trigger = (typeof TRIGGERS)[number]

/** What is done on the way: show a price with its buttons, say something, remind gently, ask for a person. */
export const DEEDS = ['offer', 'say', 'remind', 'person'] as const
export type Deed = (typeof DEEDS)[number]

export type LocalText = { readonly [L in Locale]?: string | undefined }

/** All of it must hold; what is left out holds. */
export interface Condition {
  readonly intents?: readonly BuyingIntent[] | undefined
  /** Names of the catalogue. */
  readonly products?: readonly string[] | undefined
  /** One of these segments. */
  readonly segments?: readonly Segment[] | undefined
  /** One of these tags. */
  readonly tags?: readonly string[] | undefined
}

export interface Transition {
  readonly on: Trigger
  /** How long nothing was said, with `silence`: 1–720. */
  readonly hours?: number | undefined
  readonly when?: Condition | undefined
  readonly to: string
  readonly does?: Deed | undefined
  /** Plain text with {{product}}, {{price}}, {{name}}, {{sender}}; ours where it is left out. */
  readonly text?: LocalText | undefined
  readonly isOff?: boolean | undefined
}

export interface Stage {
  readonly name: string
  /** What it means, whatever it is called: reports and orders go by this. */
  readonly kind: FunnelStageKind
  /** The first that fits is taken. */
  readonly transitions: readonly Transition[]
}

/** The way from a question to what was bought, as data. */
export interface FunnelDefinition {
  readonly start: string
  readonly stages: readonly Stage[]
}

const text = z.string().trim().min(1).max(1_000)
const stageName = z.string().regex(/^[a-z][a-z0-9_]{0,39}$/)
const localText = z
  .strictObject(
    Object.fromEntries(LOCALES.map((locale) => [locale, text.optional()])) as Record<
      Locale,
      z.ZodOptional<typeof text>
    >,
  )
  .refine((texts) => Object.values(texts).some((one) => one !== undefined))

export const funnelSchema = z.strictObject({
  start: stageName,
  stages: z
    .array(
      z.strictObject({
        name: stageName,
        kind: z.enum(FUNNEL_STAGE_KINDS),
        transitions: z
          .array(
            z.strictObject({
              on: z.enum(TRIGGERS),
              hours: z.number().min(1).max(720).optional(),
              when: z
                .strictObject({
                  intents: z.array(z.enum(BUYING_INTENTS)).min(1).optional(),
                  products: z.array(z.string().trim().min(1).max(100)).min(1).max(100).optional(),
                  segments: z.array(z.enum(SEGMENTS)).min(1).optional(),
                  tags: z.array(z.string().trim().min(1).max(64)).min(1).max(50).optional(),
                })
                .optional(),
              to: stageName,
              does: z.enum(DEEDS).optional(),
              text: localText.optional(),
              isOff: z.boolean().optional(),
            }),
          )
          .max(30),
      }),
    )
    .min(2)
    .max(30),
})

export const STANDARD_FUNNEL = 'standard'

/** The funnel every tenant with a funnel has, as it ships: version 0. Its reminder is off. */
export const standardFunnel: FunnelDefinition = funnelSchema.parse(standard)

/** The standard funnel with its reminder on or off. */
export const withReminders = (definition: FunnelDefinition, isOn: boolean, hours?: number): FunnelDefinition => ({
  ...definition,
  stages: definition.stages.map((stage) => ({
    ...stage,
    transitions: stage.transitions.map((transition) =>
      transition.does === 'remind'
        ? { ...transition, isOff: !isOn, ...(hours !== undefined && { hours }) }
        : transition,
    ),
  })),
})

/** A funnel as it stands in one version. `updatedAt` is epoch ms; null, as `updatedBy`, for what ships. */
export interface Funnel {
  readonly name: string
  readonly version: number
  readonly definition: FunnelDefinition
  readonly updatedBy: string | null
  readonly updatedAt: number | null
}

/** Kinds of stages in which a run is over. */
export const isEnd = (kind: FunnelStageKind): boolean => kind === 'delivered' || kind === 'lost'

export const stageOf = (definition: FunnelDefinition, name: string): Stage | null =>
  definition.stages.find((stage) => stage.name === name) ?? null
