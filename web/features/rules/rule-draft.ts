import type { api } from '#contract/api.ts'
import type { RouteOutput } from '#contract/route.ts'
import type { Locale } from '#contract/words.ts'

export type Rule = RouteOutput<typeof api.rules.get>['rule']
export type ListedRule = RouteOutput<typeof api.rules.list>['items'][number]
export type Trigger = Rule['trigger']
export type Action = Rule['actions'][number]
export type Reply = Extract<Action, { kind: 'reply' }>

/** What the form holds: all that a person decides about a rule. */
export type RuleDraft = Omit<Rule, 'id' | 'accountId' | 'version' | 'changedBy' | 'changedAt'>

export const draftOf = (rule: Rule): RuleDraft => {
  const { id: _id, accountId: _account, version: _version, changedBy: _by, changedAt: _at, ...draft } = rule
  return draft
}

export const emptyReply = (locale: Locale): Reply => ({ kind: 'reply', texts: [{ locale, text: '', buttons: [] }] })

/** A rule nobody wrote yet, which answers in the language of whoever writes. */
export const emptyDraft = (locale: Locale): RuleDraft => ({
  name: '',
  priority: 100,
  isEnabled: true,
  trigger: { kind: 'keyword', words: [], match: 'any' },
  scope: 'private',
  groupReach: 'addressed',
  conditions: { segments: [], tags: [], withoutTags: [], languages: [], consents: [] },
  actions: [emptyReply(locale)],
  contactCooldownMinutes: 0,
  chatCooldownMinutes: 0,
  maxPerDay: null,
  goesOn: false,
  marksAnswered: true,
})

export const isSame = (a: RuleDraft, b: RuleDraft): boolean => JSON.stringify(a) === JSON.stringify(b)

const FRESH: Readonly<Record<Trigger['kind'], Trigger>> = {
  keyword: { kind: 'keyword', words: [], match: 'any' },
  regex: { kind: 'regex', pattern: '', ignoreCase: true },
  command: { kind: 'command', command: '' },
  time: { kind: 'time', when: 'outside', from: '09:00', to: '18:00', weekdays: [1, 2, 3, 4, 5, 6, 7] },
  first_message: { kind: 'first_message' },
  join: { kind: 'join' },
  leave: { kind: 'leave' },
}
export const TRIGGER_KINDS = Object.keys(FRESH) as Trigger['kind'][]

/** Half a day: somebody who writes all evening is told once that nobody is there. */
const AWAY_MINUTES = 12 * 60

/** Where a trigger can listen at all; null where somebody has to choose. */
export const placeOf = (kind: Trigger['kind']): RuleDraft['scope'] | null => {
  if (kind === 'join' || kind === 'leave') return 'group'
  return kind === 'first_message' ? 'private' : null
}

/** The draft with another kind of trigger, and what usually goes with it. */
export const withTrigger = (draft: RuleDraft, kind: Trigger['kind']): RuleDraft => {
  const wasAway = draft.trigger.kind === 'time'
  const isAway = kind === 'time'
  return {
    ...draft,
    trigger: FRESH[kind],
    scope: placeOf(kind) ?? draft.scope,
    ...(wasAway !== isAway && { contactCooldownMinutes: isAway ? AWAY_MINUTES : 0, marksAnswered: !isAway }),
  }
}

/** The draft's action of this kind, if it has one. */
export const actionOf = <K extends Action['kind']>(
  { actions }: Pick<RuleDraft, 'actions'>,
  kind: K,
): Extract<Action, { kind: K }> | null =>
  actions.find((action): action is Extract<Action, { kind: K }> => action.kind === kind) ?? null

/** The actions with this one in place of its like, or without it; an answer always comes first. */
export const putAction = (actions: readonly Action[], kind: Action['kind'], action: Action | null): Action[] => {
  if (action === null) return actions.filter((other) => other.kind !== kind)
  if (actions.some((other) => other.kind === kind))
    return actions.map((other) => (other.kind === kind ? action : other))
  return kind === 'reply' ? [action, ...actions] : [...actions, action]
}
