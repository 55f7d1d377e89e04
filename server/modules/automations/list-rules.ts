import type { TenantTx } from '#server/db/tenant-scope.ts'
import { getAccount } from '#server/modules/accounts/index.ts'
import { type Access, requireCan } from '#server/modules/tenancy/index.ts'

import { requireRule } from './change-rule.ts'
import type { Rule } from './rule.rules.ts'
import { selectRuleVersions, selectRules } from './rule.store.ts'

/** The account's rules in the order they are asked, also those that are off. Errors: `forbidden/not_allowed`, `not_found`. */
export const listRules = async (tx: TenantTx, accountId: number, access: Access): Promise<readonly Rule[]> => {
  requireCan(access, 'settings.view')
  await getAccount(tx, accountId)
  return selectRules(tx, accountId)
}

export interface RuleView {
  readonly rule: Rule
  /** Every version, newest first: what was in force until the next one's `changedAt`. */
  readonly versions: readonly Rule[]
}

/** One rule with its versions. Errors: `forbidden/not_allowed`, `not_found`. */
export const getRule = async (tx: TenantTx, id: number, access: Access): Promise<RuleView> => {
  requireCan(access, 'settings.view')
  return { rule: await requireRule(tx, id), versions: await selectRuleVersions(tx, id) }
}
