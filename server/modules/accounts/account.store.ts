import type { Selectable } from 'kysely'

import type { AccountKind, AccountState } from '#contract/words.ts'
import { toDate } from '#server/base/clock.ts'
import type { AccountTable } from '#server/db/schema.generated.ts'
import type { OperatorTx, TenantTx } from '#server/db/tenant-scope.ts'

import type { Account, AccountHealth, AccountPurpose, LinkWay, UpdateMode } from './account.rules.ts'

/** An account with its sealed secrets, for those who open them. */
export interface SealedAccount extends Account {
  /** Null where another account's token or a session is used instead. */
  readonly tokenSealed: Buffer | null
  readonly webhookSecretSealed: Buffer
  readonly webhookKey: string
  readonly apiRoot: string | null
  /** The bot a business account speaks through, or the manager of a managed bot. */
  readonly viaAccountId: number | null
  readonly businessConnectionId: string | null
  readonly sessionId: number | null
}

const toSealed = (row: Selectable<AccountTable>): SealedAccount => ({
  id: row.id,
  tenantId: row.tenant_id,
  kind: row.kind as AccountKind,
  purpose: row.purpose as AccountPurpose,
  linkedBy: row.linked_by as LinkWay,
  state: row.state as AccountState,
  stateReason: row.state_reason,
  telegramId: row.telegram_id,
  displayName: row.display_name,
  username: row.username,
  updateMode: row.update_mode as UpdateMode,
  health: row.health as AccountHealth,
  healthReason: row.health_reason,
  sendingStopped: row.sending_stopped_reason,
  waitingUntil: row.waiting_until?.getTime() ?? null,
  linkedAt: row.linked_at.getTime(),
  ownerTelegramId: row.owner_telegram_id,
  businessRights: row.business_rights,
  tokenSealed: row.token_sealed,
  webhookSecretSealed: row.webhook_secret_sealed,
  webhookKey: row.webhook_key,
  apiRoot: row.api_root,
  viaAccountId: row.via_account_id,
  businessConnectionId: row.business_connection_id,
  sessionId: row.session_id,
})

/** Without what only openers need. */
export const withoutSecrets = (account: SealedAccount): Account => {
  const { tokenSealed: _t, webhookSecretSealed: _s, webhookKey: _k, apiRoot: _r, ...rest } = account
  const { viaAccountId: _v, businessConnectionId: _b, sessionId: _i, ...shown } = rest
  return shown
}

export interface NewAccount {
  readonly telegramId: number
  readonly displayName: string
  readonly username: string | null
  readonly apiRoot: string | null
  readonly updateMode: UpdateMode
  readonly tokenSealed: Buffer
  readonly webhookKey: string
  readonly webhookSecretSealed: Buffer
  /** A pasted token, unless told otherwise. */
  readonly linkedBy?: 'token' | 'managed'
  /** The manager of a managed bot. */
  readonly viaAccountId?: number
  /** Left as it is when absent. */
  readonly ownerTelegramId?: number | undefined
}

const columnsOf = (account: NewAccount, at: number) => ({
  display_name: account.displayName,
  username: account.username,
  api_root: account.apiRoot,
  update_mode: account.updateMode,
  token_sealed: account.tokenSealed,
  webhook_key: account.webhookKey,
  webhook_secret_sealed: account.webhookSecretSealed,
  linked_by: account.linkedBy ?? 'token',
  via_account_id: account.viaAccountId ?? null,
  ...(account.ownerTelegramId !== undefined && { owner_telegram_id: account.ownerTelegramId }),
  linked_at: toDate(at),
})

/** The new account's id, or null when this bot is linked already, to whatever tenant. */
export const insertAccount = async (tx: TenantTx, account: NewAccount, at: number): Promise<number | null> => {
  const row = await tx
    .insertInto('account')
    .values({ tenant_id: tx.tenantId, kind: 'bot', telegram_id: account.telegramId, ...columnsOf(account, at) })
    .onConflict((c) => c.column('telegram_id').doNothing())
    .returning('id')
    .executeTakeFirst()
  return row?.id ?? null
}

/** Links a disconnected account anew: new secrets, active again. */
export const relinkAccount = async (tx: TenantTx, id: number, account: NewAccount, at: number): Promise<void> => {
  await tx
    .updateTable('account')
    .set({ ...columnsOf(account, at), state: 'active', state_reason: null, waiting_until: null })
    .where('tenant_id', '=', tx.tenantId)
    .where('id', '=', id)
    .execute()
}

export const lockByTelegramId = async (tx: TenantTx, telegramId: number): Promise<SealedAccount | null> => {
  const row = await tx
    .selectFrom('account')
    .selectAll()
    .where('tenant_id', '=', tx.tenantId)
    .where('telegram_id', '=', telegramId)
    .forUpdate()
    .executeTakeFirst()
  return row ? toSealed(row) : null
}

export const lockAccount = async (tx: TenantTx, id: number): Promise<SealedAccount | null> => {
  const row = await tx
    .selectFrom('account')
    .selectAll()
    .where('tenant_id', '=', tx.tenantId)
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst()
  return row ? toSealed(row) : null
}

/** Accounts of the transaction's tenant, or of all tenants, oldest first. */
export const selectAccounts = async (tx: TenantTx | OperatorTx): Promise<readonly SealedAccount[]> =>
  (await (tx as OperatorTx).selectFrom('account').selectAll().orderBy('id').execute()).map(toSealed)

/** One account of any tenant, by id or by the key in its webhook's address. */
export const selectAccount = async (
  tx: OperatorTx | TenantTx,
  which: { readonly id: number } | { readonly webhookKey: string },
): Promise<SealedAccount | null> => {
  const query = (tx as OperatorTx).selectFrom('account').selectAll()
  const row = await (
    'id' in which ? query.where('id', '=', which.id) : query.where('webhook_key', '=', which.webhookKey)
  ).executeTakeFirst()
  return row ? toSealed(row) : null
}

export const saveState = async (
  tx: OperatorTx | TenantTx,
  id: number,
  state: AccountState,
  reason: string | null,
): Promise<boolean> => {
  const result = await (tx as OperatorTx)
    .updateTable('account')
    .set({ state, state_reason: reason })
    .where('id', '=', id)
    .executeTakeFirst()
  return result.numUpdatedRows > 0n
}

/** Who the account speaks with; the installation has one `panel`. */
export const savePurpose = async (tx: TenantTx | OperatorTx, id: number, purpose: AccountPurpose): Promise<void> => {
  await (tx as OperatorTx).updateTable('account').set({ purpose }).where('id', '=', id).execute()
}

/** A note about an account that goes on working, such as "polled elsewhere"; null clears it. */
export const saveStateReason = async (tx: TenantTx, id: number, reason: string | null): Promise<void> => {
  await tx
    .updateTable('account')
    .set({ state_reason: reason })
    .where('tenant_id', '=', tx.tenantId)
    .where('id', '=', id)
    .where('state', '=', 'active')
    .execute()
}

export const saveUpdateMode = async (tx: TenantTx, id: number, mode: UpdateMode): Promise<void> => {
  await tx
    .updateTable('account')
    .set({ update_mode: mode })
    .where('tenant_id', '=', tx.tenantId)
    .where('id', '=', id)
    .execute()
}

export const saveToken = async (tx: TenantTx, id: number, tokenSealed: Buffer): Promise<void> => {
  await tx
    .updateTable('account')
    .set({ token_sealed: tokenSealed })
    .where('tenant_id', '=', tx.tenantId)
    .where('id', '=', id)
    .execute()
}

export const saveWebhookSecret = async (tx: TenantTx, id: number, key: string, sealed: Buffer): Promise<void> => {
  await tx
    .updateTable('account')
    .set({ webhook_key: key, webhook_secret_sealed: sealed })
    .where('tenant_id', '=', tx.tenantId)
    .where('id', '=', id)
    .execute()
}

export const saveSendingStop = async (
  tx: TenantTx,
  id: number,
  stop: { readonly at: number; readonly reason: string } | null,
): Promise<boolean> => {
  const result = await tx
    .updateTable('account')
    .set({ sending_stopped_at: stop ? toDate(stop.at) : null, sending_stopped_reason: stop?.reason ?? null })
    .where('tenant_id', '=', tx.tenantId)
    .where('id', '=', id)
    .executeTakeFirst()
  return result.numUpdatedRows > 0n
}
