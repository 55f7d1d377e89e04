import type { Locale } from '#contract/words.ts'
import {
  type ChangedRule,
  NEW_RULE_ID,
  type Rule,
  type RuleDraft,
  type RuleExplanation,
  addRule,
  draftRule,
  editRule,
  explainRules,
  getRule,
  orderRules,
  reportRules,
  setRuleState,
} from '#server/modules/automations/index.ts'

import type { Handlers } from '../call.ts'
import { given } from '../given.ts'
import { showFinding } from '../show-finding.ts'

const showRule = ({ state, ...rule }: Rule) => ({ ...rule, isEnabled: state === 'enabled' })

const showChanged = ({ rule, findings }: ChangedRule, locale: Locale) => ({
  rule: showRule(rule),
  findings: findings.map(showFinding(locale)),
})

const showVerdict = ({ rule: { id, name, priority }, outcome, answer }: RuleExplanation) => ({
  id: id === NEW_RULE_ID ? null : id,
  name,
  priority,
  outcome,
  answer: answer && { text: answer.text, buttons: answer.buttons },
})

const showDraft = ({ findings, answers }: RuleDraft, locale: Locale) => ({
  findings: findings.map(showFinding(locale)),
  answers: answers.map(({ locale: of, message: { text, buttons } }) => ({ locale: of, text, buttons })),
})

export const ruleRoutes: Handlers['rules'] = () => ({
  list: ({ inTenant, actor, at, query: { accountId, days } }) =>
    inTenant(async (tx) => {
      const { rules } = await reportRules(tx, { accountId, days, at }, actor.access)
      return { items: rules.map(({ rule, fired, answers }) => ({ ...showRule(rule), fired, answers })) }
    }),
  get: ({ inTenant, actor, params: { id } }) =>
    inTenant(async (tx) => {
      const { rule, versions } = await getRule(tx, id, actor.access)
      return { rule: showRule(rule), versions: versions.map(showRule) }
    }),
  create: ({ inTenant, actor, locale, body: { accountId, ...rule } }) =>
    inTenant(async (tx) => showChanged(await addRule(tx, { accountId, given: rule }, actor), locale)),
  update: ({ inTenant, actor, locale, params: { id }, body: { expectedVersion, ...change } }) =>
    inTenant(async (tx) =>
      showChanged(await editRule(tx, { id, change: given(change), expectedVersion }, actor), locale),
    ),
  turn: ({ inTenant, actor, params: { id }, body: { isEnabled } }) =>
    inTenant(async (tx) => showRule(await setRuleState(tx, { id, state: isEnabled ? 'enabled' : 'disabled' }, actor))),
  remove: ({ inTenant, actor, params: { id } }) =>
    inTenant(async (tx) => {
      await setRuleState(tx, { id, state: 'removed' }, actor)
      return {}
    }),
  order: ({ inTenant, actor, body }) =>
    inTenant(async (tx) => ({ items: (await orderRules(tx, body, actor)).map(showRule) })),
  try: ({ inTenant, actor, at, locale, body: { accountId, text, draft: wanted, ...trial } }) =>
    inTenant(async (tx) => {
      const { id, ...rule } = wanted ?? { id: null }
      const draft = wanted && (await draftRule(tx, { accountId, id, given: rule, at }, actor.access))
      const asked = { ...trial, at, ...(draft && { draft: draft.rule }) }
      const explained = await explainRules(tx, accountId, text, asked, actor.access)
      return { verdicts: explained.map(showVerdict), draft: draft && showDraft(draft, locale) }
    }),
})
