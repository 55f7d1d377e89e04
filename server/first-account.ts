import { AppError } from './base/errors.ts'
import { asOperator } from './db/tenant-scope.ts'
import { type AccountsDeps, addAccount, findTokenOwner } from './modules/accounts/index.ts'
import { setUpTenant } from './modules/onboarding/index.ts'
import { findTenant } from './modules/tenancy/index.ts'

/** The tenant of an installation that was started with a bot token and nothing else. */
const FIRST_TENANT_SLUG = 'default'

/**
 * Links the bot of the setting TELEGRAM_BOT_TOKEN: to the tenant that has it already, with a changed token taken over,
 * else to the first tenant, which is made when missing. Repeatable. Errors: those of `addAccount`.
 */
export const linkFirstAccount = async (
  deps: AccountsDeps,
  settings: { readonly token: string; readonly apiRoot: string | null },
  at: number,
): Promise<void> => {
  const owner = await findTokenOwner(deps, settings.token)
  if (owner?.hasThisToken && owner.state !== 'disconnected') return
  const tenantId = owner?.tenantId ?? (await ensureFirstTenant(deps, { ...settings, field: 'TELEGRAM_BOT_TOKEN' }, at))
  await addAccount(deps, { tenantId, ...settings, replacesToken: true }, { by: 'settings', at })
}

/** The operator's own tenant; `field` is the setting whose bot lends it its name when it has to be made. */
export const ensureFirstTenant = async (
  deps: AccountsDeps,
  settings: { readonly token: string; readonly apiRoot: string | null; readonly field: string },
  at: number,
): Promise<number> => {
  const existing = await asOperator(deps.db, 'find the first tenant', (tx) => findTenant(tx, FIRST_TENANT_SLUG))
  if (existing) return existing.id
  // Asked before anything is made, so that a wrong token leaves nothing behind; its bot lends the tenant its name.
  const answer = await deps.feed.validateToken(settings)
  if (answer.kind !== 'done') {
    const reason = 'reason' in answer ? answer.reason : answer.kind
    const refused = answer.kind === 'account_lost' || answer.kind === 'rejected'
    throw refused
      ? new AppError('invalid', settings.field === 'PANEL_BOT_TOKEN' ? 'panel_token_refused' : 'bot_token_refused', {
          field: settings.field,
          reason,
        })
      : new AppError('unavailable', 'telegram_unreachable', { reason })
  }
  const name = answer.value.displayName.slice(0, 100)
  const tenant = await setUpTenant(
    deps.db,
    { slug: FIRST_TENANT_SLUG, name, package: 'custom' },
    { by: 'settings', at },
  )
  return tenant.id
}
