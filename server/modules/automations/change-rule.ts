import { isDeepStrictEqual } from 'node:util'

import type { RuleState } from '#contract/words.ts'
import { AppError, notFound } from '#server/base/errors.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import { getAccount } from '#server/modules/accounts/index.ts'
import { type ActingPerson, getOwnTenant, recordAudit, requireCan } from '#server/modules/tenancy/index.ts'
import type { LintFinding } from '#server/modules/templates/index.ts'

import { type CheckedRule, checkRule } from './check-rule.rules.ts'
import { requireTargets } from './perform-action.ts'
import { type Rule, contentOf, inputOf } from './rule.rules.ts'
import { findRule, insertRuleVersion, lockRules, selectRules } from './rule.store.ts'

/** A rule as it stands after a change, and what the lint would have a person look at. */
export interface ChangedRule {
  readonly rule: Rule
  /** False where the change changed nothing: no version was made. */
  readonly isChanged: boolean
  readonly findings: readonly LintFinding[]
}

/** Every message asks all of them. */
const RULES_MAX = 200

/** A rule that was not removed. Errors: `not_found`. */
export const requireRule = async (tx: TenantTx, id: number): Promise<Rule> => {
  const rule = await findRule(tx, id)
  if (!rule || rule.state === 'removed') throw notFound('rule', id)
  return rule
}

type Standing = Pick<Rule, 'accountId' | 'name' | 'priority' | 'state'> & CheckedRule['content']

const isSame = (before: Rule, after: Standing): boolean =>
  before.name === after.name &&
  before.priority === after.priority &&
  before.state === after.state &&
  isDeepStrictEqual(contentOf(before), contentOf(after))

/** Puts a version in force and writes down who did. The caller holds `lockRules`. */
export const writeRule = async (
  tx: TenantTx,
  before: Rule | null,
  after: Standing,
  action: 'rule.added' | 'rule.updated' | 'rule.enabled' | 'rule.disabled' | 'rule.removed',
  { by, at }: ActingPerson,
): Promise<Rule> => {
  const version = (before?.version ?? 0) + 1
  const id = await insertRuleVersion(tx, { ...after, id: before?.id ?? null, version, changedBy: by, changedAt: at })
  // What each version says is in the versions themselves.
  const detail = { account: after.accountId, name: after.name, version }
  await recordAudit(tx, { tenantId: tx.tenantId, actor: by, action, target: `rule:${id}`, detail, at })
  const rule = await findRule(tx, id)
  if (!rule) throw new Error('a rule that was just written is gone')
  return rule
}

const stateOf = (isEnabled: boolean): RuleState => (isEnabled ? 'enabled' : 'disabled')

const refuseNameTaken = (others: readonly Rule[], name: string, own: number | null): void => {
  const taken = others.find((rule) => rule.name === name && rule.id !== own)
  if (taken) throw new AppError('conflict', 'rule_name_taken', { field: 'name', name, id: taken.id })
}

/**
 * Adds a rule to an account, enabled unless it says otherwise. `given` is a rule as a person writes it. Locks the
 * account's rules. Errors: `forbidden/not_allowed`, `not_found` for the account, `conflict/rule_name_taken`,
 * `limit_reached/rules_max`, those of `checkRule` and `requireTargets`.
 */
export const addRule = async (
  tx: TenantTx,
  { accountId, given }: { readonly accountId: number; readonly given: unknown },
  actor: ActingPerson,
): Promise<ChangedRule> => {
  requireCan(actor.access, 'settings.edit')
  await getAccount(tx, accountId)
  const { name, priority, isEnabled, content, findings } = checkRule(given, (await getOwnTenant(tx)).senderName)
  await requireTargets(tx, content.actions)
  await lockRules(tx, accountId)
  const others = await selectRules(tx, accountId)
  refuseNameTaken(others, name, null)
  if (others.length >= RULES_MAX) throw new AppError('limit_reached', 'rules_max', { limit: RULES_MAX })
  const after = { ...content, accountId, name, priority, state: stateOf(isEnabled) }
  return { rule: await writeRule(tx, null, after, 'rule.added', actor), isChanged: true, findings }
}

/** What of a rule changes. With `expectedVersion` only if it is still that version. */
export interface RuleChange {
  readonly id: number
  readonly change: Readonly<Record<string, unknown>>
  readonly expectedVersion?: number
}

/**
 * Changes the fields that are given, as a new version; a change that changes nothing makes none. Locks the account's
 * rules. Errors: `forbidden/not_allowed`, `not_found`, `conflict/rule_name_taken`, `conflict/rule_moved_on`, those of
 * `checkRule` and `requireTargets`.
 */
export const editRule = async (
  tx: TenantTx,
  { id, change, expectedVersion }: RuleChange,
  actor: ActingPerson,
): Promise<ChangedRule> => {
  requireCan(actor.access, 'settings.edit')
  const { accountId } = await requireRule(tx, id)
  await lockRules(tx, accountId)
  const before = await requireRule(tx, id)
  if (expectedVersion !== undefined && expectedVersion !== before.version)
    throw new AppError('conflict', 'rule_moved_on', { field: 'expectedVersion', id, version: before.version })
  const { senderName } = await getOwnTenant(tx)
  const { name, priority, isEnabled, content, findings } = checkRule({ ...inputOf(before), ...change }, senderName)
  refuseNameTaken(await selectRules(tx, accountId), name, id)
  await requireTargets(tx, content.actions)
  const after = { ...content, accountId, name, priority, state: stateOf(isEnabled) }
  if (isSame(before, after)) return { rule: before, isChanged: false, findings }
  return { rule: await writeRule(tx, before, after, 'rule.updated', actor), isChanged: true, findings }
}

/**
 * Switches a rule on or off, or removes it; what it did and said stays readable. Locks the account's rules. Errors:
 * `forbidden/not_allowed`, `not_found`.
 */
export const setRuleState = async (
  tx: TenantTx,
  { id, state }: { readonly id: number; readonly state: RuleState },
  actor: ActingPerson,
): Promise<Rule> => {
  requireCan(actor.access, 'settings.edit')
  const { accountId } = await requireRule(tx, id)
  await lockRules(tx, accountId)
  const before = await requireRule(tx, id)
  if (before.state === state) return before
  return writeRule(tx, before, { ...before, state }, `rule.${state}`, actor)
}
