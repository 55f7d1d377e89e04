import type { OnboardingSurface, ReplyMode } from '#contract/words.ts'
import { asOperator, inTenant, withinTenant } from '#server/db/tenant-scope.ts'
import { getAccount } from '#server/modules/accounts/index.ts'
import { setInviteRatio, setProductPrice, setReplyMode } from '#server/modules/conversations/index.ts'

import { type OnboardingOwner, applyMove, changing, lockOwn, refusalOf } from './change-onboarding.ts'
import type { CheckResult, OnboardingDeps } from './onboarding-deps.ts'
import { type Onboarding, type OnboardingCommand, hasEnded, next } from './onboarding.rules.ts'
import { lockOnboarding, selectOnboarding, selectUncheckedIds } from './onboarding.store.ts'
import { type OnboardingView, presentOnboarding } from './view-onboarding.ts'

/** What the profile starts with where it is not as the package has it. */
export interface ProfileSettings {
  readonly replyMode?: ReplyMode
  /** Share of conversations, 0–1, bounded by the package. */
  readonly inviteRatio?: number
  /** In minor units of the catalogue's currency. */
  readonly productPriceMinor?: number
}

export interface ProfileStep extends OnboardingOwner {
  readonly settings?: ProfileSettings
  readonly surface: OnboardingSurface
}

/**
 * Takes the person's settings over and checks the account again: where all is well it is active. A check that fails
 * counts as an attempt, and says what was found. On an active one it changes nothing. Errors: `not_found`, those of a
 * step and of the settings.
 */
export const completeProfile = async (
  deps: OnboardingDeps,
  step: ProfileStep,
  at: number,
): Promise<{ readonly view: OnboardingView; readonly check: CheckResult | null }> => {
  const { settings = {}, surface } = step
  const row = await asOperator(deps.db, 'onboarding', async (tx) => {
    const own = await lockOwn(tx, step, at)
    const { tenantId, accountId, state } = own
    if (state === 'active') return own
    if (state !== 'profile_created' || tenantId === null || accountId === null)
      throw refusalOf(own, { kind: 'refuse', code: hasEnded(state) ? 'onboarding_over' : 'onboarding_step' })
    await withinTenant(tx, tenantId, async (inner) => {
      const actor = { by: `telegram:${own.telegramId}`, at }
      const { replyMode: mode, inviteRatio: ratio, productPriceMinor: priceMinor } = settings
      if (mode !== undefined) await setReplyMode(inner, { accountId, mode }, actor)
      if (ratio !== undefined) await setInviteRatio(inner, { accountId, ratio }, actor)
      if (priceMinor !== undefined) await setProductPrice(inner, { accountId, priceMinor }, actor)
    })
    return own
  })
  const check = await checkProfile(deps, row.id, { at, surface, counts: true })
  const after = await asOperator(deps.db, 'onboarding', (tx) => selectOnboarding(tx, { id: row.id }))
  return { view: await presentOnboarding(deps, after ?? row, { surface }), check }
}

export interface CheckContext {
  readonly at: number
  readonly surface: OnboardingSurface | null
  /** Whether a failure counts as an attempt: a person's does, the duty's does not. */
  readonly counts: boolean
}

/**
 * Checks the account of an onboarding that has its profile: active where all is well, back to linking where the account
 * is gone. Null where nothing waits for a check. Repeatable, and safe beside another that checks.
 */
export const checkProfile = async (
  deps: OnboardingDeps,
  onboardingId: number,
  { at, surface, counts }: CheckContext,
): Promise<CheckResult | null> => {
  const row = await asOperator(deps.db, 'onboarding', (tx) => selectOnboarding(tx, { id: onboardingId }))
  if (row?.state !== 'profile_created' || row.tenantId === null || row.accountId === null) return null
  const { tenantId, accountId } = row
  const account = await inTenant(deps.db, tenantId, (tx) => getAccount(tx, accountId))
  const isGone = account.state === 'disconnected'
  const check = isGone
    ? { ok: false, findings: [account.stateReason] }
    : await deps.checkAccount(tenantId, accountId, at)
  const kind = isGone ? 'account_lost' : check.ok ? 'check_passed' : 'check_failed'
  if (kind !== 'check_failed' || counts) await record(deps, row, { kind }, { at, surface })
  return check
}

const record = (
  deps: OnboardingDeps,
  { id, accountId }: Onboarding,
  command: OnboardingCommand,
  { at, surface }: Pick<CheckContext, 'at' | 'surface'>,
): Promise<void> =>
  changing(deps, async (tx, journal) => {
    const before = await lockOnboarding(tx, { id })
    // The person took another account meanwhile: this check says nothing about it.
    if (before?.accountId !== accountId) return
    const decision = next(before, command)
    if (decision.kind !== 'move') return
    const columns = command.kind === 'account_lost' ? { account_id: null, link_way: null } : {}
    await applyMove(tx, journal, before, decision, { command, at, surface, columns })
  })

/** Checks again what waits for its check, at most 50 a call: a bot may be ready a moment later. Returns how many passed. */
export const checkWaitingProfiles = async (deps: OnboardingDeps, at: number): Promise<number> => {
  const ids = await asOperator(deps.db, 'onboarding', (tx) => selectUncheckedIds(tx, 50))
  let passed = 0
  for (const id of ids) if ((await checkProfile(deps, id, { at, surface: null, counts: false }))?.ok) passed += 1
  return passed
}
