import { LOCALES, type Locale } from '#contract/words.ts'
import { invalid } from '#server/base/errors.ts'

import type { CommandInput } from '../command-input.ts'

const MINUTES_MAX = 30 * 24 * 60

const hoursIn = (input: CommandInput, when: 'inside' | 'outside') => {
  const given = input.text(when)
  if (given === null) return null
  const [, from, to] = /^(\d{2}:\d{2})-(\d{2}:\d{2})$/.exec(given) ?? []
  if (from === undefined || to === undefined) throw invalid('field_form', `--${when}`, { example: '09:00-18:00' })
  const weekdays = input.texts('weekday').map(Number)
  return { kind: 'time', when, from, to, ...(weekdays.length > 0 && { weekdays }) }
}

const triggerIn = (input: CommandInput): object | null => {
  const words = input.texts('keyword')
  const [pattern, name] = [input.text('regex'), input.text('on-command')]
  const about = input.oneOf('when', ['first_message', 'join', 'leave'])
  const found = [
    words.length > 0 ? { kind: 'keyword', words, match: input.isOn('all-words') ? 'all' : 'any' } : null,
    pattern === null ? null : { kind: 'regex', pattern },
    name === null ? null : { kind: 'command', command: name },
    hoursIn(input, 'outside'),
    hoursIn(input, 'inside'),
    about === null ? null : { kind: about },
  ].filter((trigger) => trigger !== null)
  if (found.length > 1) throw invalid('rule_one_trigger', '--keyword')
  return found[0] ?? null
}

const actionsIn = (input: CommandInput, tenantLocale: Locale): readonly object[] => {
  const text = input.text('reply')
  const tags = input.texts('label-with')
  const locale = input.oneOf('reply-lang', LOCALES) ?? tenantLocale
  return [
    ...(text === null ? [] : [{ kind: 'reply', texts: [{ locale, text }] }]),
    ...(tags.length > 0 ? [{ kind: 'tag', add: tags }] : []),
    ...(input.isOn('hand-over') ? [{ kind: 'hand_over' }] : []),
  ]
}

/** The fields of a rule that the options name, as `addRule` and `editRule` take them; what is not named is not there. */
export const ruleIn = (input: CommandInput, tenantLocale: Locale): Readonly<Record<string, unknown>> => {
  const fields: readonly (readonly [string, unknown])[] = [
    ['name', input.text('rule-name')],
    ['priority', input.whole('rank', 1, 1_000)],
    ['trigger', triggerIn(input)],
    ['scope', input.isOn('in-group') ? 'group' : null],
    ['groupReach', input.isOn('everything') ? 'everything' : null],
    ['contactCooldownMinutes', input.whole('contact-cooldown', 0, MINUTES_MAX)],
    ['chatCooldownMinutes', input.whole('chat-cooldown', 0, MINUTES_MAX)],
    ['maxPerDay', input.whole('per-day-max', 1, 1_000_000)],
    ['goesOn', input.isOn('goes-on') ? true : null],
  ]
  const actions = actionsIn(input, tenantLocale)
  return {
    ...Object.fromEntries(fields.filter(([, value]) => value !== null)),
    ...(actions.length > 0 && { actions }),
  }
}
