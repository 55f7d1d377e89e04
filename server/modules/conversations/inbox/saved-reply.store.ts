import type { Selectable } from 'kysely'

import { toDate } from '#server/base/clock.ts'
import type { SavedReplyTable } from '#server/db/schema.generated.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

import type { SavedReply } from './saved-reply.rules.ts'

const toReply = (row: Selectable<SavedReplyTable>): SavedReply => ({
  id: row.id,
  name: row.name,
  texts: row.texts as SavedReply['texts'],
  updatedBy: row.updated_by,
  updatedAt: row.updated_at.getTime(),
})

/** The tenant's saved replies by name. */
export const selectSavedReplies = async (tx: TenantTx): Promise<readonly SavedReply[]> => {
  const rows = await tx
    .selectFrom('saved_reply')
    .selectAll()
    .where('tenant_id', '=', tx.tenantId)
    .orderBy('name')
    .execute()
  return rows.map(toReply)
}

/** With `lock`, until the transaction ends. */
export const findSavedReply = async (tx: TenantTx, name: string, lock = false): Promise<SavedReply | null> => {
  const query = tx.selectFrom('saved_reply').selectAll().where('tenant_id', '=', tx.tenantId).where('name', '=', name)
  const row = await (lock ? query.forUpdate() : query).executeTakeFirst()
  return row ? toReply(row) : null
}

/** Puts it in place of one of the same name. */
export const upsertSavedReply = async (
  tx: TenantTx,
  { name, texts, updatedBy, updatedAt }: Omit<SavedReply, 'id'>,
): Promise<SavedReply> => {
  const value = { texts: JSON.stringify(texts), updated_by: updatedBy, updated_at: toDate(updatedAt) }
  const row = await tx
    .insertInto('saved_reply')
    .values({ tenant_id: tx.tenantId, name, ...value })
    .onConflict((c) => c.columns(['tenant_id', 'name']).doUpdateSet(value))
    .returningAll()
    .executeTakeFirstOrThrow()
  return toReply(row)
}

/** A new one; null where one bears the name. */
export const insertSavedReply = async (
  tx: TenantTx,
  { name, texts, updatedBy, updatedAt }: Omit<SavedReply, 'id'>,
): Promise<SavedReply | null> => {
  const row = await tx
    .insertInto('saved_reply')
    .values({
      tenant_id: tx.tenantId,
      name,
      texts: JSON.stringify(texts),
      updated_by: updatedBy,
      updated_at: toDate(updatedAt),
    })
    .onConflict((c) => c.columns(['tenant_id', 'name']).doNothing())
    .returningAll()
    .executeTakeFirst()
  return row ? toReply(row) : null
}

/** Puts a saved reply's content in place of what it says; the caller has locked it and knows the name to be free. */
export const updateSavedReply = async (tx: TenantTx, reply: SavedReply): Promise<void> => {
  await tx
    .updateTable('saved_reply')
    .set({
      name: reply.name,
      texts: JSON.stringify(reply.texts),
      updated_by: reply.updatedBy,
      updated_at: toDate(reply.updatedAt),
    })
    .where('tenant_id', '=', tx.tenantId)
    .where('id', '=', reply.id)
    .execute()
}

/** Returns whether there was one. */
export const deleteSavedReply = async (tx: TenantTx, name: string): Promise<boolean> => {
  const { numDeletedRows } = await tx
    .deleteFrom('saved_reply')
    .where('tenant_id', '=', tx.tenantId)
    .where('name', '=', name)
    .executeTakeFirst()
  return numDeletedRows > 0n
}

/** Whom a conversation is with, as a text may address them. */
export const findNamedContact = async (tx: TenantTx, conversationId: number) => {
  const row = await tx
    .selectFrom('conversation as c')
    .innerJoin('contact as k', (join) =>
      join.onRef('k.tenant_id', '=', 'c.tenant_id').onRef('k.id', '=', 'c.contact_id'),
    )
    .select(['k.first_name', 'k.last_name', 'k.username', 'k.attributes', 'k.language_code'])
    .where('c.tenant_id', '=', tx.tenantId)
    .where('c.id', '=', conversationId)
    .executeTakeFirst()
  return row
    ? {
        firstName: row.first_name,
        lastName: row.last_name,
        username: row.username,
        attributes: row.attributes as Readonly<Record<string, unknown>>,
        languageCode: row.language_code,
      }
    : null
}
