import type { TenantTx } from '#server/db/tenant-scope.ts'
import { type Conversation, markAllAnswered } from '#server/modules/conversations/index.ts'
import { type ReplyInput, createReplies } from '#server/modules/delivery/index.ts'
import { findSegments } from '#server/modules/segments/index.ts'
import type { Tenant } from '#server/modules/tenancy/index.ts'

import type { CompiledRule, RuleHappening } from './compile-rule.rules.ts'
import { findCompiledRules } from './compiled-rules.ts'
import {
  type FireHistory,
  type NewFire,
  type RulePerson,
  decideRules,
  triggerOutcome,
  withFires,
} from './decide-rules.rules.ts'
import { type RuleContact, insertFires, readFireHistories, readRuleContacts } from './fire.store.ts'
import { performAction } from './perform-action.ts'
import { localeOf, renderAnswer } from './render-answer.rules.ts'
import { lockRules } from './rule.store.ts'
import { foldForMatch } from './text-match.rules.ts'

/** Something that rules may answer, and where it happened. */
export interface RuleEvent extends Omit<RuleHappening, 'timeZone'> {
  readonly tenant: Tenant
  readonly accountId: number
  readonly contactId: number
  /** Telegram's: the person's own in a private chat. */
  readonly chatId: number
  readonly updateId: number
  /** The conversation and the turn the words are of; null in a group. */
  readonly conversation: Pick<Conversation, 'id' | 'turn'> | null
  /** When it is applied, epoch ms. */
  readonly now: number
}

export interface RuleResult {
  /** Nobody else has to answer: a rule matched and does not go on. */
  readonly isHandled: boolean
  /** Rules that did something, in their order. */
  readonly fired: readonly { readonly ruleId: number; readonly deliveryId: number | null }[]
}

const NOTHING: RuleResult = { isHandled: false, fired: [] }

/** What is known of people, as far as these rules ask. */
export const readRulePeople = async (
  tx: TenantTx,
  contacts: ReadonlyMap<number, RuleContact>,
  tenant: Tenant,
  rules: readonly Pick<CompiledRule, 'rule'>[],
): Promise<ReadonlyMap<number, RulePerson>> => {
  const asksSegments = rules.some(({ rule }) => rule.conditions.segments.length > 0)
  const assignments = asksSegments ? await findSegments(tx, [...contacts.keys()]) : []
  const segmentsOf = new Map(
    assignments.map(({ contactId, holdings }) => [contactId, holdings.map(({ segment }) => segment)]),
  )
  return new Map(
    [...contacts].map(([id, { tags, consents, languageCode }]) => [
      id,
      { segments: segmentsOf.get(id) ?? [], tags, consents, language: localeOf(languageCode, tenant.locale) },
    ]),
  )
}

/** A rule that does something, and what about. */
interface Firing {
  readonly compiled: CompiledRule
  readonly event: RuleEvent
  readonly contact: RuleContact
}

interface Matching {
  readonly event: RuleEvent
  readonly happening: RuleHappening
  readonly rules: readonly CompiledRule[]
}

/**
 * Asks accounts' rules about what happened to people, and does what those say that match, each about its own account: the
 * first by priority, and further ones while they go on. Answers are deliveries; the conversation counts as answered unless
 * the rule says otherwise. One result for each event, in their order. Looks nothing up before a trigger matches. The same
 * update does nothing a second time. Locks the rules of the accounts where some match, so that cooldowns hold whoever
 * works beside; then the conversations.
 */
export const fireAllRules = async (tx: TenantTx, events: readonly RuleEvent[]): Promise<readonly RuleResult[]> => {
  const [first] = events
  if (!first) return []
  const compiled = await findCompiledRules(
    tx,
    events.map(({ accountId }) => accountId),
  )
  const matching = events.flatMap((event) => matchingRules(compiled.get(event.accountId) ?? [], event))
  if (matching.length === 0) return events.map(() => NOTHING)
  const contacts = await readRuleContacts(
    tx,
    matching.map(({ event }) => event.contactId),
  )
  const asked = matching.flatMap(({ rules }) => rules)
  const people = await readRulePeople(tx, contacts, first.tenant, asked)
  await lockRules(tx, ...matching.map(({ event }) => event.accountId))
  const histories = await readFireHistories(
    tx,
    matching.map(({ event, rules }) => ({ place: event, rules: rules.map(({ rule }) => rule) })),
  )
  const { firings, handled } = decideAll(matching, { contacts, people, histories })
  const deliveries = await fire(tx, firings)
  return events.map((event) => ({
    isHandled: handled.has(event),
    fired: firings.flatMap((firing) =>
      firing.event === event
        ? [{ ruleId: firing.compiled.rule.id, deliveryId: deliveries.get(keyOf(firing)) ?? null }]
        : [],
    ),
  }))
}

/** The same for one thing that happened. */
export const fireRules = async (tx: TenantTx, event: RuleEvent): Promise<RuleResult> =>
  (await fireAllRules(tx, [event]))[0] ?? NOTHING

const matchingRules = (compiled: readonly CompiledRule[], event: RuleEvent): readonly Matching[] => {
  const happening: RuleHappening = { ...event, timeZone: event.tenant.timeZone }
  const folded = foldForMatch(event.text)
  const rules = compiled.filter((rule) => triggerOutcome(rule, happening, folded) === null)
  return rules.length === 0 ? [] : [{ event, happening, rules }]
}

/** One after another: what a rule does about one event counts at the next. */
const decideAll = (
  matching: readonly Matching[],
  known: {
    readonly contacts: ReadonlyMap<number, RuleContact>
    readonly people: ReadonlyMap<number, RulePerson>
    readonly histories: readonly FireHistory[]
  },
) => {
  const firings: Firing[] = []
  const fires: (NewFire & Pick<RuleEvent, 'accountId'>)[] = []
  const handled = new Set<RuleEvent>()
  for (const [i, { event, happening, rules }] of matching.entries()) {
    const contact = known.contacts.get(event.contactId)
    const person = known.people.get(event.contactId)
    const before = known.histories[i]
    if (!contact || !person || !before) throw new Error('what rules ask of a contact was not read')
    const own = fires.filter(({ accountId }) => accountId === event.accountId)
    const history = withFires(before, event, own)
    const verdicts = history.isRepeated ? [] : decideRules(rules, happening, person, history)
    const firing = rules.filter((_, at) => verdicts[at]?.outcome === 'fires')
    if (history.isRepeated || firing.some(({ rule }) => !rule.goesOn)) handled.add(event)
    for (const compiled of firing) {
      firings.push({ compiled, event, contact })
      fires.push({ ...event, ruleId: compiled.rule.id, isAnswer: isAnswering(compiled) })
    }
  }
  return { firings, handled }
}

const isAnswering = ({ rule }: CompiledRule): boolean => rule.actions.some(({ kind }) => kind === 'reply')

/** An answer's key: the same rule answers an update once. */
const keyOf = ({ compiled, event }: Firing): string => `rule:${event.accountId}:${event.updateId}:${compiled.rule.id}`

/** Does what rules say. Gives the answers' deliveries by their keys. */
const fire = async (tx: TenantTx, firings: readonly Firing[]): Promise<ReadonlyMap<string, number>> => {
  for (const { compiled, event } of firings)
    for (const action of compiled.rule.actions)
      if (action.kind !== 'reply') await performAction(tx, compiled.rule.id, action, event)
  const deliveries = await createReplies(tx, firings.flatMap(answerOf))
  await insertFires(
    tx,
    firings.map((firing) => ({
      ...firing.event,
      ruleId: firing.compiled.rule.id,
      ruleVersion: firing.compiled.rule.version,
      deliveryId: deliveries.get(keyOf(firing)) ?? null,
    })),
  )
  const answered = firings.filter((firing) => deliveries.has(keyOf(firing)) && firing.compiled.rule.marksAnswered)
  const [first] = answered
  const conversations = new Set(answered.flatMap(({ event }) => event.conversation?.id ?? []))
  if (first) await markAllAnswered(tx, [...conversations], first.event.now)
  return deliveries
}

const answerOf = (firing: Firing): readonly ReplyInput[] => {
  const { compiled, event, contact } = firing
  const message = isAnswering(compiled) ? renderAnswer(compiled, contact, event.tenant) : null
  if (!message) return []
  return [
    {
      accountId: event.accountId,
      contactId: event.place === 'group' ? null : event.contactId,
      chatId: event.chatId,
      text: message.text,
      buttons: message.buttons,
      source: 'rule',
      messageClass: 'reply',
      dedupeKey: keyOf(firing),
      at: event.now,
    },
  ]
}
