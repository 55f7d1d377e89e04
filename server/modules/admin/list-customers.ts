import { AppError, invalid } from '#server/base/errors.ts'
import type { OperatorTx } from '#server/db/tenant-scope.ts'
import { type Access, requireCan } from '#server/modules/tenancy/index.ts'

import {
  type Customer,
  type CustomerPage,
  type InstallationFigures,
  type RecentFailures,
  selectCustomers,
  selectFailures,
  selectInstallation,
  selectMeant,
} from './customer.store.ts'

const PORTION = 100

/**
 * Customers with package, state, remaining time and accounts, whose time ends soonest first; `search` finds `@user`
 * (people and bots), a Telegram number, or part of a name or slug. Without `installation.audit` user names are left out.
 * Errors: `forbidden/not_allowed`.
 */
export const listCustomers = async (
  tx: OperatorTx,
  access: Access,
  search: string | null = null,
  page: { readonly limit: number; readonly offset: number } = { limit: 50, offset: 0 },
): Promise<CustomerPage> => {
  requireCan(access, 'tenants.view')
  const limit = Math.min(Math.max(page.limit, 1), PORTION)
  const text = search === null || search.trim() === '' ? null : search
  const found = await selectCustomers(tx, { text }, { limit, offset: Math.max(0, page.offset) })
  return { ...found, customers: found.customers.map((customer) => maskCustomer(access, customer)) }
}

/** Those who help customers see what is theirs, not who they are: names of people are for those who run it. */
export const seesPeople = (access: Access): boolean => access.kind === 'operator' && access.role === 'operator'

const maskCustomer = (access: Access, customer: Customer): Customer =>
  seesPeople(access) ? customer : { ...customer, owners: [] }

/**
 * The customers that `given` may mean: `@user` of a member or of a bot, a member's Telegram number, a slug, or else part
 * of a name; at most eight. Errors: `forbidden/not_allowed`, `invalid/customer_expected` when nothing is given,
 * `not_found/customer_unknown`.
 */
export const findCustomers = async (tx: OperatorTx, access: Access, given: string): Promise<readonly Customer[]> => {
  requireCan(access, 'tenants.view')
  const word = given.trim().slice(0, 100)
  if (word === '') throw invalid('customer_expected', 'customer')
  const exact = await selectMeant(tx, word, 8)
  const found =
    exact.length > 0 ? exact : (await selectCustomers(tx, { text: word }, { limit: 8, offset: 0 })).customers
  if (found.length === 0) throw new AppError('not_found', 'customer_unknown', { given: word })
  return found.map((customer) => maskCustomer(access, customer))
}

/** The whole installation in figures. Errors: `forbidden/not_allowed`. */
export const reportInstallation = async (
  tx: OperatorTx,
  access: Access,
  since: number,
): Promise<InstallationFigures & { readonly failures: RecentFailures }> => {
  requireCan(access, 'installation.view')
  return { ...(await selectInstallation(tx)), failures: await selectFailures(tx, since) }
}

/** Updates and events that were put aside for a person, across tenants. */
export const countParked = async (tx: OperatorTx): Promise<{ readonly updates: number; readonly events: number }> => {
  const { updatesParked, eventsParked } = await selectInstallation(tx)
  return { updates: updatesParked, events: eventsParked }
}
