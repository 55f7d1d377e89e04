import { type Selectable, sql } from 'kysely'

import { toDate } from '#server/base/clock.ts'
import type { Db } from '#server/db/pool.ts'
import type { BusinessConnectionTable } from '#server/db/schema.generated.ts'
import type { OperatorTx, TenantTx } from '#server/db/tenant-scope.ts'

import type { AccountState } from '#contract/words.ts'
import type { BusinessConnection, UnlinkedReason } from './business.rules.ts'

export interface StoredConnection extends BusinessConnection {
  readonly viaAccountId: number
  readonly updateId: number
  readonly unlinkedReason: UnlinkedReason | null
}

const toStored = (row: Selectable<BusinessConnectionTable>): StoredConnection => ({
  viaAccountId: row.via_account_id,
  connectionId: row.connection_id,
  ownerTelegramId: row.owner_telegram_id,
  userChatId: row.user_chat_id,
  displayName: row.display_name,
  username: row.username,
  rights: row.rights,
  isEnabled: row.is_enabled,
  updateId: row.update_id,
  unlinkedReason: row.unlinked_reason as UnlinkedReason | null,
})

/** What is known of an owner's connection with a bot, locked. */
export const lockConnection = async (
  tx: OperatorTx,
  viaAccountId: number,
  ownerTelegramId: number,
): Promise<StoredConnection | null> => {
  const row = await tx
    .selectFrom('business_connection')
    .selectAll()
    .where('via_account_id', '=', viaAccountId)
    .where('owner_telegram_id', '=', ownerTelegramId)
    .forUpdate()
    .executeTakeFirst()
  return row ? toStored(row) : null
}

export const saveConnection = async (
  tx: OperatorTx,
  viaAccountId: number,
  connection: BusinessConnection,
  updateId: number,
  at: number,
): Promise<void> => {
  const values = {
    connection_id: connection.connectionId,
    user_chat_id: connection.userChatId,
    display_name: connection.displayName,
    username: connection.username,
    rights: [...connection.rights],
    is_enabled: connection.isEnabled,
    update_id: updateId,
    changed_at: toDate(at),
  }
  await tx
    .insertInto('business_connection')
    .values({ via_account_id: viaAccountId, owner_telegram_id: connection.ownerTelegramId, ...values })
    .onConflict((c) => c.columns(['via_account_id', 'owner_telegram_id']).doUpdateSet(values))
    .execute()
}

export const saveUnlinkedReason = async (
  tx: OperatorTx,
  { viaAccountId, ownerTelegramId }: Pick<StoredConnection, 'viaAccountId' | 'ownerTelegramId'>,
  reason: UnlinkedReason | null,
): Promise<void> => {
  await tx
    .updateTable('business_connection')
    .set({ unlinked_reason: reason })
    .where('via_account_id', '=', viaAccountId)
    .where('owner_telegram_id', '=', ownerTelegramId)
    .execute()
}

/** Forgets a connection that never became an account, with the name of its owner. */
export const deleteConnection = async (
  tx: OperatorTx,
  viaAccountId: number,
  ownerTelegramId: number,
): Promise<void> => {
  await tx
    .deleteFrom('business_connection')
    .where('via_account_id', '=', viaAccountId)
    .where('owner_telegram_id', '=', ownerTelegramId)
    .execute()
}

/** Connections that are on, of one bot or of all: those without an account, or all of them. */
export const selectConnections = async (
  tx: OperatorTx,
  which: { readonly viaAccountId?: number; readonly isWaiting?: boolean },
): Promise<readonly StoredConnection[]> => {
  let query = tx.selectFrom('business_connection').selectAll().where('is_enabled', '=', true)
  if (which.viaAccountId !== undefined) query = query.where('via_account_id', '=', which.viaAccountId)
  if (which.isWaiting) query = query.where('unlinked_reason', 'is not', null)
  return (await query.orderBy('changed_at').orderBy('owner_telegram_id').execute()).map(toStored)
}

export interface BusinessAccountRow {
  readonly connection: BusinessConnection
  readonly viaAccountId: number
  readonly apiRoot: string | null
  readonly state: AccountState
  readonly stateReason: string | null
}

const columnsOf = ({ connection, viaAccountId, apiRoot, state, stateReason }: BusinessAccountRow) => ({
  via_account_id: viaAccountId,
  api_root: apiRoot,
  business_connection_id: connection.connectionId,
  business_rights: [...connection.rights],
  display_name: connection.displayName,
  username: connection.username,
  state,
  state_reason: stateReason,
})

/** The new account's id, or null when its owner is linked already, to whatever tenant and in whatever way. */
export const insertBusinessAccount = async (
  tx: TenantTx,
  row: BusinessAccountRow & { readonly webhookKey: string; readonly webhookSecretSealed: Buffer },
  at: number,
): Promise<number | null> => {
  const { ownerTelegramId } = row.connection
  const inserted = await tx
    .insertInto('account')
    .values({
      tenant_id: tx.tenantId,
      kind: 'business',
      linked_by: 'business',
      telegram_id: ownerTelegramId,
      owner_telegram_id: ownerTelegramId,
      ...columnsOf(row),
      // Its updates come through the bot; nobody calls a webhook for it, but every account has one of its own.
      update_mode: 'off',
      webhook_key: row.webhookKey,
      webhook_secret_sealed: row.webhookSecretSealed,
      linked_at: toDate(at),
    })
    .onConflict((c) => c.column('telegram_id').doNothing())
    .returning('id')
    .executeTakeFirst()
  return inserted?.id ?? null
}

/** Follows what changed; with `relinkedAt` the account begins anew. */
export const saveBusinessAccount = async (
  tx: TenantTx,
  id: number,
  row: BusinessAccountRow,
  relinkedAt: number | null,
): Promise<void> => {
  await tx
    .updateTable('account')
    .set({
      ...columnsOf(row),
      ...(relinkedAt !== null && { linked_at: toDate(relinkedAt), waiting_until: null }),
    })
    .where('tenant_id', '=', tx.tenantId)
    .where('id', '=', id)
    .execute()
}

/** Where updates of a connection belong. */
export interface BusinessOwner {
  readonly tenantId: number
  readonly accountId: number
  readonly state: AccountState
}

/** The accounts behind connections of one bot, by connection; those of other bots are none of its business. */
export const findBusinessOwners = async (
  db: Db,
  viaAccountId: number,
  connectionIds: readonly string[],
): Promise<ReadonlyMap<string, BusinessOwner>> => {
  const rows = await db
    .selectFrom('account')
    .select(['tenant_id', 'id', 'state', 'business_connection_id'])
    .where('kind', '=', 'business')
    .where('via_account_id', '=', viaAccountId)
    .where('business_connection_id', 'in', [...connectionIds])
    .execute()
  return new Map(
    rows.map((row) => [
      row.business_connection_id ?? '',
      { tenantId: row.tenant_id, accountId: row.id, state: row.state as AccountState },
    ]),
  )
}

/** Queues of a bot's inbox, of those named, that hold something not applied yet. */
export const findWaitingQueues = async (
  db: Db,
  accountId: number,
  queueKeys: readonly string[],
): Promise<ReadonlySet<string>> => {
  const { rows } = await sql<{ queue_key: string }>`
    select distinct queue_key from update_inbox
    where account_id = ${accountId} and state = 'new' and queue_key = any(${queueKeys}::text[])`.execute(db)
  return new Set(rows.map((row) => row.queue_key))
}
