import type { Locale } from '#contract/words.ts'
import { notFound } from '#server/base/errors.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import { getAccount } from '#server/modules/accounts/index.ts'
import { type Access, getOwnTenant, requireCan } from '#server/modules/tenancy/index.ts'
import { type LintFinding, type RenderedMessage, renderVariant } from '#server/modules/templates/index.ts'

import { requireRule } from './change-rule.ts'
import { checkRule } from './check-rule.rules.ts'
import { compileRule } from './compile-rule.rules.ts'
import { UNKNOWN_PERSON } from './render-answer.rules.ts'
import type { Rule } from './rule.rules.ts'

/** A rule as it would be kept, and what people would read of it. */
export interface RuleDraft {
  readonly rule: Rule
  readonly findings: readonly LintFinding[]
  /** Its answer in each of its languages, to somebody of whom nothing is known. */
  readonly answers: readonly { readonly locale: Locale; readonly message: RenderedMessage }[]
}

/** Of a rule that nobody saved yet; it is younger than every other. */
export const NEW_RULE_ID = Number.MAX_SAFE_INTEGER

/**
 * Looks at a rule that is being written, as a new one or (`id`) in place of one of the account's; writes nothing. Errors:
 * `forbidden/not_allowed`, `not_found` for the account and the rule, those of `checkRule`.
 */
export const draftRule = async (
  tx: TenantTx,
  { accountId, id, given, at }: Pick<Rule, 'accountId'> & { id: number | null; given: unknown; at: number },
  access: Access,
): Promise<RuleDraft> => {
  requireCan(access, 'settings.view')
  await getAccount(tx, accountId)
  const before = id === null ? null : await requireRule(tx, id)
  if (before && before.accountId !== accountId) throw notFound('rule', before.id)
  const { senderName } = await getOwnTenant(tx)
  const { name, priority, isEnabled, content, findings } = checkRule(given, senderName)
  const rule: Rule = {
    ...content,
    id: id ?? NEW_RULE_ID,
    accountId,
    version: (before?.version ?? 0) + 1,
    state: isEnabled ? 'enabled' : 'disabled',
    name,
    priority,
    changedBy: '',
    changedAt: at,
  }
  const answers = compileRule(rule).wordings.map((wording) => ({
    locale: wording.locale,
    message: renderVariant(wording, UNKNOWN_PERSON, { senderName }),
  }))
  return { rule, findings, answers }
}
