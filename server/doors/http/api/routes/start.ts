import { PACKAGES } from '#contract/words.ts'
import { AppError } from '#server/base/errors.ts'
import { asOperator } from '#server/db/tenant-scope.ts'
import { findPanelAccount } from '#server/modules/accounts/index.ts'
import { CATALOGUE, packageOf, periodPriceMinor } from '#server/modules/billing/index.ts'
import {
  type OnboardingView,
  choosePackage,
  findOpenOnboarding,
  openOnboarding,
  viewStartProgress,
} from '#server/modules/onboarding/index.ts'
import { createPageLink, listMemberships } from '#server/modules/tenancy/index.ts'

import type { Handlers, SessionCall } from '../call.ts'
import { sessionOf } from '../session-of.ts'

/** What can be chosen without asking anybody. */
const OFFERED = PACKAGES.flatMap((name) => {
  const { limits, priceMinor } = packageOf(name)
  if (priceMinor === null && name !== 'trial') return []
  const isTrial = name === 'trial'
  return [
    {
      package: name,
      priceMinor: isTrial ? 0 : periodPriceMinor(name, 0),
      currency: CATALOGUE.currency,
      days: isTrial ? CATALOGUE.trialDays : CATALOGUE.periodDays,
      accounts: limits.accounts,
    },
  ]
})

const present = ({ state, package: name, tenantId, expiresAt }: OnboardingView) => ({
  state,
  package: name,
  tenantId,
  expiresAt,
})

/** Errors: `conflict/start_person` for whoever has the console of the server. */
const personOf = (call: SessionCall): number => {
  const { telegramId } = sessionOf(call)
  if (telegramId === null) throw new AppError('conflict', 'start_person')
  return telegramId
}

export const startRoutes: Handlers['start'] = (deps) => {
  const { onboarding, db } = deps
  const surface = 'web' as const
  const isMember = (telegramId: number) =>
    asOperator(db, 'memberships of a newcomer', async (tx) => (await listMemberships(tx, telegramId)).length > 0)
  return {
    progress: ({ inTenant }) => inTenant(viewStartProgress),
    async newcomer(call) {
      const { telegramId } = sessionOf(call)
      const open = telegramId === null ? null : await findOpenOnboarding(onboarding, { telegramId, surface })
      const mayBegin = telegramId !== null && (open !== null || !(await isMember(telegramId)))
      const mayChoose = mayBegin && (open === null || open.commands.includes('choose_package'))
      const panel = await asOperator(db, 'the panel bot', findPanelAccount)
      return {
        open: open && present(open),
        offers: mayChoose ? OFFERED.filter(({ package: name }) => name !== 'trial' || open?.isTrialUsed !== true) : [],
        panelBot: panel?.username ?? null,
      }
    },
    async begin(call) {
      const { body, locale, at } = call
      const telegramId = personOf(call)
      const open = await findOpenOnboarding(onboarding, { telegramId, surface })
      // A second business is begun in the bot, which asks whether that is meant.
      if (open === null && (await isMember(telegramId))) throw new AppError('conflict', 'start_has_business')
      const { id } = await openOnboarding(onboarding, { telegramId, name: body.name ?? '', locale, surface }, at)
      const choice = { onboardingId: id, telegramId, package: body.package, surface }
      return present(await choosePackage(onboarding, choice, at))
    },
    async payPage(call) {
      const telegramId = personOf(call)
      const open = await findOpenOnboarding(onboarding, { telegramId, surface })
      if (open === null || open.tenantId === null) throw new AppError('conflict', 'start_nothing_to_pay')
      const { id: onboardingId, tenantId } = open
      const subject = { purpose: 'pay', telegramId, tenantId, onboardingId, locale: call.locale } as const
      const { path, expiresAt } = await createPageLink(db, subject, deps.pace.now())
      return { path, expiresAt }
    },
  }
}
