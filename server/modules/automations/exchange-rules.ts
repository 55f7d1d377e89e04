import { z } from 'zod'

import { AppError } from '#server/base/errors.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import { parseShape } from '#server/base/parse-shape.ts'
import { type Access, type ActingPerson, requireCan } from '#server/modules/tenancy/index.ts'
import type { LintFinding } from '#server/modules/templates/index.ts'

import { addRule, editRule, setRuleState } from './change-rule.ts'
import { listRules } from './list-rules.ts'
import { type RuleInput, inputOf } from './rule.rules.ts'
import { lockRules } from './rule.store.ts'

const RULES_FORMAT = 'gavatcore.rules/1'

/** All rules of an account as a file holds them. */
export interface RulesFile {
  readonly format: typeof RULES_FORMAT
  readonly rules: readonly RuleInput[]
}

const fileSchema = z.strictObject({
  format: z.literal(RULES_FORMAT),
  rules: z.array(z.record(z.string(), z.unknown())).max(200),
})

/** The account's rules, as `importRules` takes them back unchanged. Errors: `forbidden/not_allowed`, `not_found`. */
export const exportRules = async (tx: TenantTx, accountId: number, access: Access): Promise<RulesFile> => ({
  format: RULES_FORMAT,
  rules: (await listRules(tx, accountId, access)).map(inputOf),
})

export interface RulesImport {
  /** Names of rules. */
  readonly added: readonly string[]
  readonly changed: readonly string[]
  readonly unchanged: readonly string[]
  readonly removed: readonly string[]
  readonly findings: readonly LintFinding[]
}

/** A refusal that says which rule of the file it is about. */
const within = async <T>(i: number, work: () => Promise<T>): Promise<T> => {
  try {
    return await work()
  } catch (error) {
    const field = error instanceof AppError ? error.params['field'] : undefined
    if (!(error instanceof AppError) || typeof field !== 'string') throw error
    throw new AppError(error.kind, error.code, { ...error.params, field: `rules[${i}].${field}` }, { cause: error })
  }
}

/**
 * Takes rules over from a file, whole or not at all: a rule of the same name is changed, others are added; with
 * `replaces`, rules the file does not name are removed. Locks the account's rules. Errors: those of `addRule` and
 * `editRule`, naming the rule's place in the file.
 */
export const importRules = async (
  tx: TenantTx,
  {
    accountId,
    json,
    replaces = false,
  }: { readonly accountId: number; readonly json: unknown; readonly replaces?: boolean },
  actor: ActingPerson,
): Promise<RulesImport> => {
  requireCan(actor.access, 'settings.edit')
  const { rules } = parseShape(fileSchema, json)
  await lockRules(tx, accountId)
  const before = await listRules(tx, accountId, actor.access)
  const named = new Set(rules.map(({ name }) => name))
  const removed = replaces ? before.filter(({ name }) => !named.has(name)) : []
  for (const { id } of removed) await setRuleState(tx, { id, state: 'removed' }, actor)
  const result = {
    added: [] as string[],
    changed: [] as string[],
    unchanged: [] as string[],
    findings: [] as LintFinding[],
  }
  for (const [i, given] of rules.entries()) {
    const known = before.find(({ name }) => name === given['name'])
    const { rule, isChanged, findings } = await within(i, () =>
      known ? editRule(tx, { id: known.id, change: given }, actor) : addRule(tx, { accountId, given }, actor),
    )
    result[!known ? 'added' : isChanged ? 'changed' : 'unchanged'].push(rule.name)
    result.findings.push(...findings)
  }
  return { ...result, removed: removed.map(({ name }) => name) }
}
