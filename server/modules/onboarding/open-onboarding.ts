import { LOCALES, type Locale, ONBOARDING_SURFACES, type OnboardingSurface } from '#contract/words.ts'
import { AppError, invalid } from '#server/base/errors.ts'
import type { OperatorTx } from '#server/db/tenant-scope.ts'

import { type Journal, applyMove, changing } from './change-onboarding.ts'
import { clearOnboarding } from './clear-onboarding.ts'
import type { OnboardingDeps } from './onboarding-deps.ts'
import { NEWCOMER, type Onboarding, hasEnded, next, stepExpiresAt } from './onboarding.rules.ts'
import {
  type NewOnboarding,
  insertEvents,
  insertOnboarding,
  insertSteps,
  lockOnboarding,
  selectOnboarding,
  updateOnboarding,
} from './onboarding.store.ts'
import { type OnboardingView, presentOnboarding } from './view-onboarding.ts'

export interface Newcomer {
  readonly telegramId: number
  readonly name: string
  readonly locale: Locale
  readonly surface: OnboardingSurface
  /** Which way of asking they are shown: a–z, 0–9, - and _, at most 40; `standard` when left out. */
  readonly variant?: string
}

const checkNewcomer = (given: Newcomer, at: number): NewOnboarding => {
  const { telegramId, locale, surface, variant = 'standard' } = given
  if (!Number.isSafeInteger(telegramId) || telegramId <= 0 || telegramId >= 2 ** 52)
    throw invalid('telegram_id_expected', 'telegramId', { given: String(telegramId) })
  if (!LOCALES.includes(locale)) throw invalid('unknown_word', 'locale', { given: locale, allowed: LOCALES.join(', ') })
  if (!ONBOARDING_SURFACES.includes(surface))
    throw invalid('unknown_word', 'surface', { given: surface, allowed: ONBOARDING_SURFACES.join(', ') })
  if (!/^[a-z0-9_-]{1,40}$/.test(variant)) throw invalid('onboarding_variant', 'variant', { max: 40 })
  const name = Array.from(given.name.trim()).slice(0, 50).join('') || `Telegram ${telegramId}`
  return { telegramId, name, locale, surface, variant, startedAt: at, expiresAt: stepExpiresAt('choosing', at, null) }
}

/**
 * Finds where this person stands, or lets them begin: one open onboarding a person, the same on every surface. One whose
 * time is over ends first. Errors: `invalid` naming the field.
 */
export const openOnboarding = async (deps: OnboardingDeps, given: Newcomer, at: number): Promise<OnboardingView> => {
  const newcomer = checkNewcomer(given, at)
  const { row, endedId } = await changing(deps, async (tx, journal) => {
    const before = await lockOnboarding(tx, { openOf: newcomer.telegramId })
    const open = before === null ? null : await endOverdue(tx, journal, before, at)
    if (open === null || hasEnded(open.state))
      return { row: await begin(tx, journal, newcomer), endedId: open?.id ?? null }
    if (open.locale !== newcomer.locale) await updateOnboarding(tx, open.id, { locale: newcomer.locale })
    return { row: { ...open, locale: newcomer.locale }, endedId: null }
  })
  if (endedId !== null) await clearOnboarding(deps, endedId, at)
  return presentOnboarding(deps, row, { surface: newcomer.surface })
}

/** What the duty would do, done where it is met first. */
export const endOverdue = async (
  tx: OperatorTx,
  journal: Journal,
  row: Onboarding,
  at: number,
): Promise<Onboarding> => {
  if (row.expiresAt === null || row.expiresAt > at) return row
  const command = { kind: 'expire' } as const
  const decision = next(row, command)
  return decision.kind === 'move' ? applyMove(tx, journal, row, decision, { command, at, surface: null }) : row
}

const begin = async (tx: OperatorTx, journal: Journal, newcomer: NewOnboarding): Promise<Onboarding> => {
  const id = await insertOnboarding(tx, newcomer)
  if (id === null) {
    // Another surface was quicker: it has committed, as its row could be seen.
    const open = await lockOnboarding(tx, { openOf: newcomer.telegramId })
    if (!open) throw new AppError('unavailable', 'onboarding_busy')
    return open
  }
  const { startedAt: at, surface } = newcomer
  await insertSteps(tx, id, [{ from: null, to: 'choosing', cause: 'open', surface }], at)
  await insertEvents(tx, id, NEWCOMER.events, at)
  for (const event of NEWCOMER.events) journal({ onboardingId: id, event, surface }, event)
  const row = await selectOnboarding(tx, { id })
  if (!row) throw new Error(`onboarding ${id} vanished in its own transaction`)
  return row
}
