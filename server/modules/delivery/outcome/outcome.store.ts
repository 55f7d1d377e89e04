import { sql } from 'kysely'

import { toDate } from '#server/base/clock.ts'
import type { SendResult } from '#server/gateways/telegram/call-result.ts'
import { ahead } from '#server/db/sending-ahead.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

import type { DeliveryEnd } from './outcome.rules.ts'

export interface EndedAttempt {
  readonly deliveryId: number
  readonly attemptId: number
  readonly accountId: number
  readonly contactId: number | null
  readonly chatId: number
  readonly text: string
  readonly kind: string
  readonly result: SendResult
  readonly end: DeliveryEnd
  readonly at: number
}

const failureOf = (result: SendResult): string | null =>
  'reason' in result ? result.reason : result.kind === 'migrated' ? 'chat_migrated' : null
const codeOf = (result: SendResult): number | null => ('errorCode' in result ? result.errorCode : null)
const waitOf = (result: SendResult): number | null =>
  result.kind === 'retry' ? Math.min(result.afterMs, 2 ** 31 - 1) : null

/**
 * Closes the attempts and moves their deliveries on, in one statement. A deferred delivery gives its slot back: Telegram
 * provably did not take the message. An attempt that was closed before moves nothing, so an end that recovery wrote is
 * never overwritten, and a repetition whose first commit was not heard of writes nothing twice. Returns the ids of the
 * deliveries that moved. The conditions are worded so that no partial index fits them: a database without statistics
 * would walk all that is open instead of looking up the few that are named.
 */
export const endAttempts = async (tx: TenantTx, ended: readonly EndedAttempt[]): Promise<ReadonlySet<number>> => {
  const { rows } = await sql<{ id: number }>`
    with ended as (
      select * from unnest(
        ${ended.map((e) => e.deliveryId)}::bigint[], ${ended.map((e) => e.attemptId)}::bigint[], ${ended.map((e) => toDate(e.at))}::timestamptz[],
        ${ended.map((e) => e.result.kind)}::text[], ${ended.map((e) => failureOf(e.result))}::text[],
        ${ended.map((e) => codeOf(e.result))}::int[], ${ended.map((e) => waitOf(e.result))}::int[],
        ${ended.map((e) => e.end.state)}::text[], ${ended.map((e) => e.end.reason)}::text[],
        ${ended.map((e) => (e.end.dueAt === null ? null : toDate(e.end.dueAt)))}::timestamptz[],
        ${ended.map((e) => e.end.messageId)}::bigint[], ${ended.map((e) => e.end.newChatId)}::bigint[]
      ) as u (delivery_id, attempt_id, at, result, failure, code, wait, state, reason, due_at, message_id, new_chat_id)
    ), closed as (
      update attempt a set finished_at = e.at, result = e.result, failure = e.failure, error_code = e.code, retry_after_ms = e.wait
      from ended e where a.tenant_id = ${tx.tenantId} and a.id = e.attempt_id and a.result is null
      returning a.id
    )
    update delivery d set
      state = e.state, reason = e.reason, due_at = coalesce(e.due_at, d.due_at),
      reserved_at = case when e.state = 'deferred' then null else d.reserved_at end,
      finished_at = case when e.state = 'deferred' then null else e.at end,
      telegram_message_id = e.message_id, chat_id = coalesce(e.new_chat_id, d.chat_id)
    from ended e join closed c on c.id = e.attempt_id
    where d.tenant_id = ${tx.tenantId} and d.id = e.delivery_id and d.finished_at is null
    returning d.id`.execute(tx)
  return new Set(rows.map((r) => r.id))
}

/** Writes what was said into the conversation, and counts it for the people it reached. */
export const recordSentMessages = async (tx: TenantTx, sent: readonly EndedAttempt[]): Promise<void> => {
  if (sent.length === 0) return
  await sql`${ahead}
    insert into message (tenant_id, at, contact_id, account_id, chat_id, direction, kind, telegram_message_id, delivery_id, text)
    select ${tx.tenantId}, u.at, u.contact_id, u.account_id, u.chat_id, 'out', u.kind, u.message_id, u.delivery_id, u.text
    from unnest(
      ${sent.map((e) => toDate(e.at))}::timestamptz[], ${sent.map((e) => e.contactId)}::bigint[], ${sent.map((e) => e.accountId)}::bigint[], ${sent.map((e) => e.chatId)}::bigint[],
      ${sent.map((e) => e.kind)}::text[], ${sent.map((e) => e.end.messageId)}::bigint[], ${sent.map((e) => e.deliveryId)}::bigint[],
      ${sent.map((e) => e.text)}::text[]
    ) as u (at, contact_id, account_id, chat_id, kind, message_id, delivery_id, text)`.execute(tx)
  const contactIds = sent.flatMap((e) => (e.contactId === null ? [] : [e.contactId]))
  if (contactIds.length === 0) return
  await sql`${ahead}
    update contact_feature f set outbound_count = f.outbound_count + u.sent
    from (
      select id, count(*)::int as sent from unnest(${contactIds}::bigint[]) as ids (id) group by id order by id
    ) u
    where f.tenant_id = ${tx.tenantId} and f.contact_id = u.id`.execute(tx)
}

/** The account leaves Telegram alone until then; an earlier, longer wait stays. */
export const setAccountWait = async (tx: TenantTx, accountId: number, until: number): Promise<void> => {
  await sql`
    update account set waiting_until = greatest(waiting_until, ${toDate(until)})
    where tenant_id = ${tx.tenantId} and id = ${accountId}`.execute(tx)
}

export const setChatWait = async (tx: TenantTx, accountId: number, chatId: number, until: number): Promise<void> => {
  await sql`
    insert into chat_wait (tenant_id, account_id, chat_id, waiting_until)
    values (${tx.tenantId}, ${accountId}, ${chatId}, ${toDate(until)})
    on conflict (tenant_id, account_id, chat_id) do update
      set waiting_until = greatest(chat_wait.waiting_until, excluded.waiting_until)`.execute(tx)
}

/** False when the account was not active any more, or speaks through another connection than the refused one by now. */
export const setAccountLost = async (
  tx: TenantTx,
  accountId: number,
  { reason, connectionId }: { readonly reason: string; readonly connectionId?: string },
): Promise<boolean> => {
  let query = tx
    .updateTable('account')
    .set({ state: 'disconnected', state_reason: reason })
    .where('tenant_id', '=', tx.tenantId)
    .where('id', '=', accountId)
    .where('state', '=', 'active')
  if (connectionId !== undefined) query = query.where('business_connection_id', '=', connectionId)
  const { numUpdatedRows } = await query.executeTakeFirst()
  return numUpdatedRows > 0n
}

/** A blocked contact counts against the deliveries of the last day that it got from this account. */
export const markBlockedDeliveries = async (
  tx: TenantTx,
  accountId: number,
  contactIds: readonly number[],
  at: number,
): Promise<void> => {
  await sql`
    update delivery set blocked_at = ${toDate(at)}
    where tenant_id = ${tx.tenantId} and account_id = ${accountId} and contact_id = any(${contactIds}::bigint[])
      and blocked_at is null and reserved_at is not null and reserved_at > ${toDate(at)}::timestamptz - interval '1 day'`.execute(
    tx,
  )
}

/**
 * Waits until no other transaction claims for the account, and keeps new ones out: what a process that is gone was
 * still committing is visible afterwards.
 */
export const lockAccount = async (tx: TenantTx, accountId: number): Promise<void> => {
  await sql`select from account where tenant_id = ${tx.tenantId} and id = ${accountId} for no key update`.execute(tx)
}

/** The open attempts of an account whose former owner is gone: nobody knows how their sends ended. */
export const closeOrphanedAttempts = async (
  tx: TenantTx,
  accountId: number,
  at: number,
): Promise<readonly number[]> => {
  const { rows } = await sql<{ id: number }>`
    with orphan as (
      update attempt set finished_at = ${toDate(at)}, result = 'unknown', failure = 'process_ended'
      where tenant_id = ${tx.tenantId} and account_id = ${accountId} and finished_at is null
      returning delivery_id
    )
    update delivery d set state = 'unknown', reason = 'process_ended', finished_at = ${toDate(at)}
    from orphan where d.tenant_id = ${tx.tenantId} and d.id = orphan.delivery_id and d.state = 'reserved'
    returning d.id`.execute(tx)
  return rows.map((r) => r.id)
}

/** Running campaigns that these deliveries belong to, locked so that two batches do not pause one twice. */
export const listRunningCampaignsOf = async (
  tx: TenantTx,
  deliveryIds: readonly number[],
): Promise<readonly number[]> => {
  const { rows } = await sql<{ id: number }>`
    select c.id from campaign c
    where c.tenant_id = ${tx.tenantId} and c.state = 'running' and c.id in (
      select d.campaign_id from delivery d where d.tenant_id = ${tx.tenantId} and d.id = any(${deliveryIds}::bigint[])
    )
    order by c.id for update`.execute(tx)
  return rows.map((r) => r.id)
}
