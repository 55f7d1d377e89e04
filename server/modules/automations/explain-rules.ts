import type { RuleOutcome } from '#contract/words.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import { getAccount } from '#server/modules/accounts/index.ts'
import { type Access, getOwnTenant, requireCan } from '#server/modules/tenancy/index.ts'
import type { RenderedMessage } from '#server/modules/templates/index.ts'

import { type RuleHappening, compileRule, inOrder } from './compile-rule.rules.ts'
import { type FireHistory, type RulePerson, decideRules } from './decide-rules.rules.ts'
import { readRulePeople } from './fire-rules.ts'
import { readFireHistories, readRuleContacts } from './fire.store.ts'
import { type Addressed, UNKNOWN_PERSON, renderAnswer } from './render-answer.rules.ts'
import type { Rule } from './rule.rules.ts'
import { selectRules } from './rule.store.ts'

export interface RuleTrial extends Partial<Pick<RuleHappening, 'kind' | 'place' | 'isAddressed' | 'isFirst'>> {
  /** Who says it: their segments, tags, language and cooldowns count. Somebody unknown when left out. */
  readonly contactId?: number
  /** When it is said, epoch ms. */
  readonly at: number
  /** Asked as well, in place of the rule of its id: one that nobody saved yet. */
  readonly draft?: Rule
}

export interface RuleExplanation {
  readonly rule: Rule
  readonly outcome: RuleOutcome
  /** What would be answered; null where nothing is. */
  readonly answer: RenderedMessage | null
}

const NO_HISTORY: FireHistory = { rules: new Map(), groupAnsweredAt: null, groupCooldownMs: 0, isRepeated: false }

/** No update bears this number. */
const NO_UPDATE = -1

/**
 * What each of the account's rules would make of a text, in the order they are asked, and why the others would not; sends
 * and writes nothing. Errors: `forbidden/not_allowed`, `not_found` for the account.
 */
export const explainRules = async (
  tx: TenantTx,
  accountId: number,
  text: string,
  trial: RuleTrial,
  access: Access,
): Promise<readonly RuleExplanation[]> => {
  requireCan(access, 'settings.view')
  await getAccount(tx, accountId)
  const tenant = await getOwnTenant(tx)
  const { contactId, at, draft } = trial
  const kept = (await selectRules(tx, accountId)).filter(({ id }) => id !== draft?.id)
  const rules = inOrder((draft ? [...kept, draft] : kept).map(compileRule))
  const place = trial.place ?? 'private'
  const happening: RuleHappening = {
    kind: trial.kind ?? 'words',
    place,
    text,
    isAddressed: trial.isAddressed ?? false,
    isFirst: trial.isFirst ?? false,
    at,
    timeZone: tenant.timeZone,
  }
  let addressed: Addressed = UNKNOWN_PERSON
  let person: RulePerson = { segments: [], tags: [], consents: [], language: tenant.locale }
  let history = NO_HISTORY
  if (contactId !== undefined) {
    const contacts = await readRuleContacts(tx, [contactId])
    addressed = contacts.get(contactId) ?? addressed
    person = (await readRulePeople(tx, contacts, tenant, rules)).get(contactId) ?? person
    const chatId = place === 'private' ? (contacts.get(contactId)?.telegramId ?? 0) : 0
    const question = {
      place: { accountId, contactId, chatId, updateId: NO_UPDATE, at },
      rules: rules.map(({ rule }) => rule),
    }
    history = (await readFireHistories(tx, [question]))[0] ?? NO_HISTORY
  }
  return decideRules(rules, happening, person, history).map(({ rule, outcome }, i) => {
    const compiled = rules[i]
    const answer = outcome === 'fires' && compiled ? renderAnswer(compiled, addressed, tenant) : null
    return { rule, outcome, answer }
  })
}
