import { sql } from 'kysely'

import type { ConsentPurpose, GuardReason, MessageClass, Reachability } from '#contract/words.ts'
import { toDate } from '#server/base/clock.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

import { capPredicate } from './cap-predicate.store.ts'
import type { Cap } from './caps.rules.ts'
import type { WindowUsage } from './usage.rules.ts'

/** A person as one account meets them. */
export interface Meeting {
  readonly accountId: number
  readonly contactId: number
}

/** Names a meeting in a map. */
export const meetingKey = (accountId: number, contactId: number): string => `${accountId}:${contactId}`

export interface RecipientRow {
  readonly id: number
  readonly account_id: number
  readonly reachability: Reachability
  readonly suppressed: boolean
  readonly is_bot: boolean
  readonly is_official: boolean
  readonly time_zone: string | null
  readonly consents: readonly ConsentPurpose[]
  readonly first_name: string
  readonly last_name: string
  readonly username: string | null
  readonly language_code: string | null
  readonly attributes: Readonly<Record<string, unknown>>
}

/** What the guard and the renderer know of people, as seen from an account each. A person it never met is `not_started`. */
export const listRecipientRows = async (
  tx: TenantTx,
  meetings: readonly Meeting[],
): Promise<readonly RecipientRow[]> => {
  const { rows } = await sql<RecipientRow>`
    select c.id, u.account_id, coalesce(ca.reachability, 'not_started') as reachability,
      c.suppressed_at is not null as suppressed,
      c.is_bot, c.is_official, c.time_zone, c.first_name, c.last_name, c.username, c.language_code, c.attributes,
      array(select cc.purpose from contact_consent cc
        where cc.tenant_id = c.tenant_id and cc.contact_id = c.id and cc.granted) as consents
    from unnest(${meetings.map((m) => m.accountId)}::bigint[], ${meetings.map((m) => m.contactId)}::bigint[])
      as u (account_id, contact_id)
    join contact c on c.tenant_id = ${tx.tenantId} and c.id = u.contact_id
    left join contact_account ca on ca.tenant_id = c.tenant_id and ca.contact_id = c.id and ca.account_id = u.account_id`.execute(
    tx,
  )
  return rows
}

export interface SlotRow {
  readonly contact_id: number | null
  readonly account_id: number
  readonly chat_id: number
  readonly reserved_at: Date
  readonly message_class: MessageClass
  readonly is_outreach: boolean
  readonly is_human: boolean
  readonly invite_chat_id: number | null
  readonly content_hash: number | null
}

const slotColumns = sql`d.contact_id, d.account_id, d.chat_id, d.reserved_at, d.message_class, d.is_outreach, d.is_human,
  d.invite_chat_id, d.content_hash`

/**
 * Reservations of these contacts since `since`, any account. Asked for person by person and in the order of one index:
 * statistics from before a campaign's first send would have PostgreSQL walk all of the account's slots instead.
 */
export const listContactSlots = async (
  tx: TenantTx,
  contactIds: readonly number[],
  since: number,
): Promise<readonly SlotRow[]> => {
  const { rows } = await sql<SlotRow>`
    select ${slotColumns} from unnest(${contactIds}::bigint[]) as person (id) cross join lateral (
      select ${slotColumns} from delivery d
      where d.tenant_id = ${tx.tenantId} and d.contact_id = person.id and d.reserved_at > ${toDate(since)}
      order by d.reserved_at desc offset 0
    ) d`.execute(tx)
  return rows
}

/** Posts into these chats since `since`, any account. */
export const listChatSlots = async (
  tx: TenantTx,
  chatIds: readonly number[],
  since: number,
): Promise<readonly SlotRow[]> => {
  const { rows } = await sql<SlotRow>`
    select ${slotColumns} from delivery d
    where d.tenant_id = ${tx.tenantId} and d.chat_id = any(${chatIds}::bigint[]) and d.contact_id is null
      and d.reserved_at > ${toDate(since)}`.execute(tx)
  return rows
}

/** Chats that Telegram told these accounts to leave alone for now: until when, as `account:chat` keys. */
export const listChatWaits = async (
  tx: TenantTx,
  accountIds: readonly number[],
  now: number,
): Promise<ReadonlyMap<string, number>> => {
  const rows = await tx
    .selectFrom('chat_wait')
    .select(['account_id', 'chat_id', 'waiting_until'])
    .where('tenant_id', '=', tx.tenantId)
    .where(sql<boolean>`account_id = any(${[...accountIds]}::bigint[])`)
    .where('waiting_until', '>', toDate(now))
    .execute()
  return new Map(rows.map((r) => [`${r.account_id}:${r.chat_id}`, r.waiting_until.getTime()]))
}

/** Which of these chats are beyond the package's number of groups, by Telegram id. */
export const listChatsOverPackage = async (tx: TenantTx, chatIds: readonly number[]): Promise<ReadonlySet<number>> => {
  const { rows } = await sql<{ telegram_id: number }>`
    select telegram_id from chat
    where tenant_id = ${tx.tenantId} and telegram_id = any(${chatIds}::bigint[]) and over_package_since is not null`.execute(
    tx,
  )
  return new Set(rows.map((row) => row.telegram_id))
}

/** Which of these chats the account is in no more, by Telegram id. A chat it was never told about is not among them. */
export const listChatsLeft = async (
  tx: TenantTx,
  accountId: number,
  chatIds: readonly number[],
): Promise<ReadonlySet<number>> => {
  const { rows } = await sql<{ telegram_id: number }>`
    select c.telegram_id from chat c
    join chat_account a on a.tenant_id = c.tenant_id and a.chat_id = c.id and a.account_id = ${accountId}
    where c.tenant_id = ${tx.tenantId} and c.telegram_id = any(${chatIds}::bigint[]) and a.status in ('left', 'kicked')`.execute(
    tx,
  )
  return new Set(rows.map((row) => row.telegram_id))
}

/** Chats that these contacts refused, as `contact:chat` keys. */
export const listInviteRefusals = async (tx: TenantTx, contactIds: readonly number[]): Promise<ReadonlySet<string>> => {
  const rows = await tx
    .selectFrom('invite_refusal')
    .select(['contact_id', 'chat_id'])
    .where('tenant_id', '=', tx.tenantId)
    .where('contact_id', 'in', [...contactIds])
    .execute()
  return new Set(rows.map((r) => `${r.contact_id}:${r.chat_id}`))
}

const scopeOf = (tx: TenantTx, cap: Cap, accountId: number) =>
  cap.scope === 'account'
    ? sql`d.tenant_id = ${tx.tenantId} and d.account_id = ${accountId}`
    : sql`d.tenant_id = ${tx.tenantId}`

/** How full an account's or a tenant's cap is, with the `keep` reservations that end first. */
export const findWindowUsage = async (
  tx: TenantTx,
  cap: Cap,
  accountId: number,
  now: number,
  keep: number,
): Promise<WindowUsage> => {
  const inside = sql`${scopeOf(tx, cap, accountId)} and d.reserved_at > ${toDate(now - cap.windowMs)} and ${capPredicate(cap.reason)}`
  const { rows } = await sql<{ count: number; oldest: Date[] }>`
    select (select count(*) from (select 1 from delivery d where ${inside} limit ${cap.max + 1}) used) as count,
      array(select d.reserved_at from delivery d where ${inside} order by d.reserved_at limit ${keep}) as oldest`.execute(
    tx,
  )
  return { count: rows[0]?.count ?? 0, oldest: (rows[0]?.oldest ?? []).map((at) => at.getTime()) }
}

/** Enough of the line is counted to spread it; beyond, later deliveries share a place. */
const WAITING_COUNTED_MAX = 20_000

/** How many deliveries of the account (or tenant) already wait for this cap. */
export const countWaiting = async (tx: TenantTx, cap: Cap, accountId: number, now: number): Promise<number> => {
  const { rows } = await sql<{ count: number }>`
    select count(*) as count from (
      select 1 from delivery d
      where ${scopeOf(tx, cap, accountId)} and d.state = 'deferred' and d.reason = ${cap.reason} and d.due_at > ${toDate(now)}
      limit ${WAITING_COUNTED_MAX}
    ) line`.execute(tx)
  return rows[0]?.count ?? 0
}

export interface Verdict {
  readonly id: number
  readonly state: 'reserved' | 'deferred' | 'refused'
  readonly reason: GuardReason | null
  /** When a deferred delivery is looked at again. */
  readonly dueAt: number | null
  readonly contentHash: number | null
  /** The number under which Telegram will know the send, where it knows any. */
  readonly randomId: bigint | null
}

export interface AttemptRow {
  readonly delivery_id: number
  readonly attempt_id: number
  readonly number: number
  /** In decimal: it is too large for a number. */
  readonly random_id: string | null
}

/** Writes the verdicts, and an open attempt for each reserved delivery, in one statement. */
export const writeVerdicts = async (
  tx: TenantTx,
  verdicts: readonly Verdict[],
  now: number,
): Promise<readonly AttemptRow[]> => {
  const { rows } = await sql<AttemptRow>`
    with verdict as (
      select * from unnest(
        ${verdicts.map((v) => v.id)}::bigint[], ${verdicts.map((v) => v.state)}::text[], ${verdicts.map((v) => v.reason)}::text[],
        ${verdicts.map((v) => (v.dueAt === null ? null : toDate(v.dueAt)))}::timestamptz[], ${verdicts.map((v) => v.contentHash)}::bigint[],
        ${verdicts.map((v) => v.randomId?.toString() ?? null)}::bigint[]
      ) as u (id, state, reason, due_at, content_hash, random_id)
    ), moved as (
      update delivery d set
        state = v.state, reason = v.reason, due_at = coalesce(v.due_at, d.due_at),
        content_hash = coalesce(v.content_hash, d.content_hash),
        reserved_at = case when v.state = 'reserved' then ${toDate(now)}::timestamptz end,
        finished_at = case when v.state = 'refused' then ${toDate(now)}::timestamptz end,
        attempt_count = d.attempt_count + (v.state = 'reserved')::int
      from verdict v where d.tenant_id = ${tx.tenantId} and d.id = v.id
      returning d.id, d.account_id, d.state, d.attempt_count, v.random_id
    )
    insert into attempt (tenant_id, delivery_id, account_id, number, started_at, random_id)
    select ${tx.tenantId}, m.id, m.account_id, m.attempt_count, ${toDate(now)}, m.random_id
    from moved m where m.state = 'reserved'
    returning delivery_id, id as attempt_id, number, random_id::text as random_id`.execute(tx)
  return rows
}
