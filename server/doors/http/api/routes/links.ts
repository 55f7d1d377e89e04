import { AppError } from '#server/base/errors.ts'
import { asOperator } from '#server/db/tenant-scope.ts'
import {
  type Account,
  findPanelAccount,
  linkBusinessConnection,
  listAccounts,
  listWaitingConnections,
} from '#server/modules/accounts/index.ts'
import { findOpenOnboarding, linkBot } from '#server/modules/onboarding/index.ts'
import { createPageLink } from '#server/modules/tenancy/index.ts'

import type { Handlers, TenantCall } from '../call.ts'

const present = ({ id, displayName, username }: Account) => ({ id, displayName, username })

/** The person behind a call; null for a key and for whoever has the console of the server. */
const telegramIdOf = ({ caller }: TenantCall): number | null =>
  caller.kind === 'person' ? caller.session.telegramId : null

export const linkRoutes: Handlers['links'] = (deps) => {
  const { db, box, onboarding, linking } = deps
  return {
    async ways({ inTenant, tenant }) {
      const panel = await asOperator(db, 'the panel bot', findPanelAccount)
      const bots = (await inTenant(listAccounts)).filter(
        ({ kind, state, purpose }) => kind === 'bot' && state === 'active' && purpose === 'contacts',
      )
      const waiting = await listWaitingConnections(db, tenant.id)
      return {
        own: linking.hasOwnAccounts,
        businessBots: [panel, ...bots].flatMap((bot) => bot?.username ?? []),
        waiting: waiting.map(({ viaAccountId, ownerTelegramId, displayName, username }) => ({
          viaAccountId,
          ownerTelegramId,
          ownerName: displayName,
          username,
        })),
      }
    },
    async bot(call) {
      const { actor, tenant, body } = call
      const { apiRoot } = linking
      const link = { tenantId: tenant.id, token: body.token, apiRoot, telegramId: telegramIdOf(call), surface: 'web' } as const // prettier-ignore
      return present(await linkBot(onboarding, link, actor))
    },
    business: async ({ actor, tenant, body }) =>
      present(await linkBusinessConnection({ db, box }, { tenantId: tenant.id, ...body }, actor)),
    async own(call) {
      const telegramId = telegramIdOf(call)
      if (telegramId === null) throw new AppError('conflict', 'start_person')
      if (!linking.hasOwnAccounts) throw new AppError('unavailable', 'user_accounts_off', { field: 'TELEGRAM_API_ID' })
      const open = await findOpenOnboarding(onboarding, { telegramId, surface: 'web' })
      const { id: tenantId } = call.tenant
      const onboardingId = open?.tenantId === tenantId ? open.id : null
      const subject = { purpose: 'login', telegramId, tenantId, onboardingId, locale: call.locale } as const
      const { path, expiresAt } = await createPageLink(db, subject, deps.pace.now())
      return { path, expiresAt }
    },
  }
}
