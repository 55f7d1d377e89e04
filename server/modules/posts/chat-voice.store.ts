import { sql } from 'kysely'

import { toDate } from '#server/base/clock.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

import type { ChatVoice } from './chat-voice.rules.ts'

const toVoice = (row: {
  readonly chat_id: number
  readonly account_id: number
  readonly welcome_text: string | null
  readonly welcome_gather_seconds: number
  readonly welcome_replaces: boolean
  readonly rules_text: string | null
  readonly is_posting_on: boolean
  readonly last_welcome_id: number | null
}): ChatVoice & { readonly lastWelcomeId: number | null } => ({
  chatId: row.chat_id,
  accountId: row.account_id,
  welcomeText: row.welcome_text,
  welcomeGatherSeconds: row.welcome_gather_seconds,
  welcomeReplaces: row.welcome_replaces,
  rulesText: row.rules_text,
  isPostingOn: row.is_posting_on,
  lastWelcomeId: row.last_welcome_id,
})

type StoredVoice = ReturnType<typeof toVoice>

/** What is said in a chat by itself; null before anything was set. With `lock`, until the transaction ends. */
export const findChatVoice = async (tx: TenantTx, chatId: number, lock = false): Promise<StoredVoice | null> => {
  const query = tx
    .selectFrom('chat_voice')
    .selectAll()
    .where('tenant_id', '=', tx.tenantId)
    .where('chat_id', '=', chatId)
  const row = await (lock ? query.forNoKeyUpdate() : query).executeTakeFirst()
  return row ? toVoice(row) : null
}

export const saveChatVoice = async (
  tx: TenantTx,
  voice: ChatVoice,
  { by, at }: { readonly by: string; readonly at: number },
): Promise<void> => {
  const columns = {
    account_id: voice.accountId,
    welcome_text: voice.welcomeText,
    welcome_gather_seconds: voice.welcomeGatherSeconds,
    welcome_replaces: voice.welcomeReplaces,
    rules_text: voice.rulesText,
    is_posting_on: voice.isPostingOn,
    updated_by: by,
    updated_at: toDate(at),
  }
  await tx
    .insertInto('chat_voice')
    .values({ tenant_id: tx.tenantId, chat_id: voice.chatId, ...columns })
    .onConflict((c) => c.columns(['tenant_id', 'chat_id']).doUpdateSet(columns))
    .execute()
}

/** Of these chats, those that welcome, by Telegram id. */
export const listWelcomingChats = async (
  tx: TenantTx,
  telegramIds: readonly number[],
): Promise<ReadonlyMap<number, number>> => {
  const { rows } = await sql<{ telegram_id: number; chat_id: number }>`
    select c.telegram_id, v.chat_id from chat c
    join chat_voice v on v.tenant_id = c.tenant_id and v.chat_id = c.id and v.welcome_text is not null
    where c.tenant_id = ${tx.tenantId} and c.telegram_id = any(${telegramIds}::bigint[])`.execute(tx)
  return new Map(rows.map((row) => [row.telegram_id, row.chat_id]))
}

export const saveLastWelcome = async (tx: TenantTx, chatId: number, deliveryId: number): Promise<void> => {
  await tx
    .updateTable('chat_voice')
    .set({ last_welcome_id: deliveryId })
    .where('tenant_id', '=', tx.tenantId)
    .where('chat_id', '=', chatId)
    .execute()
}

/** Those of these people who were not welcomed in the chat since `since`, in their order. */
export const listUnwelcomed = async (
  tx: TenantTx,
  chatId: number,
  contactIds: readonly number[],
  since: number,
): Promise<readonly number[]> => {
  const rows = await tx
    .selectFrom('welcomed_member')
    .select('contact_id')
    .where('tenant_id', '=', tx.tenantId)
    .where('chat_id', '=', chatId)
    .where('contact_id', 'in', [...contactIds])
    .where('at', '>', toDate(since))
    .execute()
  const welcomed = new Set(rows.map((row) => row.contact_id))
  return [...new Set(contactIds)].filter((id) => !welcomed.has(id))
}

/** Who was welcomed by which message. */
export const saveWelcomed = async (
  tx: TenantTx,
  input: {
    readonly chatId: number
    readonly contactIds: readonly number[]
    readonly deliveryId: number
    readonly at: number
  },
): Promise<void> => {
  await sql`
    insert into welcomed_member (tenant_id, chat_id, contact_id, delivery_id, at)
    select ${tx.tenantId}, ${input.chatId}, g.id, ${input.deliveryId}, ${toDate(input.at)}
    from unnest(${input.contactIds}::bigint[]) as g(id)
    on conflict (tenant_id, chat_id, contact_id) do update
      set delivery_id = excluded.delivery_id, at = excluded.at`.execute(tx)
}

/** The first names of the first `limit` people of a welcome, and how many there are in all. */
export const listWelcomedNames = async (
  tx: TenantTx,
  deliveryId: number,
  limit: number,
): Promise<{ readonly names: readonly string[]; readonly count: number }> => {
  const { rows } = await sql<{ first_name: string; count: number }>`
    select p.first_name, count(*) over ()::integer as count
    from welcomed_member w join contact p on p.tenant_id = w.tenant_id and p.id = w.contact_id
    where w.tenant_id = ${tx.tenantId} and w.delivery_id = ${deliveryId}
    order by w.at, w.contact_id limit ${limit}`.execute(tx)
  return { names: rows.map((row) => row.first_name).filter((name) => name !== ''), count: rows[0]?.count ?? 0 }
}

/**
 * Takes the one turn within `pauseMs` to show each of these people (unique) the way into the private chat. Returns whose
 * turn it was.
 */
export const takePointers = async (
  tx: TenantTx,
  contactIds: readonly number[],
  at: number,
  pauseMs: number,
): Promise<ReadonlySet<number>> => {
  const { rows } = await sql<{ contact_id: number }>`
    insert into group_pointer as p (tenant_id, contact_id, pointed_at)
    select ${tx.tenantId}, g.id, ${toDate(at)} from unnest(${contactIds}::bigint[]) as g(id) order by g.id
    on conflict (tenant_id, contact_id) do update set pointed_at = excluded.pointed_at
      where p.pointed_at <= ${toDate(at - pauseMs)}
    returning contact_id`.execute(tx)
  return new Set(rows.map((row) => row.contact_id))
}
