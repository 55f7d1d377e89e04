import { MINUTE_MS } from '#server/base/duration.ts'
import { localWeekday, zoneOffsetMs } from '#server/base/local-time.ts'
import type { renderVariant } from '#server/modules/templates/index.ts'

import type { Rule, Trigger } from './rule.rules.ts'
import { type FoldedText, type TextMatch, compileCommand, compileKeywords, compileRegex } from './text-match.rules.ts'

/** What happened that rules may answer. */
export interface RuleHappening {
  readonly kind: 'words' | 'join' | 'leave'
  readonly place: 'private' | 'group'
  readonly text: string
  /** In a group: the text names the account or answers it. */
  readonly isAddressed: boolean
  /** The contact never said a word to this account before. */
  readonly isFirst: boolean
  /** Epoch ms. */
  readonly at: number
  readonly timeZone: string
}

type Seen = RuleHappening & { readonly folded: FoldedText }

/** A rule, ready to be asked any number of times. */
export interface CompiledRule {
  readonly rule: Rule
  /** Whether the trigger matches, scope aside. */
  readonly matches: (happening: Seen) => boolean
  /** Wordings of its answer; none where it gives none. */
  readonly wordings: readonly Wording[]
}

/** A wording as the templates know it, so that variables are filled in there. */
export type Wording = Parameters<typeof renderVariant>[0]

export const WORDING_NAME = 'rule'

const wordingsOf = ({ actions }: Rule): readonly Wording[] =>
  actions.flatMap((action) =>
    action.kind === 'reply'
      ? action.texts.map((given) => ({ name: WORDING_NAME, media: null, weight: 1, ...given }))
      : [],
  )

const DAY_MINUTES = 24 * 60

const minutesOf = (clock: string): number => Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3))

/** Whether the hours hold at `at`. Hours that end before they begin belong, after midnight, to the day before. */
const isWithin = (
  { from, to, weekdays }: Extract<Trigger, { kind: 'time' }>,
  at: number,
  timeZone: string,
): boolean => {
  const [start, end] = [minutesOf(from), minutesOf(to)]
  const minute = Math.floor((at + zoneOffsetMs(at, timeZone)) / MINUTE_MS) % DAY_MINUTES
  const today = localWeekday(at, timeZone)
  const yesterday = today === 1 ? 7 : today - 1
  if (start <= end) return weekdays.includes(today) && minute >= start && minute < end
  return (minute >= start && weekdays.includes(today)) || (minute < end && weekdays.includes(yesterday))
}

const onText =
  (match: TextMatch) =>
  ({ kind, folded }: Seen): boolean =>
    kind === 'words' && match(folded)

/** Errors: `invalid/rule_regex_…`, `invalid/rule_keyword_empty`. */
export const compileTrigger = (trigger: Trigger): CompiledRule['matches'] => {
  switch (trigger.kind) {
    case 'keyword':
      return onText(compileKeywords(trigger.words, trigger.match))
    case 'regex':
      return onText(compileRegex(trigger.pattern, trigger.ignoreCase))
    case 'command':
      return onText(compileCommand(trigger.command))
    case 'time':
      return ({ kind, at, timeZone }) =>
        kind === 'words' && isWithin(trigger, at, timeZone) === (trigger.when === 'inside')
    case 'first_message':
      return ({ kind, place, isFirst }) => kind === 'words' && place === 'private' && isFirst
    case 'join':
    case 'leave':
      return ({ kind }) => kind === trigger.kind
    default:
      return trigger satisfies never
  }
}

/** A rule with its trigger compiled; one that is kept compiles. */
export const compileRule = (rule: Rule): CompiledRule => ({
  rule,
  matches: compileTrigger(rule.trigger),
  wordings: wordingsOf(rule),
})

/** The order in which rules are asked: by priority, the higher first, then the older. */
export const inOrder = <T extends { readonly rule: Pick<Rule, 'priority' | 'id'> }>(
  rules: readonly T[],
): readonly T[] => rules.toSorted((a, b) => b.rule.priority - a.rule.priority || a.rule.id - b.rule.id)
