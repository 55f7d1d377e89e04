import { z } from 'zod'

import {
  CONSENT_PURPOSES,
  CONTACT_COMMANDS,
  GROUP_COMMANDS,
  type ConsentPurpose,
  LOCALES,
  type Locale,
  RULE_SCOPES,
  type RuleScope,
  type RuleState,
  SEGMENTS,
  type Segment,
} from '#contract/words.ts'

type Buttons = readonly (readonly (
  | { readonly text: string; readonly url: string }
  | { readonly text: string; readonly action: string }
)[])[]

/** What makes a rule look at a happening. */
export type Trigger =
  /** Whole words or phrases; one that ends in `*` goes on as Turkish words do. Case, accents and Turkish marks are folded. */
  | { readonly kind: 'keyword'; readonly words: readonly string[]; readonly match: 'any' | 'all' }
  /** Found anywhere in the text, in time that grows with its length alone. */
  | { readonly kind: 'regex'; readonly pattern: string; readonly ignoreCase: boolean }
  /** The tenant's own /word. */
  | { readonly kind: 'command'; readonly command: string }
  /** Any message inside or outside these hours of these weekdays (1 is Monday), on the tenant's clock. */
  | {
      readonly kind: 'time'
      readonly when: 'inside' | 'outside'
      /** `09:00`; an end before its beginning is the next morning's. */
      readonly from: string
      readonly to: string
      readonly weekdays: readonly number[]
    }
  /** The contact's first words to this account. */
  | { readonly kind: 'first_message' }
  | { readonly kind: 'join' }
  | { readonly kind: 'leave' }

/** Who it is for; everybody where nothing is said. Within one list, one of them is enough. */
export interface RuleConditions {
  readonly segments: readonly Segment[]
  readonly tags: readonly string[]
  readonly withoutTags: readonly string[]
  readonly languages: readonly Locale[]
  readonly consents: readonly ConsentPurpose[]
}

/** What a rule does, in the order it is written down. */
export type RuleAction =
  | {
      readonly kind: 'reply'
      /** Telegram HTML with the variables of templates, by language. */
      readonly texts: readonly { readonly locale: Locale; readonly text: string; readonly buttons: Buttons }[]
    }
  | { readonly kind: 'tag'; readonly add: readonly string[]; readonly remove: readonly string[] }
  /** To a member who may answer. */
  | { readonly kind: 'assign'; readonly memberId: number }
  | { readonly kind: 'hand_over' }
  /** To a stage of a pipeline, both by name. */
  | { readonly kind: 'stage'; readonly pipeline: string; readonly stage: string }
  /** Out of sight for a while, or until the contact writes again. */
  | { readonly kind: 'snooze'; readonly minutes: number }

export interface RuleContent {
  readonly trigger: Trigger
  readonly scope: RuleScope
  /** In a group: `addressed` only what names the account or answers it, `everything` also what others say among each other. */
  readonly groupReach: 'addressed' | 'everything'
  readonly conditions: RuleConditions
  readonly actions: readonly RuleAction[]
  /** Not again for the same contact, in the same chat, within; 0 for no cooldown. */
  readonly contactCooldownMinutes: number
  readonly chatCooldownMinutes: number
  /** Firings within 24 hours; null for no limit. */
  readonly maxPerDay: number | null
  /** Further rules, and who else answers, are asked as well. */
  readonly goesOn: boolean
  /** The contact's question counts as answered. */
  readonly marksAnswered: boolean
}

/** A version of a rule. `changedAt` is epoch ms. */
export interface Rule extends RuleContent {
  readonly id: number
  readonly accountId: number
  readonly version: number
  readonly state: RuleState
  readonly name: string
  /** 1–1000; higher is asked first, among equals the older rule. */
  readonly priority: number
  readonly changedBy: string
  readonly changedAt: number
}

/** A rule as a person writes it: everything but name, trigger and actions may be left out. */
export type RuleInput = z.input<typeof ruleSchema>

const text = (min: number, max: number) =>
  z
    .string()
    .trim()
    .min(min)
    .max(max)
    .refine((given) => !given.includes('\u0000') && given.isWellFormed(), {
      params: { code: 'text_broken_characters' },
    })

const clock = z.string().refine((given) => /^(?:[01]\d|2[0-3]):[0-5]\d$/.test(given), {
  params: { code: 'field_form', params: { example: '09:00' } },
})
const WEEKDAYS = [1, 2, 3, 4, 5, 6, 7]

const trigger = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('keyword'),
    words: z.array(text(1, 64)).min(1).max(50),
    match: z.enum(['any', 'all']).default('any'),
  }),
  z.strictObject({ kind: z.literal('regex'), pattern: text(1, 500), ignoreCase: z.boolean().default(true) }),
  z.strictObject({
    kind: z.literal('command'),
    command: z
      .string()
      .transform((given) => given.trim().replace(/^\//, '').toLowerCase())
      .refine((given) => /^[a-z0-9_]{1,32}$/.test(given), { params: { code: 'rule_command_form' } }),
  }),
  z.strictObject({
    kind: z.literal('time'),
    when: z.enum(['inside', 'outside']),
    from: clock,
    to: clock,
    weekdays: z.array(z.int().min(1).max(7)).min(1).max(7).default(WEEKDAYS),
  }),
  z.strictObject({ kind: z.literal('first_message') }),
  z.strictObject({ kind: z.literal('join') }),
  z.strictObject({ kind: z.literal('leave') }),
])

const button = z
  .strictObject({ text: text(1, 256), url: text(1, 2_048).optional(), action: text(1, 256).optional() })
  .refine(({ url, action }) => (url === undefined) !== (action === undefined), {
    params: { code: 'template_button_target', params: { expected: 'url or action, one of them' } },
  })
  .transform(({ text: label, url, action: name = '' }) =>
    url === undefined ? { text: label, action: name } : { text: label, url },
  )

const MINUTES_MAX = 30 * 24 * 60

const action = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('reply'),
    texts: z
      .array(
        z.strictObject({
          locale: z.enum(LOCALES),
          text: text(1, 16_384),
          buttons: z.array(z.array(button).max(8)).max(20).default([]),
        }),
      )
      .min(1)
      .max(LOCALES.length),
  }),
  z.strictObject({
    kind: z.literal('tag'),
    add: z.array(text(1, 64)).max(10).default([]),
    remove: z.array(text(1, 64)).max(10).default([]),
  }),
  z.strictObject({ kind: z.literal('assign'), memberId: z.int().min(1).max(Number.MAX_SAFE_INTEGER) }),
  z.strictObject({ kind: z.literal('hand_over') }),
  z.strictObject({ kind: z.literal('stage'), pipeline: text(1, 100), stage: text(1, 100) }),
  z.strictObject({ kind: z.literal('snooze'), minutes: z.int().min(1).max(MINUTES_MAX) }),
])

const minutes = z.int().min(0).max(MINUTES_MAX)

/** What a rule may hold. Defaults are filled in by {@link contentFrom}, since some follow from the trigger. */
export const ruleSchema = z.strictObject({
  name: text(1, 100),
  priority: z.int().min(1).max(1_000).default(100),
  isEnabled: z.boolean().default(true),
  trigger,
  scope: z.enum(RULE_SCOPES).optional(),
  groupReach: z.enum(['addressed', 'everything']).default('addressed'),
  conditions: z
    .strictObject({
      segments: z.array(z.enum(SEGMENTS)).max(SEGMENTS.length).default([]),
      tags: z.array(text(1, 64)).max(20).default([]),
      withoutTags: z.array(text(1, 64)).max(20).default([]),
      languages: z.array(z.enum(LOCALES)).max(LOCALES.length).default([]),
      consents: z.array(z.enum(CONSENT_PURPOSES)).max(CONSENT_PURPOSES.length).default([]),
    })
    .prefault({}),
  actions: z.array(action).min(1).max(10),
  contactCooldownMinutes: minutes.optional(),
  chatCooldownMinutes: minutes.default(0),
  maxPerDay: z.int().min(1).max(1_000_000).nullable().default(null),
  goesOn: z.boolean().default(false),
  marksAnswered: z.boolean().optional(),
})

/** Half a day: somebody who writes all evening is told once that nobody is there. */
const AWAY_COOLDOWN_MINUTES = 12 * 60

/** A rule's content with what was left out filled in: an away message is told twice a day at most and answers nothing. */
export const contentFrom = (given: z.output<typeof ruleSchema>): RuleContent => {
  const { trigger: made, conditions, actions, groupReach, chatCooldownMinutes, maxPerDay, goesOn } = given
  const isAway = made.kind === 'time'
  const isAboutMembers = made.kind === 'join' || made.kind === 'leave'
  return {
    trigger: made,
    scope: given.scope ?? (isAboutMembers ? 'group' : 'private'),
    groupReach,
    conditions,
    actions,
    contactCooldownMinutes: given.contactCooldownMinutes ?? (isAway ? AWAY_COOLDOWN_MINUTES : 0),
    chatCooldownMinutes,
    maxPerDay,
    goesOn,
    marksAnswered: given.marksAnswered ?? !isAway,
  }
}

/** The content of a version, without whose and which it is. */
export const contentOf = (rule: RuleContent): RuleContent => ({
  trigger: rule.trigger,
  scope: rule.scope,
  groupReach: rule.groupReach,
  conditions: rule.conditions,
  actions: rule.actions,
  contactCooldownMinutes: rule.contactCooldownMinutes,
  chatCooldownMinutes: rule.chatCooldownMinutes,
  maxPerDay: rule.maxPerDay,
  goesOn: rule.goesOn,
  marksAnswered: rule.marksAnswered,
})

/** A version as a person would write it, for export and for editing a field of it. */
export const inputOf = (rule: Rule): RuleInput =>
  structuredClone({
    name: rule.name,
    priority: rule.priority,
    isEnabled: rule.state === 'enabled',
    ...contentOf(rule),
  }) as RuleInput

const RESERVED: ReadonlySet<string> = new Set([...CONTACT_COMMANDS, ...GROUP_COMMANDS])

/** Commands every account answers itself. */
export const isReservedCommand = (command: string): boolean => RESERVED.has(command)
