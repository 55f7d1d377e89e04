import type { OnboardingSurface } from '#contract/words.ts'
import { AppError } from '#server/base/errors.ts'
import { inTenant } from '#server/db/tenant-scope.ts'
import { type Account, type Actor, addAccount, listAccounts } from '#server/modules/accounts/index.ts'

import type { OnboardingDeps } from './onboarding-deps.ts'
import { recordLinkFailure } from './record-link-failure.ts'
import { findOpenOnboarding } from './view-onboarding.ts'

export interface BotLink {
  readonly tenantId: number
  /** As BotFather gives it. */
  readonly token: string
  readonly apiRoot: string | null
  /** The person who gives it; null for whoever has the console of the server. */
  readonly telegramId: number | null
  readonly surface: OnboardingSurface
}

/**
 * Links a bot that a member gives the token of. A newcomer has ten tries; whoever is a customer already may try as often
 * as they like. Errors: those of `addAccount`.
 */
export const linkBot = async (deps: OnboardingDeps, link: BotLink, actor: Actor): Promise<Account> => {
  const { tenantId, token, apiRoot, telegramId } = link
  try {
    const input = { tenantId, token, apiRoot, ...(telegramId !== null && { ownerTelegramId: telegramId }) }
    return await addAccount(deps.accounts, input, actor)
  } catch (error) {
    if (error instanceof AppError && !(await isOwn(deps, tenantId, error))) await countFailure(deps, link, actor.at)
    throw error
  }
}

/** The bot is this tenant's already, maybe by this very try before it could be answered. */
const isOwn = async ({ db }: OnboardingDeps, tenantId: number, { code, params }: AppError): Promise<boolean> =>
  code === 'account_already_linked' &&
  (await inTenant(db, tenantId, listAccounts)).some(({ id }) => id === params['id'])

const countFailure = async (
  deps: OnboardingDeps,
  { tenantId, telegramId, surface }: BotLink,
  at: number,
): Promise<void> => {
  const open = telegramId === null ? null : await findOpenOnboarding(deps, { telegramId, surface })
  if (open === null || telegramId === null || open.tenantId !== tenantId || open.state !== 'account_connecting') return
  await recordLinkFailure(deps, { onboardingId: open.id, telegramId, surface }, at)
}
