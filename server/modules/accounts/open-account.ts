import type { AccountState } from '#contract/words.ts'
import { AppError, notFound } from '#server/base/errors.ts'
import { type SecretBox, equalSecrets } from '#server/base/secret.ts'
import type { Db } from '#server/db/pool.ts'
import { asOperator } from '#server/db/tenant-scope.ts'
import type { TelegramAccount } from '#server/gateways/telegram/telegram-account.ts'

import { type AccountHealth, type AccountPurpose, tokenContext, webhookSecretContext } from './account.rules.ts'
import { type SealedAccount, selectAccount, selectAccounts } from './account.store.ts'

/** An account the gateway can speak for; its token is open, so it is never logged. */
export type OpenAccount = TelegramAccount & {
  readonly telegramId: number
  readonly username: string | null
  readonly health: AccountHealth
  readonly purpose: AccountPurpose
}

/**
 * Opens one account's token. `via` is the bot that a business account speaks through; a person's own account has no
 * token. Errors: `internal/secret_unreadable` when the key is not the one it was sealed with, or `via` is missing.
 */
export const openSealed = (box: SecretBox, account: SealedAccount, via: SealedAccount | null = null): OpenAccount => ({
  tenantId: account.tenantId,
  accountId: account.id,
  kind: account.kind,
  token: account.kind === 'user' ? '' : openToken(box, account.kind === 'business' ? via : account),
  apiRoot: account.apiRoot,
  telegramId: account.telegramId,
  username: account.username,
  health: account.health,
  purpose: account.purpose,
  ...(account.sessionId !== null && { sessionId: account.sessionId }),
  ...(account.businessConnectionId !== null && { businessConnectionId: account.businessConnectionId }),
})

const openToken = (box: SecretBox, holder: SealedAccount | null): string => {
  if (holder?.tokenSealed == null) throw new AppError('internal', 'secret_unreadable', { context: 'account.token' })
  return box.open(holder.tokenSealed, tokenContext(holder.tenantId, holder.telegramId))
}

/** One account of any tenant, opened. Errors: `not_found`, `internal/secret_unreadable`. */
export const openAccount = async (
  deps: { readonly db: Db; readonly box: SecretBox },
  id: number,
): Promise<OpenAccount> => {
  const account = await asOperator(deps.db, 'open an account', (tx) => selectAccount(tx, { id }))
  if (!account) throw notFound('account', id)
  const { viaAccountId } = account
  const via =
    account.kind === 'business' && viaAccountId !== null
      ? await asOperator(deps.db, 'open the bot of a business account', (tx) => selectAccount(tx, { id: viaAccountId }))
      : null
  return openSealed(deps.box, account, via)
}

/**
 * A business account as it stands at this moment: its owner may have changed the connection, and its bot the token, since
 * it was opened last. Null unless it is active.
 */
export const openBusinessAccount = async (
  deps: { readonly db: Db; readonly box: SecretBox },
  id: number,
): Promise<OpenAccount | null> => {
  const { account, via } = await asOperator(deps.db, 'open a business account', async (tx) => {
    const found = await selectAccount(tx, { id })
    return { account: found, via: found?.viaAccountId ? await selectAccount(tx, { id: found.viaAccountId }) : null }
  })
  return account?.kind === 'business' && account.state === 'active' ? openSealed(deps.box, account, via) : null
}

export interface ActiveAccounts {
  readonly accounts: readonly (OpenAccount & { readonly updateMode: SealedAccount['updateMode'] })[]
  /** Accounts whose token does not open with this installation's key. */
  readonly unreadable: readonly number[]
}

/** Every tenant's active accounts, opened: those that receive updates and may send. */
export const openActiveAccounts = async (deps: {
  readonly db: Db
  readonly box: SecretBox
}): Promise<ActiveAccounts> => {
  const sealed = await asOperator(deps.db, 'open the active accounts', selectAccounts)
  const byId = new Map(sealed.map((account) => [account.id, account]))
  const unreadable: number[] = []
  const accounts = sealed.flatMap((account) => {
    if (account.state !== 'active') return []
    const via = byId.get(account.viaAccountId ?? 0) ?? null
    try {
      return [{ ...openSealed(deps.box, account, via), updateMode: account.updateMode }]
    } catch {
      unreadable.push(account.id)
      return []
    }
  })
  return { accounts, unreadable }
}

/** Who a webhook call is for. */
export interface WebhookTarget {
  readonly tenantId: number
  readonly accountId: number
  readonly telegramId: number
}

/**
 * The account of a webhook's address, if the call carries its secret; null otherwise, whatever was wrong. Takes equally
 * long for a wrong secret, wherever it differs.
 */
export const findWebhookTarget = async (
  deps: { readonly db: Db; readonly box: SecretBox },
  webhookKey: string,
  secret: string,
): Promise<WebhookTarget | null> => {
  const account = await asOperator(deps.db, 'find a webhook', (tx) => selectAccount(tx, { webhookKey }))
  if (!account || account.state === 'disconnected') return null
  const expected = deps.box.open(
    account.webhookSecretSealed,
    webhookSecretContext(account.tenantId, account.telegramId),
  )
  return equalSecrets(expected, secret)
    ? { tenantId: account.tenantId, accountId: account.id, telegramId: account.telegramId }
    : null
}

/** Whose bot a token belongs to, by the bot's id in it; null when no tenant has linked the bot. */
export const findTokenOwner = async (
  deps: { readonly db: Db; readonly box: SecretBox },
  token: string,
): Promise<{ readonly tenantId: number; readonly state: AccountState; readonly hasThisToken: boolean } | null> => {
  const telegramId = Number(token.split(':', 1)[0])
  const all = await asOperator(deps.db, 'find a token', selectAccounts)
  const account = all.find((candidate) => candidate.telegramId === telegramId)
  if (!account) return null
  const hasThisToken = account.kind === 'bot' && equalSecrets(openSealed(deps.box, account).token, token)
  return { tenantId: account.tenantId, state: account.state, hasThisToken }
}
