import { sql } from 'kysely'

import { toDate } from '#server/base/clock.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

export interface InviteChat {
  readonly id: number
  readonly kind: 'group' | 'supergroup' | 'channel'
  readonly title: string
  readonly username: string | null
}

/** The chat of this row id; one that became a supergroup leads to what it became. Null when there is none. */
export const findInviteChat = async (tx: TenantTx, chatId: number): Promise<InviteChat | null> => {
  const { rows } = await sql<InviteChat>`
    select coalesce(heir.id, c.id) as id, coalesce(heir.kind, c.kind) as kind, coalesce(heir.title, c.title) as title,
      case when heir.id is null then c.username else heir.username end as username
    from chat c left join chat heir on heir.tenant_id = c.tenant_id and heir.telegram_id = c.migrated_to_id
    where c.tenant_id = ${tx.tenantId} and c.id = ${chatId}`.execute(tx)
  return rows[0] ?? null
}

export interface InviteFacts {
  readonly isMember: boolean
  /** An administrator put the person out. */
  readonly isRemoved: boolean
  readonly refusedAt: Date | null
  /** The newest invitation that waits, left or may have left. */
  readonly invitedAt: Date | null
}

/** The chat itself and what it was before it became a supergroup: a word about one is a word about the other. */
export const lineage = (tx: TenantTx, chatId: number) => sql`(
  select was.id from chat now join chat was
    on was.tenant_id = now.tenant_id and (was.id = now.id or was.migrated_to_id = now.telegram_id)
  where now.tenant_id = ${tx.tenantId} and now.id = ${chatId}
)`

/** What is known about one person and one chat. The contact is locked by the caller. */
export const readInviteFacts = async (tx: TenantTx, contactId: number, chatId: number): Promise<InviteFacts> => {
  const of = sql`tenant_id = ${tx.tenantId} and contact_id = ${contactId}`
  const { rows } = await sql<InviteFacts>`
    select
      exists (select from contact_chat where ${of} and chat_id in ${lineage(tx, chatId)} and status = 'member') as "isMember",
      exists (select from contact_chat where ${of} and chat_id in ${lineage(tx, chatId)} and status = 'kicked') as "isRemoved",
      (select min(refused_at) from invite_refusal where ${of} and chat_id in ${lineage(tx, chatId)}) as "refusedAt",
      (select max(coalesce(reserved_at, planned_at)) from delivery
        where ${of} and invite_chat_id in ${lineage(tx, chatId)}
          and (state in ('planned', 'deferred') or reserved_at is not null)) as "invitedAt"`.execute(tx)
  return rows[0] ?? { isMember: false, isRemoved: false, refusedAt: null, invitedAt: null }
}

export interface InvitePerson {
  readonly id: number
  readonly telegramId: number | null
}

/** Locks the person, so that two invitations into one chat cannot both find that there is none. */
export const lockInvitePerson = async (tx: TenantTx, contactId: number): Promise<InvitePerson | null> => {
  const row = await tx
    .selectFrom('contact')
    .select(['id', 'telegram_id as telegramId'])
    .where('tenant_id', '=', tx.tenantId)
    .where('id', '=', contactId)
    .where('merged_into_id', 'is', null)
    .where('erased_at', 'is', null)
    .forNoKeyUpdate()
    .executeTakeFirst()
  return row ?? null
}

export const hasAccount = async (tx: TenantTx, accountId: number): Promise<boolean> =>
  (await tx
    .selectFrom('account')
    .select('id')
    .where('tenant_id', '=', tx.tenantId)
    .where('id', '=', accountId)
    .executeTakeFirst()) !== undefined

/** Remembers the first no for good. */
export const insertRefusal = async (tx: TenantTx, contactId: number, chatId: number, at: number): Promise<void> => {
  await tx
    .insertInto('invite_refusal')
    .values({ tenant_id: tx.tenantId, contact_id: contactId, chat_id: chatId, refused_at: toDate(at) })
    .onConflict((c) => c.columns(['tenant_id', 'contact_id', 'chat_id']).doNothing())
    .execute()
}

/** Invitations into the chat that still wait for this person go. */
export const cancelWaitingInvites = async (
  tx: TenantTx,
  contactId: number,
  chatId: number,
  at: number,
): Promise<void> => {
  await tx
    .updateTable('delivery')
    .set({ state: 'cancelled', reason: 'invite_refused', finished_at: toDate(at) })
    .where('tenant_id', '=', tx.tenantId)
    .where('contact_id', '=', contactId)
    .where('invite_chat_id', '=', chatId)
    .where('state', 'in', ['planned', 'deferred'])
    .execute()
}

export interface Invitation {
  readonly chatId: number
  /** The account that wrote to the person. */
  readonly accountId: number
}

/** The chat that this delivery invited this person into, and by whom; null when it is no invitation of theirs. */
export const findInvitation = async (
  tx: TenantTx,
  contactId: number,
  deliveryId: number,
): Promise<Invitation | null> => {
  const row = await tx
    .selectFrom('delivery')
    .select(['invite_chat_id', 'account_id'])
    .where('tenant_id', '=', tx.tenantId)
    .where('id', '=', deliveryId)
    .where('contact_id', '=', contactId)
    .executeTakeFirst()
  return row && row.invite_chat_id !== null ? { chatId: row.invite_chat_id, accountId: row.account_id } : null
}

/** Writes down that somebody said yes; the first time stays. */
export const insertAnswer = async (
  tx: TenantTx,
  answer: { readonly contactId: number; readonly deliveryId: number; readonly chatId: number; readonly at: number },
): Promise<void> => {
  await tx
    .insertInto('invite_answer')
    .values({
      tenant_id: tx.tenantId,
      delivery_id: answer.deliveryId,
      contact_id: answer.contactId,
      chat_id: answer.chatId,
      yes_at: toDate(answer.at),
    })
    .onConflict((c) => c.columns(['tenant_id', 'delivery_id']).doNothing())
    .execute()
}
