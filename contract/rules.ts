import { z } from 'zod'

import { idParams, instant } from './paging.ts'
import { route } from './route.ts'
import { CONSENT_PURPOSES, LOCALES, RULE_OUTCOMES, RULE_SCOPES, SEGMENTS } from './words.ts'

const count = z.number().int()
/** Room for what the server looks at itself: it names the field and its bounds. */
const text = z.string().max(20_000)
const tags = z.array(text).max(100)
const buttons = z.array(z.array(z.union([z.strictObject({ text, url: text }), z.strictObject({ text, action: text })])))
const wholeId = count.min(1).max(Number.MAX_SAFE_INTEGER)

const trigger = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('keyword'), words: tags, match: z.enum(['any', 'all']) }),
    z.strictObject({ kind: z.literal('regex'), pattern: text, ignoreCase: z.boolean() }),
    z.strictObject({ kind: z.literal('command'), command: text }),
    z.strictObject({
      kind: z.literal('time'),
      when: z.enum(['inside', 'outside']),
      from: text.meta({ description: '`09:00`, on the tenant’s clock.' }),
      to: text,
      weekdays: z.array(count).max(20).meta({ description: '1 is Monday.' }),
    }),
    z.strictObject({ kind: z.literal('first_message') }),
    z.strictObject({ kind: z.literal('join') }),
    z.strictObject({ kind: z.literal('leave') }),
  ])
  .meta({ id: 'RuleTrigger' })

const conditions = z
  .strictObject({
    segments: z.array(z.enum(SEGMENTS)).max(100),
    tags,
    withoutTags: tags,
    languages: z.array(z.enum(LOCALES)).max(20),
    consents: z.array(z.enum(CONSENT_PURPOSES)).max(20),
  })
  .meta({ id: 'RuleConditions', description: 'Each list asks for one of its entries; an empty one asks for nothing.' })

const action = z
  .discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('reply'),
      texts: z.array(
        z.strictObject({
          locale: z.enum(LOCALES),
          text: text.meta({ description: 'Telegram’s HTML with {{variables}}.' }),
          buttons,
        }),
      ),
    }),
    z.strictObject({ kind: z.literal('tag'), add: tags, remove: tags }),
    z.strictObject({ kind: z.literal('assign'), memberId: z.number() }),
    z.strictObject({ kind: z.literal('hand_over') }),
    z.strictObject({ kind: z.literal('stage'), pipeline: text, stage: text }),
    z.strictObject({ kind: z.literal('snooze'), minutes: z.number() }),
  ])
  .meta({ id: 'RuleAction' })

/** A rule as a person writes it, whole. */
const written = {
  name: text,
  priority: z.number().meta({ description: '1–1000; the higher is asked first, among equals the older rule.' }),
  isEnabled: z.boolean(),
  trigger,
  scope: z.enum(RULE_SCOPES),
  groupReach: z.enum(['addressed', 'everything']),
  conditions,
  actions: z.array(action).max(100),
  contactCooldownMinutes: z.number(),
  chatCooldownMinutes: z.number(),
  maxPerDay: z.number().nullable().meta({ description: 'Firings within 24 hours; null for no limit.' }),
  goesOn: z.boolean().meta({ description: 'Further rules, and who else answers, are asked as well.' }),
  marksAnswered: z.boolean(),
}

const rule = z
  .object({
    ...written,
    id: z.number(),
    accountId: z.number(),
    version: count.meta({ description: 'Give it back to change exactly this.' }),
    changedBy: z.string(),
    changedAt: instant,
  })
  .meta({ id: 'Rule' })

const finding = z.object({
  code: z.string(),
  severity: z.enum(['error', 'warning']),
  /** `actions[0].texts[1].text`. */
  field: z.string(),
  detail: z.string().meta({ description: 'In the language of the caller.' }),
})
const changed = z.object({ rule, findings: z.array(finding) })
const message = z.object({ text: z.string().meta({ description: 'Telegram’s HTML.' }), buttons })

/** What may be left out of a new rule has the defaults of docs/rules.md; of a change, it stays as it is. */
const { name, trigger: happening, actions, ...others } = written
const draft = z.strictObject({ ...z.object(others).partial().shape, name, trigger: happening, actions })

export const rules = {
  list: route({
    method: 'GET',
    path: '/api/v1/rules',
    summary: 'The rules of an account in the order they are asked, with how often each did something in the last days.',
    access: 'settings.view',
    query: z.object({
      accountId: z.coerce.number().pipe(wholeId),
      days: z.coerce.number().int().min(1).max(90).default(7),
    }),
    response: z.object({
      items: z.array(z.object({ ...rule.shape, fired: count, answers: count })),
    }),
  }),
  get: route({
    method: 'GET',
    path: '/api/v1/rules/:id',
    summary: 'One rule with all its versions, newest first.',
    access: 'settings.view',
    params: idParams,
    response: z.object({ rule, versions: z.array(rule) }),
  }),
  create: route({
    method: 'POST',
    path: '/api/v1/rules',
    summary: 'Adds a rule to an account; it works at once unless it says otherwise.',
    access: 'settings.edit',
    body: z.strictObject({ ...draft.shape, accountId: wholeId }),
    response: changed,
  }),
  update: route({
    method: 'PATCH',
    path: '/api/v1/rules/:id',
    summary: 'Changes the fields that are given, as a new version; refused when somebody changed the rule meanwhile.',
    access: 'settings.edit',
    params: idParams,
    body: z.strictObject({ ...draft.partial().shape, expectedVersion: count }),
    response: changed,
  }),
  turn: route({
    method: 'PUT',
    path: '/api/v1/rules/:id/state',
    summary: 'Switches a rule on or off.',
    access: 'settings.edit',
    params: idParams,
    body: z.strictObject({ isEnabled: z.boolean() }),
    response: rule,
  }),
  remove: route({
    method: 'DELETE',
    path: '/api/v1/rules/:id',
    summary: 'Removes a rule; what it did and said stays readable.',
    access: 'settings.edit',
    params: idParams,
    response: z.object({}),
  }),
  order: route({
    method: 'PUT',
    path: '/api/v1/rules/order',
    summary: 'Has an account’s rules asked in this order; refused when there are other rules by now.',
    access: 'settings.edit',
    body: z.strictObject({ accountId: wholeId, ids: z.array(wholeId).max(1_000) }),
    response: z.object({ items: z.array(rule) }),
  }),
  try: route({
    method: 'POST',
    path: '/api/v1/rules/try',
    summary:
      'What each rule would make of a sentence and why the others would not, with a draft among them that need not be saved. Sends and writes nothing.',
    access: 'settings.view',
    body: z.strictObject({
      accountId: wholeId,
      text: z.string().max(4_096),
      kind: z.enum(['words', 'join', 'leave']).default('words'),
      place: z.enum(RULE_SCOPES).default('private'),
      isAddressed: z.boolean().default(false).meta({ description: 'In a group: it names the account or answers it.' }),
      isFirst: z.boolean().default(false).meta({ description: 'The first words of this person to the account.' }),
      draft: z
        .strictObject({ ...draft.shape, id: wholeId.nullable() })
        .nullable()
        .default(null)
        .meta({ description: 'Asked as well; with an id in place of that rule.' }),
    }),
    response: z.object({
      verdicts: z.array(
        z.object({
          id: z.number().nullable().meta({ description: 'Null for a draft of a new rule.' }),
          name: z.string(),
          priority: z.number(),
          outcome: z.enum(RULE_OUTCOMES),
          answer: message.nullable(),
        }),
      ),
      draft: z
        .object({
          findings: z.array(finding),
          /** Its answer by language, to somebody of whom nothing is known. */
          answers: z.array(z.object({ locale: z.enum(LOCALES), ...message.shape })),
        })
        .nullable(),
    }),
  }),
} as const
