import type { ConsentPurpose, Locale, RuleOutcome, Segment } from '#contract/words.ts'
import { DAY_MS, MINUTE_MS } from '#server/base/duration.ts'

import type { CompiledRule, RuleHappening } from './compile-rule.rules.ts'
import type { Rule, RuleConditions } from './rule.rules.ts'
import { foldForMatch } from './text-match.rules.ts'

/** What is known of the person, as far as a condition asks. */
export interface RulePerson {
  readonly segments: readonly Segment[]
  readonly tags: readonly string[]
  readonly consents: readonly ConsentPurpose[]
  readonly language: Locale
}

/** What a rule did before, as far as its limits ask. Instants are epoch ms; null for never. */
export interface RuleHistory {
  readonly contactFiredAt: number | null
  readonly chatFiredAt: number | null
  readonly firedToday: number
}

export interface FireHistory {
  readonly rules: ReadonlyMap<number, RuleHistory>
  /** The account's newest answer by rule in this group. */
  readonly groupAnsweredAt: number | null
  readonly groupCooldownMs: number
  /** Rules did something at this very update before. */
  readonly isRepeated: boolean
}

export interface RuleVerdict {
  readonly rule: Rule
  readonly outcome: RuleOutcome
}

/** What a rule has to have matched before anything is looked up. */
export const triggerOutcome = (
  { rule, matches }: CompiledRule,
  happening: RuleHappening,
  folded = foldForMatch(happening.text),
): RuleOutcome | null => {
  if (rule.state !== 'enabled') return 'disabled'
  if (rule.scope !== happening.place) return 'other_place'
  if (!matches({ ...happening, folded })) return 'no_match'
  const asks = happening.kind === 'words' && happening.place === 'group' && rule.groupReach === 'addressed'
  return asks && !happening.isAddressed ? 'not_addressed' : null
}

const lacks = <T>(wanted: readonly T[], has: readonly T[]): boolean =>
  wanted.length > 0 && !wanted.some((item) => has.includes(item))

const conditionOutcome = (conditions: RuleConditions, person: RulePerson): RuleOutcome | null => {
  if (lacks(conditions.languages, [person.language])) return 'other_language'
  if (lacks(conditions.segments, person.segments)) return 'other_segment'
  if (lacks(conditions.tags, person.tags)) return 'tag_missing'
  if (conditions.withoutTags.some((tag) => person.tags.includes(tag))) return 'tag_present'
  return lacks(conditions.consents, person.consents) ? 'consent_missing' : null
}

const isRecent = (firedAt: number | null, spanMs: number, at: number): boolean =>
  firedAt !== null && spanMs > 0 && at < firedAt + spanMs

/** Whether a rule answers what nobody asked of the account. */
const isUnasked = (rule: Rule, { place, kind, isAddressed }: RuleHappening): boolean =>
  place === 'group' && kind === 'words' && rule.groupReach === 'everything' && !isAddressed

const limitOutcome = (rule: Rule, happening: RuleHappening, history: FireHistory): RuleOutcome | null => {
  const { at } = happening
  const own = history.rules.get(rule.id)
  if (own && isRecent(own.contactFiredAt, rule.contactCooldownMinutes * MINUTE_MS, at)) return 'contact_cooldown'
  if (own && isRecent(own.chatFiredAt, rule.chatCooldownMinutes * MINUTE_MS, at)) return 'chat_cooldown'
  if (isUnasked(rule, happening) && isRecent(history.groupAnsweredAt, history.groupCooldownMs, at))
    return 'group_cooldown'
  return own && rule.maxPerDay !== null && own.firedToday >= rule.maxPerDay ? 'daily_max' : null
}

const repliesOf = ({ actions }: Rule): boolean => actions.some(({ kind }) => kind === 'reply')

/**
 * What comes of each rule, in their order: the first that matches ends it unless it goes on. A message is answered once:
 * after an answer, further rules that would answer are passed over. Pure.
 */
export const decideRules = (
  rules: readonly CompiledRule[],
  happening: RuleHappening,
  person: RulePerson,
  history: FireHistory,
): readonly RuleVerdict[] => {
  const folded = foldForMatch(happening.text)
  let isOver = false
  let isAnswered = false
  return rules.map((compiled): RuleVerdict => {
    const { rule } = compiled
    const outcome =
      triggerOutcome(compiled, happening, folded) ??
      conditionOutcome(rule.conditions, person) ??
      (isOver ? 'after_match' : isAnswered && repliesOf(rule) ? 'answered_already' : null) ??
      limitOutcome(rule, happening, history)
    if (outcome !== null) return { rule, outcome }
    isOver = !rule.goesOn
    isAnswered ||= repliesOf(rule)
    return { rule, outcome: 'fires' }
  })
}

/** A rule that has just done something, where the ledger does not tell of it yet. */
export interface NewFire {
  readonly ruleId: number
  readonly contactId: number
  readonly chatId: number
  readonly updateId: number
  readonly isAnswer: boolean
  readonly at: number
}

const later = (a: number | null, b: number | null): number | null =>
  a === null || b === null ? (a ?? b) : Math.max(a, b)

/** A history as it is once these rules have fired, too. Pure. */
export const withFires = (
  history: FireHistory,
  { contactId, chatId, updateId, at }: Pick<NewFire, 'contactId' | 'chatId' | 'updateId' | 'at'>,
  fires: readonly NewFire[],
): FireHistory => {
  if (fires.length === 0) return history
  const newest = (of: readonly NewFire[]): number | null =>
    of.length === 0 ? null : Math.max(...of.map((fire) => fire.at))
  const here = fires.filter((fire) => fire.chatId === chatId)
  const rules = [...history.rules].map(([ruleId, own]): [number, RuleHistory] => {
    const same = fires.filter((fire) => fire.ruleId === ruleId)
    const changed = {
      contactFiredAt: later(own.contactFiredAt, newest(same.filter((fire) => fire.contactId === contactId))),
      chatFiredAt: later(own.chatFiredAt, newest(same.filter((fire) => fire.chatId === chatId))),
      firedToday: own.firedToday + same.filter((fire) => fire.at > at - DAY_MS).length,
    }
    return [ruleId, changed]
  })
  const answers = chatId < 0 ? here.filter((fire) => fire.isAnswer) : []
  return {
    ...history,
    rules: new Map(rules),
    groupAnsweredAt: later(history.groupAnsweredAt, newest(answers)),
    isRepeated: history.isRepeated || here.some((fire) => fire.updateId === updateId),
  }
}
