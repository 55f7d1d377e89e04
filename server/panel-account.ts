import { ensureFirstTenant } from './first-account.ts'
import { type Account, type AccountsDeps, linkPanelAccount } from './modules/accounts/index.ts'

/**
 * Links the bot of the setting PANEL_BOT_TOKEN as the panel of the operator's first tenant, which is made when missing.
 * Repeatable. Errors: those of `linkPanelAccount`.
 */
export const linkConfiguredPanel = async (
  deps: AccountsDeps,
  settings: { readonly token: string; readonly apiRoot: string | null },
  at: number,
): Promise<Account> => {
  const tenantId = await ensureFirstTenant(deps, { ...settings, field: 'PANEL_BOT_TOKEN' }, at)
  return linkPanelAccount(deps, { tenantId, ...settings }, { by: 'settings', at })
}
