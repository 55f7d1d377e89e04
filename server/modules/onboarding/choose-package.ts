import { type OnboardingSurface, PACKAGES, type PackageName } from '#contract/words.ts'
import { toDate } from '#server/base/clock.ts'
import { AppError, invalid } from '#server/base/errors.ts'
import { type OperatorTx, withinTenant } from '#server/db/tenant-scope.ts'
import { periodPriceMinor, startSubscription } from '#server/modules/billing/index.ts'
import { addOwner, findTenant, setTenantState } from '#server/modules/tenancy/index.ts'

import { type OnboardingOwner, applyMove, changing, decide, lockOwn } from './change-onboarding.ts'
import { catchUpWithAccount } from './advance-on-linked-account.ts'
import type { OnboardingDeps } from './onboarding-deps.ts'
import type { Onboarding } from './onboarding.rules.ts'
import { hasUsedTrial } from './onboarding.store.ts'
import { makeTenant } from './set-up-tenant.ts'
import { type OnboardingView, presentOnboarding } from './view-onboarding.ts'

/** A payment names at most so many pieces of an add-on. */
const EXTRA_BOTS_MAX = 100

export interface PackageChoice extends OnboardingOwner {
  readonly package: PackageName
  /** Bots beyond the package's own, 0–100; none with the trial. */
  readonly extraBots?: number
  readonly surface: OnboardingSurface
}

const checkChoice = ({ package: name, extraBots = 0 }: PackageChoice): number => {
  if (!PACKAGES.includes(name)) throw invalid('unknown_word', 'package', { given: name, allowed: PACKAGES.join(', ') })
  const max = name === 'trial' ? 0 : EXTRA_BOTS_MAX
  if (!Number.isSafeInteger(extraBots) || extraBots < 0 || extraBots > max)
    throw invalid('whole_number_expected', 'extraBots', { given: String(extraBots), min: 0, max })
  // Refuses what is sold by agreement alone.
  if (name !== 'trial') periodPriceMinor(name, extraBots)
  return extraBots
}

/**
 * Chooses a package, or another one while nothing is paid; choosing the same again changes nothing. Makes the tenant,
 * owned by the person: with the trial it works at once and an account is next; otherwise it is suspended and its package
 * over until a payment is believed. Errors: `not_found`, `invalid`, `conflict/trial_used`, those of a step.
 */
export const choosePackage = async (
  deps: OnboardingDeps,
  choice: PackageChoice,
  at: number,
): Promise<OnboardingView> => {
  const extraBots = checkChoice(choice)
  const { package: name, surface } = choice
  const row = await changing(deps, async (tx, journal) => {
    const before = await lockOwn(tx, choice, at)
    const isSame = before.package === name && before.extraBots === extraBots
    if (isSame && (before.state === 'package_selected' || (name === 'trial' && before.state === 'account_connecting')))
      return before
    const command = { kind: 'choose_package', isTrial: name === 'trial' } as const
    const decision = decide(before, command)
    if (decision.kind === 'keep') return before
    if (name === 'trial' && (await hasUsedTrial(tx, before.telegramId, before.id)))
      throw new AppError('conflict', 'trial_used', { field: 'package' })
    const tenantId = await prepareTenant(tx, before, name, at)
    const columns = {
      package: name,
      extra_bots: extraBots,
      tenant_id: tenantId,
      ...(name === 'trial' && { trial_started_at: toDate(before.trialStartedAt ?? at) }),
    }
    const known = { ...before, tenantId }
    return applyMove(tx, journal, known, decision, { command, at, surface, columns })
  })
  return presentOnboarding(deps, await catchUpWithAccount(deps, row, at), { surface })
}

/** The id of the tenant with the package: new, or the one of an earlier choice. */
const prepareTenant = async (tx: OperatorTx, row: Onboarding, name: PackageName, at: number): Promise<number> => {
  const actor = { by: `telegram:${row.telegramId}`, at }
  const isTrial = name === 'trial'
  const terms = { package: name, isUnpaid: !isTrial }
  const tenantId = row.tenantId ?? (await makeOwnedTenant(tx, row, terms, actor))
  if (row.tenantId !== null)
    await startSubscription(tx, { tenantId, ...terms, at: isTrial ? (row.trialStartedAt ?? at) : at })
  const state = isTrial ? 'active' : 'suspended'
  await setTenantState(tx, tenantId, { state, reason: isTrial ? 'trial' : 'not paid yet' }, actor)
  return tenantId
}

const makeOwnedTenant = async (
  tx: OperatorTx,
  row: Onboarding,
  terms: { readonly package: PackageName; readonly isUnpaid: boolean },
  actor: { readonly by: string; readonly at: number },
): Promise<number> => {
  const { id, telegramId, locale } = row
  const name = row.name ?? `Telegram ${telegramId}`
  const tenant = await makeTenant(tx, { slug: await freeSlug(tx, id), name, locale, ...terms }, actor)
  await withinTenant(tx, tenant.id, (inner) => addOwner(inner, { telegramId, name }, actor))
  return tenant.id
}

/** An operator may have given a tenant this name by hand. */
const freeSlug = async (tx: OperatorTx, id: number): Promise<string> => {
  for (let n = 0; ; n += 1) {
    const slug = n === 0 ? `customer-${id}` : `customer-${id}-${n}`
    if ((await findTenant(tx, slug)) === null) return slug
  }
}
