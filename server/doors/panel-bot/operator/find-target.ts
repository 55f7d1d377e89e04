import { AppError } from '#server/base/errors.ts'
import { asOperator } from '#server/db/tenant-scope.ts'
import { type Customer, findCustomers } from '#server/modules/admin/index.ts'
import { findTenant } from '#server/modules/tenancy/index.ts'

import type { Reply } from '../reply.ts'
import { isolate, say } from '../say.ts'
import { type Talk, actingOperator } from '../talk.ts'

/** The customer a command is about, as far as its screens name them. */
export interface Target {
  readonly tenantId: number
  readonly name: string
  readonly slug: string
}

/** The customer a pressed button carries; null when it carries none. Errors: `not_found/customer_unknown` once they are gone. */
const pressedTarget = async (talk: Talk): Promise<Target | null> => {
  const id = talk.tenant?.id
  if (id === undefined) return null
  const tenant = await asOperator(talk.deps.db, 'customer of a button', (tx) => findTenant(tx, id))
  // Never somebody else instead: the words behind the button are no name.
  if (tenant === null) throw new AppError('not_found', 'customer_unknown', { given: String(id) })
  return { tenantId: tenant.id, name: tenant.name, slug: tenant.slug }
}

const choiceRow = (customer: Customer, action: string, args: readonly (string | number)[]) => [
  { label: `${customer.name} · ${customer.slug}`.slice(0, 60), action, args, tenantId: customer.tenantId },
]

/**
 * Runs `work` on the customer a button carries or the command's first word names; where several fit, asks which one, and
 * the choice goes on with `action` and the words that follow. Errors: those of {@link findCustomers}.
 */
export const withTarget = async (
  talk: Talk,
  action: string,
  work: (target: Target, rest: readonly string[]) => Promise<Reply> | Reply,
): Promise<Reply> => {
  const pressed = await pressedTarget(talk)
  if (pressed !== null) return work(pressed, talk.args)
  const [given = '', ...rest] = talk.args
  const { access } = actingOperator(talk)
  const found = await asOperator(talk.deps.db, 'find a customer', (tx) => findCustomers(tx, access, given))
  const [first] = found
  if (found.length === 1 && first) return work(first, rest)
  const words = rest.filter((word) => /^[A-Za-z0-9_-]{1,12}$/.test(word)).slice(0, 1)
  return {
    text: say(talk, 'operator.which', { given: isolate(given) }),
    rows: found.map((customer) => choiceRow(customer, action, words)),
  }
}
