import { sql } from 'kysely'

import { toDate } from '#server/base/clock.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

/** A public group or channel that a tenant wrote down. `addedAt` is epoch ms. */
export interface ChatListing {
  /** Without the @, in lower case. */
  readonly username: string
  readonly note: string
  /** As Telegram says; null while it was not asked or could not tell. */
  readonly title: string | null
  readonly kind: string | null
  readonly addedBy: string
  readonly addedAt: number
}

export const upsertListing = async (
  tx: TenantTx,
  listing: Pick<ChatListing, 'username' | 'note'>,
  { by, at }: { readonly by: string; readonly at: number },
): Promise<void> => {
  const { username, note } = listing
  await tx
    .insertInto('chat_listing')
    .values({ tenant_id: tx.tenantId, username, note, added_by: by, added_at: toDate(at) })
    .onConflict((c) => c.columns(['tenant_id', 'username']).doUpdateSet({ note }))
    .execute()
}

/** Entries nobody has asked Telegram about, or that it knew nothing of. */
export const listUnnamed = async (tx: TenantTx, limit: number): Promise<readonly string[]> => {
  const rows = await tx
    .selectFrom('chat_listing')
    .select('username')
    .where('tenant_id', '=', tx.tenantId)
    .where('title', 'is', null)
    .orderBy('added_at', 'desc')
    .limit(limit)
    .execute()
  return rows.map((row) => row.username)
}

/** What Telegram says of an entry. */
export const nameListing = async (
  tx: TenantTx,
  { username, title, kind }: Pick<ChatListing, 'username' | 'title' | 'kind'>,
): Promise<void> => {
  await tx
    .updateTable('chat_listing')
    .set({ title, kind })
    .where('tenant_id', '=', tx.tenantId)
    .where('username', '=', username)
    .execute()
}

export const deleteListing = async (tx: TenantTx, username: string): Promise<boolean> => {
  const { numDeletedRows } = await tx
    .deleteFrom('chat_listing')
    .where('tenant_id', '=', tx.tenantId)
    .where('username', '=', username)
    .executeTakeFirst()
  return numDeletedRows > 0n
}

export const selectListings = async (tx: TenantTx, search: string | null): Promise<readonly ChatListing[]> => {
  const pattern = search === null ? null : `%${search.replace(/[\\%_]/g, String.raw`\$&`)}%`
  const { rows } = await sql<{
    username: string
    note: string
    title: string | null
    kind: string | null
    added_by: string
    added_at: Date
  }>`
    select username, note, title, kind, added_by, added_at from chat_listing
    where tenant_id = ${tx.tenantId} and (${pattern}::text is null
      or username ilike ${pattern} or title ilike ${pattern} or note ilike ${pattern})
    order by username`.execute(tx)
  return rows.map((row) => ({
    username: row.username,
    note: row.note,
    title: row.title,
    kind: row.kind,
    addedBy: row.added_by,
    addedAt: row.added_at.getTime(),
  }))
}

/** Where an address of the tenant's own was written. Instants are epoch ms. */
export interface LinkSighting {
  readonly chatId: number
  readonly chatTitle: string
  readonly username: string
  readonly count: number
  readonly firstAt: number
  readonly lastAt: number
}

/** The newest first. */
export const selectSightings = async (tx: TenantTx): Promise<readonly LinkSighting[]> => {
  const { rows } = await sql<{
    chat_id: number
    title: string
    username: string
    count: number
    first_at: Date
    last_at: Date
  }>`
    select s.chat_id, c.title, s.username, s.count, s.first_at, s.last_at
    from link_sighting s join chat c on c.tenant_id = s.tenant_id and c.id = s.chat_id
    where s.tenant_id = ${tx.tenantId} order by s.last_at desc, s.chat_id, s.username limit 500`.execute(tx)
  return rows.map((row) => ({
    chatId: row.chat_id,
    chatTitle: row.title,
    username: row.username,
    count: row.count,
    firstAt: row.first_at.getTime(),
    lastAt: row.last_at.getTime(),
  }))
}

/** An address in a message of a group. */
export interface SeenLink {
  readonly chatTelegramId: number
  readonly username: string
  readonly at: number
}

/**
 * Counts those of these addresses that are the tenant's own: of its accounts and chats. What another account told of the
 * same moment is not counted again.
 */
export const countSightings = async (tx: TenantTx, seen: readonly SeenLink[]): Promise<void> => {
  if (seen.length === 0) return
  await sql`
    with own as (
      select lower(username) as username from account where tenant_id = ${tx.tenantId} and username is not null
      union select lower(username) from chat where tenant_id = ${tx.tenantId} and username is not null
    ), seen as (
      select c.id as chat_id, g.username, count(*)::integer as count, min(g.at) as first_at, max(g.at) as last_at
      from unnest(${seen.map((s) => s.chatTelegramId)}::bigint[], ${seen.map((s) => s.username)}::text[],
        ${seen.map((s) => toDate(s.at))}::timestamptz[]) as g(telegram_id, username, at)
      join own using (username)
      join chat c on c.tenant_id = ${tx.tenantId} and c.telegram_id = g.telegram_id
      group by c.id, g.username
    )
    insert into link_sighting as l (tenant_id, chat_id, username, count, first_at, last_at)
    select ${tx.tenantId}, chat_id, username, count, first_at, last_at from seen order by chat_id, username
    on conflict (tenant_id, chat_id, username) do update
      set count = l.count + excluded.count, last_at = excluded.last_at
      where excluded.last_at > l.last_at`.execute(tx)
}
