import { OPERATOR_ROLES, type OperatorRole } from '#contract/words.ts'
import { invalid, notFound } from '#server/base/errors.ts'
import type { OperatorTx } from '#server/db/tenant-scope.ts'

import { recordAudit } from './audit.store.ts'
import { checkPerson } from './member.rules.ts'
import { type Operator, endOperator, listOperators, upsertOperator } from './operator.store.ts'
import { deleteSecondFactor } from './second-factor.store.ts'

interface Actor {
  readonly by: string
  readonly at: number
}

/** The person as one who runs the installation, or null. */
export const findOperator = async (tx: OperatorTx, telegramId: number): Promise<Operator | null> =>
  (await listOperators(tx)).find((operator) => operator.telegramId === telegramId) ?? null

/**
 * Lets somebody run the installation, or changes their role. Audited with before and after. Errors: `invalid` with
 * `unknown_word`, `telegram_id_expected` or `text_length`.
 */
export const addOperator = async (
  tx: OperatorTx,
  input: { readonly telegramId: number; readonly name: string; readonly role: OperatorRole },
  { by, at }: Actor,
): Promise<Operator> => {
  if (!OPERATOR_ROLES.includes(input.role))
    throw invalid('unknown_word', 'role', { given: input.role, allowed: OPERATOR_ROLES.join(', ') })
  const operator = { ...checkPerson(input), role: input.role, addedAt: at }
  const before = await upsertOperator(tx, operator)
  await recordAudit(tx, {
    tenantId: null,
    actor: by,
    action: 'operator.added',
    target: `operator:${operator.telegramId}`,
    detail: { before, after: operator.role },
    at,
  })
  return operator
}

/** Ends it, and with it their second factor. Audited. Errors: `not_found`. */
export const removeOperator = async (tx: OperatorTx, telegramId: number, { by, at }: Actor): Promise<void> => {
  const before = await endOperator(tx, telegramId, at)
  if (before === null) throw notFound('operator', telegramId)
  await deleteSecondFactor(tx, telegramId)
  const target = `operator:${telegramId}`
  await recordAudit(tx, {
    tenantId: null,
    actor: by,
    action: 'operator.removed',
    target,
    detail: { before, after: null },
    at,
  })
}
