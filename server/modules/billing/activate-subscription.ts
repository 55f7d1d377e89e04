import { PACKAGES, type PackageName } from '#contract/words.ts'
import { DAY_MS } from '#server/base/duration.ts'
import { AppError, invalid } from '#server/base/errors.ts'
import { emitEvents } from '#server/db/emit-events.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import { recordAudit } from '#server/modules/tenancy/index.ts'

import { CATALOGUE, packageOf } from './catalogue.rules.ts'
import {
  type ChangeQuote,
  PERIOD_MS,
  type PlannedPeriod,
  type Subscription,
  periodPriceMinor,
  planPeriod,
  quoteChange,
  stateAt,
  worthMs,
} from './subscription.rules.ts'
import { getSubscription, hasPeriod, insertPeriod, lockSubscription, saveSubscription } from './subscription.store.ts'

export interface Activation {
  /** The tenant of the transaction. */
  readonly tenantId: number
  /** One of `PACKAGES` but the trial. */
  readonly package: string
  /** 1–3660. */
  readonly periodDays: number
  /** `{extra_bot: n}`, bots beyond the package's own; as they are when left out. */
  readonly addOns?: Readonly<Record<string, number>>
  /** In minor units of `currency`. */
  readonly paidMinor: number
  /** The catalogue's when left out; what is paid in another is worth the list price. */
  readonly currency?: string
  /** Names the payment; a second activation with it changes nothing. */
  readonly reference: string
  /** For the audit log; `system` when left out. */
  readonly by?: string
  readonly at: number
}

const whole = (field: string, value: number, min: number, max: number): number => {
  if (!Number.isSafeInteger(value) || value < min || value > max)
    throw invalid('whole_number_expected', field, { given: String(value), min, max })
  return value
}

/**
 * Lets a tenant work for a paid period: renews and extends from the end of the running one, or begins another package
 * at once with what was left of the old one added. Idempotent by `reference`. Locks the subscription; emits
 * `subscription.changed`. Errors: `invalid/whole_number_expected`, `invalid/text_length`, `invalid/package_not_sold`,
 * `conflict/reference_used` when another tenant's period was paid with it.
 */
export const activateSubscription = async (tx: TenantTx, input: Activation): Promise<Subscription> => {
  if (input.tenantId !== tx.tenantId) throw new Error(`tenant ${input.tenantId} is not that of the transaction`)
  const name = checkPackage(input.package)
  const periodMs = whole('periodDays', input.periodDays, 1, 3_660) * DAY_MS
  const paidMinor = whole('paidMinor', input.paidMinor, 0, Number.MAX_SAFE_INTEGER)
  const reference = checkReference(input.reference)
  const before = await lockSubscription(tx)
  const wanted = { package: name, extraBots: extraBotsOf(input.addOns) ?? before.extraBots }
  if (await hasPeriod(tx, reference)) return before
  const period = planPeriod(before, { ...wanted, periodMs }, input.at)
  const currency = input.currency ?? CATALOGUE.currency
  const valueMinor =
    currency === CATALOGUE.currency || packageOf(name).priceMinor === null
      ? paidMinor
      : Math.round((periodPriceMinor(name, wanted.extraBots) * periodMs) / PERIOD_MS)
  const money = { paidMinor, currency, valueMinor, reference }
  return begin(tx, before, { ...wanted, period, ...money, by: input.by ?? 'system', at: input.at })
}

/** What changing the package, or the number of extra bots, costs at `at`: price, credit for unused days, what is due. */
export const quotePackageChange = async (
  tx: TenantTx,
  wanted: { readonly package: PackageName; readonly extraBots: number },
  at: number,
): Promise<ChangeQuote> => quoteChange(await getSubscription(tx), wanted, at)

/**
 * Changes the package at once, pro rata: the unused days of the old one count as money, and what is paid and credited
 * buys time at the new price. Nothing is deleted by a downgrade. Idempotent by `reference`. Locks the subscription;
 * emits `subscription.changed`. Errors: those of {@link activateSubscription}, `invalid/package_by_agreement`,
 * `invalid/payment_too_small` naming what is due.
 */
export const changePackage = async (
  tx: TenantTx,
  input: Omit<Activation, 'periodDays' | 'currency' | 'by'> & { readonly by: string },
): Promise<Subscription> => {
  if (input.tenantId !== tx.tenantId) throw new Error(`tenant ${input.tenantId} is not that of the transaction`)
  const reference = checkReference(input.reference)
  const paidMinor = whole('paidMinor', input.paidMinor, 0, Number.MAX_SAFE_INTEGER)
  const before = await lockSubscription(tx)
  const wanted = { package: checkPackage(input.package), extraBots: extraBotsOf(input.addOns) ?? before.extraBots }
  if (await hasPeriod(tx, reference)) return before
  const quote = quoteChange(before, wanted, input.at)
  if (paidMinor < quote.dueMinor)
    throw invalid('payment_too_small', 'paidMinor', { paid: paidMinor, due: quote.dueMinor, currency: quote.currency })
  const endsAt = input.at + worthMs(quote.creditMinor + paidMinor, quote.priceMinor)
  const period: PlannedPeriod = { kind: 'change', startsAt: input.at, endsAt, creditMinor: quote.creditMinor }
  const money = { paidMinor, currency: quote.currency, valueMinor: paidMinor, reference }
  return begin(tx, before, { ...wanted, period, ...money, by: input.by, at: input.at })
}

const checkPackage = (given: string): PackageName => {
  const name = PACKAGES.find((word) => word === given)
  if (name === undefined) throw invalid('unknown_word', 'package', { given, allowed: PACKAGES.join(', ') })
  if (name === 'trial') throw invalid('package_not_sold', 'package', { package: name })
  return name
}

/** Null when no add-on is spoken of. */
const extraBotsOf = (addOns: Activation['addOns']): number | null => {
  const stranger = Object.keys(addOns ?? {}).find((name) => name !== 'extra_bot')
  if (stranger !== undefined) throw invalid('unknown_word', 'addOns', { given: stranger, allowed: 'extra_bot' })
  const count = addOns?.['extra_bot']
  return count === undefined ? null : whole('addOns.extra_bot', count, 0, 1_000)
}

const checkReference = (given: string): string => {
  const reference = given.trim()
  if (reference.length === 0 || reference.length > 200)
    throw invalid('text_length', 'reference', { min: 1, max: 200, length: reference.length })
  return reference
}

interface Beginning {
  readonly package: PackageName
  readonly extraBots: number
  readonly period: PlannedPeriod
  readonly paidMinor: number
  readonly currency: string
  readonly valueMinor: number
  readonly reference: string
  readonly by: string
  readonly at: number
}

/** A renewal adds to the running period; what else begins stands alone. */
const begin = async (tx: TenantTx, before: Subscription, next: Beginning): Promise<Subscription> => {
  const { period, paidMinor, currency, valueMinor, at } = next
  const { startsAt, endsAt, creditMinor } = period
  const isNew = await insertPeriod(tx, { tenantId: tx.tenantId, ...next, ...period, recordedAt: at })
  if (!isNew) throw new AppError('conflict', 'reference_used', { field: 'reference' })
  const continues = period.kind === 'renewal'
  const written: Subscription = {
    tenantId: tx.tenantId,
    package: next.package,
    state: 'active',
    extraBots: next.extraBots,
    catalogueVersion: CATALOGUE.version,
    periodStartsAt: continues ? before.periodStartsAt : startsAt,
    periodEndsAt: endsAt,
    periodValueMinor: valueMinor + (continues ? before.periodValueMinor : creditMinor),
  }
  const after = { ...written, state: stateAt(written, at) }
  const limits = before.package === after.package && after.package === 'custom' ? 'as they are' : 'of package'
  await saveSubscription(tx, after, { at, limits })
  await recordAudit(tx, {
    tenantId: tx.tenantId,
    actor: next.by,
    action: `subscription.${period.kind}`,
    target: `package:${next.package}`,
    detail: {
      before: before.package,
      stateBefore: before.state,
      after: after.package,
      endsAt,
      paidMinor,
      currency,
      creditMinor,
    },
    at,
  })
  await emitEvents(tx, at, [{ type: 'subscription.changed', payload: { package: after.package, state: after.state } }])
  return after
}
