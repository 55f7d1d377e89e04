import { AppError, invalid, notFound } from '#server/base/errors.ts'
import { randomToken } from '#server/base/secret.ts'
import { inTenant } from '#server/db/tenant-scope.ts'
import { recordAudit } from '#server/modules/tenancy/index.ts'

import { type UpdateMode, webhookSecretContext } from './account.rules.ts'
import { type SealedAccount, lockAccount, saveUpdateMode, saveWebhookSecret, selectAccount } from './account.store.ts'
import type { AccountsDeps, Actor } from './accounts-deps.ts'
import { openSealed } from './open-account.ts'

/** Telegram sends this many updates at once; order inside a chat is kept whatever this says. */
const MAX_CONNECTIONS = 40

const readAccount = async (deps: AccountsDeps, tenantId: number, id: number): Promise<SealedAccount> => {
  const account = await inTenant(deps.db, tenantId, (tx) => selectAccount(tx, { id }))
  if (!account) throw notFound('account', id)
  return account
}

/**
 * Tells Telegram how this account's updates come, as its mode says: sets the webhook with its present secret, or takes
 * it away so that polling works. Repeatable. Errors: `not_found`, `invalid/public_url_needed`,
 * `unavailable/telegram_refused` naming Telegram's reason.
 */
export const configureUpdates = async (deps: AccountsDeps, tenantId: number, id: number): Promise<void> => {
  const sealed = await readAccount(deps, tenantId, id)
  // People's and business accounts are told of updates in other ways.
  if (sealed.kind !== 'bot') return
  const account = openSealed(deps.box, sealed)
  if (sealed.updateMode === 'webhook' && deps.publicUrl === null) throw invalid('public_url_needed', 'PUBLIC_URL')
  const result =
    sealed.updateMode === 'webhook'
      ? await deps.feed.setWebhook(account, {
          url: `${deps.publicUrl ?? ''}/telegram/${sealed.webhookKey}`,
          secretToken: deps.box.open(sealed.webhookSecretSealed, webhookSecretContext(tenantId, sealed.telegramId)),
          maxConnections: MAX_CONNECTIONS,
        })
      : await deps.feed.deleteWebhook(account)
  if (result.kind === 'done') return
  const reason = 'reason' in result ? result.reason : result.kind
  throw new AppError('unavailable', 'telegram_refused', { id, reason })
}

/** Changes how updates come and tells Telegram. Errors: those of {@link configureUpdates}. */
export const setUpdateMode = async (
  deps: AccountsDeps,
  tenantId: number,
  id: number,
  mode: UpdateMode,
  { by, at }: Actor,
): Promise<void> => {
  if (mode === 'webhook' && deps.publicUrl === null) throw invalid('public_url_needed', 'PUBLIC_URL')
  await inTenant(deps.db, tenantId, async (tx) => {
    if (!(await lockAccount(tx, id))) throw notFound('account', id)
    await saveUpdateMode(tx, id, mode)
    await recordAudit(tx, {
      tenantId,
      actor: by,
      action: 'account.update_mode',
      target: `account:${id}`,
      detail: { mode },
      at,
    })
  })
  await configureUpdates(deps, tenantId, id)
}

/**
 * Gives the account a new webhook address and secret and tells Telegram; calls with the old ones are refused from then
 * on. Errors: those of {@link configureUpdates}.
 */
export const rotateWebhookSecret = async (
  deps: AccountsDeps,
  tenantId: number,
  id: number,
  { by, at }: Actor,
): Promise<void> => {
  await inTenant(deps.db, tenantId, async (tx) => {
    const account = await lockAccount(tx, id)
    if (!account) throw notFound('account', id)
    const sealed = deps.box.seal(randomToken(32), webhookSecretContext(tenantId, account.telegramId))
    await saveWebhookSecret(tx, id, randomToken(24), sealed)
    await recordAudit(tx, { tenantId, actor: by, action: 'account.webhook_rotated', target: `account:${id}`, at })
  })
  await configureUpdates(deps, tenantId, id)
}
