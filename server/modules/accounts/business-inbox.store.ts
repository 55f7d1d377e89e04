import { sql } from 'kysely'

import { toDate } from '#server/base/clock.ts'
import type { Db } from '#server/db/pool.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

import { businessUpdateId } from './business.rules.ts'
import type { BusinessOwner } from './business.store.ts'
import { type IncomingUpdate, UPDATE_CHANNEL } from './update-arrival.store.ts'

/**
 * Hands an update that waited at a bot over to the account it is for, or to nobody, and empties it at the bot: what two
 * people wrote to each other is none of the bot's tenant's business. Repeatable.
 */
export const handOverUpdate = (
  db: Db,
  viaAccountId: number,
  update: IncomingUpdate,
  owner: BusinessOwner | null,
  at: number,
): Promise<void> =>
  db.transaction().execute(async (tx) => {
    if (owner && owner.state !== 'disconnected') {
      await sql`
        insert into update_inbox (tenant_id, account_id, update_id, queue_key, kind, payload, received_at)
        select ${owner.tenantId}, ${owner.accountId}, ${businessUpdateId(viaAccountId, update.updateId)},
          ${update.queueKey}, kind, payload, ${toDate(at)}
        from update_inbox where account_id = ${viaAccountId} and update_id = ${update.updateId} and payload is not null
        on conflict (account_id, update_id) do nothing`.execute(tx)
      await sql`select pg_notify(${UPDATE_CHANNEL}, ${String(owner.accountId)})`.execute(tx)
    }
    await sql`update update_inbox set payload = null
      where account_id = ${viaAccountId} and update_id = ${update.updateId}`.execute(tx)
  })

/** Whether the bot was told of a connection, before this update, that is not applied yet. */
export const isConnectionWaiting = async (db: Db, viaAccountId: number, updateId: number): Promise<boolean> => {
  const row = await db
    .selectFrom('update_inbox')
    .select('update_id')
    .where('account_id', '=', viaAccountId)
    .where('state', '=', 'new')
    .where('kind', '=', 'business_connection')
    .where('update_id', '<', updateId)
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}

/** Empties the stored updates that brought these messages of a chat, up to the one that deletes them. */
export const eraseStoredMessages = async (
  tx: TenantTx,
  accountId: number,
  deletion: { readonly updateId: number; readonly queueKey: string; readonly messageIds: readonly number[] },
): Promise<void> => {
  await sql`
    update update_inbox set payload = null
    where tenant_id = ${tx.tenantId} and account_id = ${accountId} and queue_key = ${deletion.queueKey}
      and update_id < ${deletion.updateId} and kind in ('business_message', 'edited_business_message')
      and (payload -> kind ->> 'message_id')::bigint = any(${deletion.messageIds}::bigint[])`.execute(tx)
}
