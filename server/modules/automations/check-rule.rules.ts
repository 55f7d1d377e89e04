import { invalid } from '#server/base/errors.ts'
import { isStopWord } from '#server/modules/contacts/index.ts'
import { parseShape } from '#server/base/parse-shape.ts'
import { type LintFinding, lintTemplate } from '#server/modules/templates/index.ts'

import { compileTrigger } from './compile-rule.rules.ts'
import { type RuleAction, type RuleContent, contentFrom, isReservedCommand, ruleSchema } from './rule.rules.ts'

/** A rule that may be kept, and what a person should look at before it answers anybody. */
export interface CheckedRule {
  readonly name: string
  readonly priority: number
  readonly isEnabled: boolean
  readonly content: RuleContent
  /** Warnings alone; an error refuses the rule. */
  readonly findings: readonly LintFinding[]
}

/** In a group there is no conversation to do it to. */
const CONVERSATION_ACTIONS: ReadonlySet<RuleAction['kind']> = new Set(['assign', 'hand_over', 'snooze'])

const refuseScope = ({ trigger, scope, groupReach, actions }: RuleContent): void => {
  const isAboutMembers = trigger.kind === 'join' || trigger.kind === 'leave'
  if (isAboutMembers && scope !== 'group')
    throw invalid('rule_scope', 'scope', { trigger: trigger.kind, scope: 'group' })
  if (scope === 'private') return
  if (trigger.kind === 'first_message')
    throw invalid('rule_scope', 'scope', { trigger: trigger.kind, scope: 'private' })
  if (trigger.kind === 'time' && groupReach === 'everything') throw invalid('rule_time_in_group', 'groupReach')
  const onConversation = actions.findIndex(({ kind }) => CONVERSATION_ACTIONS.has(kind))
  if (onConversation >= 0) throw invalid('rule_action_in_group', `actions[${onConversation}].kind`)
}

const refuseCommand = ({ trigger }: RuleContent): void => {
  if (trigger.kind !== 'command') return
  const { command } = trigger
  if (isReservedCommand(command) || isStopWord(command))
    throw invalid('rule_command_reserved', 'trigger.command', { command })
}

const OWN_NAME = 'rule'

const lintReply = (
  action: Extract<RuleAction, { kind: 'reply' }>,
  field: string,
  { scope }: RuleContent,
  senderName: string,
): readonly LintFinding[] => {
  const seen = new Set<string>()
  return action.texts.flatMap(({ locale, text, buttons }, i) => {
    const at = `${field}.texts[${i}]`
    if (seen.has(locale)) throw invalid('rule_locale_twice', `${at}.locale`, { locale })
    seen.add(locale)
    // What is known of somebody is for their own chat.
    if (scope === 'group' && /\{\{\s*attr[.]/i.test(text)) throw invalid('rule_group_personal', `${at}.text`)
    const variant = { name: OWN_NAME, locale, text, media: null, buttons, weight: 1 }
    const findings = lintTemplate({ messageClass: 'reply', variants: [variant] }, { senderName }).map((finding) => ({
      ...finding,
      field: `${at}.${finding.field}`,
    }))
    const errors = findings.filter(({ severity }) => severity === 'error')
    const [first] = errors
    if (first) throw invalid('rule_text', first.field, { ...first.params, finding: first.code, errors: errors.length })
    return findings
  })
}

const checkActions = (content: RuleContent, senderName: string): readonly LintFinding[] => {
  const replies = content.actions.filter(({ kind }) => kind === 'reply')
  if (replies.length > 1) throw invalid('rule_replies', 'actions')
  return content.actions.flatMap((action, i) => {
    if (action.kind === 'tag' && action.add.length + action.remove.length === 0)
      throw invalid('tags_missing', `actions[${i}]`)
    return action.kind === 'reply' ? lintReply(action, `actions[${i}]`, content, senderName) : []
  })
}

/**
 * A rule as it may be kept: whole, with a trigger that works, in a place where it can act, and texts that Telegram takes
 * and acceptable use allows. Errors: `invalid` with `persona_field_…` or `unknown_word` naming the field, `rule_regex_…`,
 * `rule_keyword_empty`, `rule_command_…`, `rule_scope`, `rule_time_in_group`, `rule_action_in_group`, `rule_replies`,
 * `rule_locale_twice`, `rule_group_personal`, `rule_text` naming the first error of the lint.
 */
export const checkRule = (given: unknown, senderName: string): CheckedRule => {
  const parsed = parseShape(ruleSchema, given)
  const content = contentFrom(parsed)
  refuseScope(content)
  refuseCommand(content)
  compileTrigger(content.trigger)
  const { name, priority, isEnabled } = parsed
  return { name, priority, isEnabled, content, findings: checkActions(content, senderName) }
}
