import { sql } from 'kysely'

import { toDate } from '#server/base/clock.ts'
import { HOUR_MS } from '#server/base/duration.ts'
import { ahead } from '#server/db/sending-ahead.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

import type { Conversation } from '../inbox/conversation.rules.ts'
import { type ConversationRow, conversationColumns, toConversation } from '../inbox/conversation.store.ts'

/** A conversation with the person in it, as an answer needs both. */
export interface ConversationContext {
  readonly conversation: Conversation
  /** Null once the person is gone. */
  readonly telegramId: number | null
  readonly firstName: string
  readonly lastName: string
  readonly username: string | null
  readonly languageCode: string | null
  readonly timeZone: string | null
  readonly isSuppressed: boolean
  readonly isReachable: boolean
  /** On a model reading what they write; null before they were asked. */
  readonly hasConsent: boolean | null
  /** Words in which the model said what it is have left, in this stretch of the conversation. */
  readonly isDisclosed: boolean
}

type ContextRow = ConversationRow & {
  readonly telegram_id: number | null
  readonly first_name: string
  readonly last_name: string
  readonly username: string | null
  readonly language_code: string | null
  readonly time_zone: string | null
  readonly is_suppressed: boolean
  readonly is_reachable: boolean
  readonly has_consent: boolean | null
  readonly is_disclosed: boolean
}

/**
 * These conversations by id; with `lock`, held until the transaction ends, the lowest id first. What a model wrote counts
 * as disclosed once such a message is known to have arrived: what may have been lost is said again.
 */
export const selectContexts = async (
  tx: TenantTx,
  ids: readonly number[],
  lock: boolean,
): Promise<ReadonlyMap<number, ConversationContext>> => {
  const { rows } = await sql<ContextRow>`
    select ${conversationColumns('v')}, c.telegram_id, c.first_name, c.last_name, c.username, c.language_code, c.time_zone,
      (c.suppressed_at is not null or c.erased_at is not null) as is_suppressed,
      coalesce(a.reachability, 'reachable') not in ('blocked', 'deactivated') and c.telegram_id is not null as is_reachable,
      k.granted as has_consent,
      coalesce(v.ai_disclosed_at >= v.opened_at, false) and exists (
        select from delivery d
        where d.tenant_id = v.tenant_id and d.contact_id = v.contact_id and d.planned_at >= v.ai_disclosed_at
          and d.account_id = v.account_id and d.is_ai and d.state = 'sent'
      ) as is_disclosed
    from conversation v
    join contact c on c.tenant_id = v.tenant_id and c.id = v.contact_id
    left join contact_account a on a.tenant_id = v.tenant_id and a.contact_id = v.contact_id and a.account_id = v.account_id
    left join contact_consent k on k.tenant_id = v.tenant_id and k.contact_id = v.contact_id and k.purpose = 'ai_processing'
    where v.tenant_id = ${tx.tenantId} and v.id = any(${ids}::bigint[])
    order by v.id ${lock ? sql`for no key update of v` : sql``}`.execute(tx)
  return new Map(
    rows.map((row) => [
      row.id,
      {
        conversation: toConversation(row),
        telegramId: row.telegram_id,
        firstName: row.first_name,
        lastName: row.last_name,
        username: row.username,
        languageCode: row.language_code,
        timeZone: row.time_zone,
        isSuppressed: row.is_suppressed,
        isReachable: row.is_reachable,
        hasConsent: row.has_consent,
        isDisclosed: row.is_disclosed,
      },
    ]),
  )
}

export interface KeptMessage {
  readonly conversationId: number
  readonly direction: 'in' | 'out'
  readonly at: number
  readonly text: string
}

/** The newest `limit` messages with text of each private conversation, oldest first; each is read by the contact's index. */
export const selectRecentMessages = async (
  tx: TenantTx,
  conversationIds: readonly number[],
  limit: number,
): Promise<readonly KeptMessage[]> => {
  const { rows } = await sql<{ conversation_id: number; direction: 'in' | 'out'; at: Date; text: string }>`
    select v.id as conversation_id, said.direction, said.at, said.text
    from conversation v cross join lateral (
      select m.direction, m.at, m.id, m.text from message m
      where m.tenant_id = v.tenant_id and m.contact_id = v.contact_id and m.account_id = v.account_id and m.chat_id > 0
        and m.text is not null
      order by m.at desc, m.id desc limit ${limit}
    ) said
    where v.tenant_id = ${tx.tenantId} and v.id = any(${conversationIds}::bigint[])
    order by v.id, said.at, said.id`.execute(tx)
  return rows.map((row) => ({
    conversationId: row.conversation_id,
    direction: row.direction,
    at: row.at.getTime(),
    text: row.text,
  }))
}

/** What a model answered in each conversation within the last hour, as hashes. */
export const selectRecentAnswers = async (
  tx: TenantTx,
  conversationIds: readonly number[],
  now: number,
): Promise<ReadonlyMap<number, readonly number[]>> => {
  const { rows } = await sql<{ conversation_id: number; hashes: number[] }>`
    select conversation_id, array_agg(answer_hash::float8) as hashes from answer_turn
    where tenant_id = ${tx.tenantId} and conversation_id = any(${conversationIds}::bigint[]) and outcome = 'sent'
      and answer_hash is not null and finished_at > ${toDate(now - HOUR_MS)}
    group by conversation_id`.execute(tx)
  return new Map(rows.map((row) => [row.conversation_id, row.hashes]))
}

/** Which of these accounts have files to look into. */
export const selectKnowing = async (tx: TenantTx, accountIds: readonly number[]): Promise<ReadonlySet<number>> => {
  const { rows } = await sql<{ account_id: number }>`
    select distinct account_id from knowledge_file
    where tenant_id = ${tx.tenantId} and account_id = any(${accountIds}::bigint[]) and is_current`.execute(tx)
  return new Set(rows.map((row) => row.account_id))
}

/** Quiet hours of the tenant, as local hours. */
export const findQuietHours = async (tx: TenantTx): Promise<{ readonly fromHour: number; readonly toHour: number }> => {
  const row = await tx
    .selectFrom('tenant_limits')
    .select(['quiet_from_hour', 'quiet_to_hour'])
    .where('tenant_id', '=', tx.tenantId)
    .executeTakeFirst()
  return { fromHour: row?.quiet_from_hour ?? 21, toHour: row?.quiet_to_hour ?? 9 }
}

/** The contacts of these conversations know from now on that a model writes. */
export const saveDisclosures = async (tx: TenantTx, ids: readonly number[], at: number): Promise<void> => {
  if (ids.length === 0) return
  await sql`${ahead}
    update conversation set ai_disclosed_at = ${toDate(at)}
    where tenant_id = ${tx.tenantId} and id = any(${ids}::bigint[])`.execute(tx)
}
