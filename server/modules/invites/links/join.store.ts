import { type RawBuilder, sql } from 'kysely'

import type { InviteLinkState, LinkAdmission } from '#contract/words.ts'
import { toDate } from '#server/base/clock.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

import { INVITE_PAUSE_MS } from '../invite.rules.ts'
import { lineage } from '../invite.store.ts'

export interface NamedLink {
  readonly id: number
  readonly contactId: number | null
  readonly deliveryId: number | null
  readonly campaignId: number | null
  readonly admission: LinkAdmission
  readonly state: InviteLinkState
}

/** Our link of this name into this chat, or into what the chat was before; null for a link of somebody else's. */
export const findLinkByName = async (tx: TenantTx, chatId: number, name: string): Promise<NamedLink | null> => {
  const { rows } = await sql<NamedLink>`
    select id, contact_id as "contactId", delivery_id as "deliveryId", campaign_id as "campaignId", admission, state
    from invite_link
    where tenant_id = ${tx.tenantId} and name = ${name} and chat_id in ${lineage(tx, chatId)}`.execute(tx)
  return rows[0] ?? null
}

/** The row of the chat that this number leads to now; null for one nobody told of. */
export const findChatRow = async (tx: TenantTx, telegramId: number): Promise<number | null> => {
  const { rows } = await sql<{ id: number }>`
    select coalesce(heir.id, c.id) as id from chat c
    left join chat heir on heir.tenant_id = c.tenant_id and heir.telegram_id = c.migrated_to_id
    where c.tenant_id = ${tx.tenantId} and c.telegram_id = ${telegramId}`.execute(tx)
  return rows[0]?.id ?? null
}

/** The invitation into the chat that left for this person last, within thirty days before `at`. */
export const findInvitationBefore = async (
  tx: TenantTx,
  contactId: number,
  chatId: number,
  at: number,
): Promise<number | null> => {
  const { rows } = await sql<{ id: number }>`
    select id from delivery
    where tenant_id = ${tx.tenantId} and contact_id = ${contactId} and invite_chat_id in ${lineage(tx, chatId)}
      and state = 'sent' and reserved_at between ${toDate(at - INVITE_PAUSE_MS)} and ${toDate(at + CLOCK_SLACK_MS)}
    order by reserved_at desc limit 1`.execute(tx)
  return rows[0]?.id ?? null
}

/** Telegram's instants are whole seconds of another clock. */
const CLOCK_SLACK_MS = 60_000

export interface JoinStep {
  readonly chatId: number
  readonly contactId: number
  readonly linkId: number | null
  readonly deliveryId: number | null
  readonly at: number
}

const insertJoin = (
  tx: TenantTx,
  step: JoinStep,
  onTold: RawBuilder<unknown>,
  column: 'requested_at' | 'joined_at',
) => sql`
  insert into invite_join as j (tenant_id, chat_id, contact_id, link_id, delivery_id, ${sql.ref(column)})
  values (${tx.tenantId}, ${step.chatId}, ${step.contactId}, ${step.linkId}, ${step.deliveryId}, ${toDate(step.at)})
  on conflict ${step.linkId === null ? sql`(tenant_id, delivery_id) where link_id is null` : sql`(tenant_id, link_id, contact_id) where link_id is not null`}
  do update set ${onTold}`

/** Somebody asked to be let in. Told again, the first instant stays. */
export const saveRequest = async (tx: TenantTx, step: JoinStep): Promise<void> => {
  await insertJoin(tx, step, sql`requested_at = least(j.requested_at, excluded.requested_at)`, 'requested_at').execute(
    tx,
  )
}

/** Somebody is in; who had asked was let in. Who left before is in again. */
export const saveJoin = async (tx: TenantTx, step: JoinStep): Promise<void> => {
  const told = sql`joined_at = least(j.joined_at, excluded.joined_at),
    approved_at = case when j.requested_at is null then null else least(j.approved_at, excluded.joined_at) end,
    left_at = case when j.left_at < excluded.joined_at then null else j.left_at end`
  await insertJoin(tx, step, told, 'joined_at').execute(tx)
}

/** Somebody who came by an invitation or a link went. */
export const saveLeave = async (tx: TenantTx, contactId: number, chatId: number, at: number): Promise<void> => {
  await sql`
    update invite_join set left_at = ${toDate(at)}
    where tenant_id = ${tx.tenantId} and contact_id = ${contactId} and chat_id in ${lineage(tx, chatId)}
      and joined_at <= ${toDate(at)} and left_at is null`.execute(tx)
}
