import { sql } from 'kysely'

import type { InviteLinkState, LinkAdmission } from '#contract/words.ts'
import { toDate } from '#server/base/clock.ts'
import type { OperatorTx, TenantTx } from '#server/db/tenant-scope.ts'

import type { KnownLink } from './link.rules.ts'

/** An account that can make links into this chat: an active bot with the right to invite; `preferId` where it can. */
export const findMaker = async (tx: TenantTx, chatId: number, preferId: number | null): Promise<number | null> => {
  const { rows } = await sql<{ id: number }>`
    select a.id from chat_account c
    join account a on a.tenant_id = c.tenant_id and a.id = c.account_id and a.state = 'active' and a.kind = 'bot'
    where c.tenant_id = ${tx.tenantId} and c.chat_id = ${chatId} and c.status = 'administrator'
      and c.rights ->> 'can_invite_users' = 'true'
    order by a.id = coalesce(${preferId}::bigint, 0) desc, a.id limit 1`.execute(tx)
  return rows[0]?.id ?? null
}

/** The link of an invitation, as a second yes finds it. */
export const findLinkOf = async (
  tx: TenantTx,
  deliveryId: number,
): Promise<(KnownLink & { readonly id: number }) | null> => {
  const { rows } = await sql<{
    id: number
    state: InviteLinkState
    url: string | null
    expires_at: Date | null
    admission: LinkAdmission
    other: boolean
    owner: boolean
  }>`
    select l.id, l.state, l.url, l.expires_at, l.admission,
      exists (select from invite_join j where j.tenant_id = l.tenant_id and j.link_id = l.id
        and j.joined_at is not null and j.contact_id is distinct from l.contact_id) as other,
      exists (select from invite_join j where j.tenant_id = l.tenant_id and j.link_id = l.id
        and j.joined_at is not null and j.contact_id = l.contact_id) as owner
    from invite_link l where l.tenant_id = ${tx.tenantId} and l.delivery_id = ${deliveryId}`.execute(tx)
  const row = rows[0]
  if (!row) return null
  const isLimited = row.admission === 'limited'
  const usedBy = !isLimited ? 'nobody' : row.other ? 'other' : row.owner ? 'owner' : 'nobody'
  return { id: row.id, state: row.state, url: row.url, expiresAt: row.expires_at?.getTime() ?? null, usedBy }
}

export interface WantedLink {
  readonly chatId: number
  readonly makerAccountId: number
  readonly admission: LinkAdmission
  readonly lifeDays: number
  readonly by: string
  readonly at: number
  /** Of a personal link: who gives it to whom, for which invitation. */
  readonly giver: { readonly accountId: number; readonly contactId: number; readonly deliveryId: number } | null
  readonly campaignId?: number | null
}

/** Asks for a link; one that an invitation has already is asked for anew, under its name. Returns its id. */
export const wantLink = async (tx: TenantTx, link: WantedLink): Promise<number> => {
  const { giver } = link
  const { rows } = await sql<{ id: number }>`
    insert into invite_link as l (tenant_id, chat_id, maker_account_id, giver_account_id, delivery_id, contact_id,
      campaign_id, admission, life_days, wanted_at, created_by)
    values (${tx.tenantId}, ${link.chatId}, ${link.makerAccountId}, ${giver?.accountId ?? null},
      ${giver?.deliveryId ?? null}, ${giver?.contactId ?? null}, ${link.campaignId ?? null}, ${link.admission},
      ${link.lifeDays}, ${toDate(link.at)}, ${link.by})
    on conflict (tenant_id, delivery_id) where delivery_id is not null do update set
      state = 'wanted', reason = null, url = null, expires_at = null, held_until = null, attempt_count = 0,
      maker_account_id = excluded.maker_account_id, giver_account_id = excluded.giver_account_id,
      admission = excluded.admission, life_days = excluded.life_days, wanted_at = excluded.wanted_at
    returning l.id`.execute(tx)
  return rows[0]?.id ?? 0
}

export interface HeldLink {
  readonly id: number
  readonly name: string
  readonly chatTelegramId: number
  readonly chatId: number
  readonly chatTitle: string
  readonly username: string | null
  readonly makerAccountId: number
  readonly giverAccountId: number | null
  readonly contactId: number | null
  readonly admission: LinkAdmission
  readonly lifeDays: number
  readonly url: string | null
  /** Of this hold; a later holder has a greater one. */
  readonly holdNumber: number
  readonly tries: number
}

const held = (tx: TenantTx, claimed: ReturnType<typeof sql>) => sql<HeldLink>`
  with l as (${claimed})
  select l.id, l.name, coalesce(heir.telegram_id, c.telegram_id) as "chatTelegramId", coalesce(heir.id, c.id) as "chatId",
    coalesce(heir.title, c.title) as "chatTitle", case when heir.id is null then c.username else heir.username end as username,
    l.maker_account_id as "makerAccountId", l.giver_account_id as "giverAccountId", l.contact_id as "contactId",
    l.admission, l.life_days as "lifeDays", l.url, l.hold_number as "holdNumber", l.attempt_count as tries
  from l join chat c on c.tenant_id = l.tenant_id and c.id = l.chat_id
  left join chat heir on heir.tenant_id = c.tenant_id and heir.telegram_id = c.migrated_to_id
  where l.tenant_id = ${tx.tenantId}`

/** Takes the next link to be made, or one whose maker died, for itself alone until `until`. */
export const holdWanted = async (tx: TenantTx, now: number, until: number): Promise<HeldLink | null> => {
  const { rows } = await held(
    tx,
    sql`update invite_link set state = 'making', held_until = ${toDate(until)}, hold_number = hold_number + 1,
        attempt_count = attempt_count + 1
      where tenant_id = ${tx.tenantId} and id = (
        select id from invite_link where tenant_id = ${tx.tenantId} and state in ('wanted', 'making')
          and (held_until is null or held_until <= ${toDate(now)})
        order by id limit 1 for update skip locked)
      returning *`,
  ).execute(tx)
  return rows[0] ?? null
}

/** {@link holdWanted} for a link that is to be ended. */
export const holdEnding = async (tx: TenantTx, now: number, until: number): Promise<HeldLink | null> => {
  const { rows } = await held(
    tx,
    sql`update invite_link set held_until = ${toDate(until)}, hold_number = hold_number + 1,
        attempt_count = attempt_count + 1
      where tenant_id = ${tx.tenantId} and id = (
        select id from invite_link where tenant_id = ${tx.tenantId} and state = 'ending'
          and (held_until is null or held_until <= ${toDate(now)})
        order by id limit 1 for update skip locked)
      returning *`,
  ).execute(tx)
  return rows[0] ?? null
}

type Outcome =
  | { readonly state: 'made'; readonly url: string; readonly expiresAt: number }
  | { readonly state: 'wanted' | 'ending'; readonly notBefore: number }
  | { readonly state: 'failed' | 'revoked'; readonly reason: string | null }

/** Writes how a hold ended; false when the link is somebody else's by now, or was ended meanwhile. */
export const finishHold = async (tx: TenantTx, link: HeldLink, outcome: Outcome, at: number): Promise<boolean> => {
  const base = { state: outcome.state, held_until: null }
  const values = () => {
    switch (outcome.state) {
      case 'made':
        return {
          ...base,
          url: outcome.url,
          made_at: toDate(at),
          expires_at: toDate(outcome.expiresAt),
          attempt_count: 0,
        }
      case 'wanted':
      case 'ending':
        return { ...base, held_until: toDate(outcome.notBefore) }
      case 'failed':
        return { ...base, reason: outcome.reason }
      case 'revoked':
        return { ...base, reason: outcome.reason, ended_at: toDate(at) }
    }
  }
  const result = await tx
    .updateTable('invite_link')
    .set(values())
    .where('tenant_id', '=', tx.tenantId)
    .where('id', '=', link.id)
    .where('hold_number', '=', link.holdNumber)
    .where('state', 'in', ['making', 'ending'])
    .executeTakeFirst()
  return result.numUpdatedRows > 0n
}

/** Begins the end of a link: one that was made is revoked at Telegram, one that was not never is made. False without one. */
export const endLink = async (tx: TenantTx, linkId: number, at: number): Promise<boolean> => {
  const result = await sql`
    update invite_link set held_until = null, attempt_count = 0,
      state = case when state = 'made' then 'ending' else 'revoked' end,
      ended_at = case when state = 'made' then null else ${toDate(at)}::timestamptz end
    where tenant_id = ${tx.tenantId} and id = ${linkId} and state in ('wanted', 'making', 'made', 'failed')`.execute(tx)
  return Number(result.numAffectedRows ?? 0n) > 0
}

export interface InviteLinkRow {
  readonly id: number
  readonly name: string
  readonly chatId: number
  readonly title: string
  readonly contactId: number | null
  readonly campaignId: number | null
  readonly admission: LinkAdmission
  readonly state: InviteLinkState
  readonly reason: string | null
  readonly url: string | null
  /** Epoch ms. */
  readonly expiresAt: number | null
  readonly requested: number
  readonly joined: number
}

/** Links, newest first, at most `limit` before `beforeId`. */
export const listLinks = async (
  tx: TenantTx,
  filter: { readonly chatId?: number; readonly beforeId?: number; readonly limit: number },
): Promise<readonly InviteLinkRow[]> => {
  const { rows } = await sql<Omit<InviteLinkRow, 'expiresAt'> & { expires_at: Date | null }>`
    select l.id, l.name, l.chat_id as "chatId", c.title, l.contact_id as "contactId", l.campaign_id as "campaignId",
      l.admission, l.state, l.reason, l.url, l.expires_at,
      count(j.requested_at)::int as requested, count(j.joined_at)::int as joined
    from invite_link l join chat c on c.tenant_id = l.tenant_id and c.id = l.chat_id
    left join invite_join j on j.tenant_id = l.tenant_id and j.link_id = l.id
    where l.tenant_id = ${tx.tenantId} and l.id < ${filter.beforeId ?? Number.MAX_SAFE_INTEGER}
      and (${filter.chatId ?? null}::bigint is null or l.chat_id = ${filter.chatId ?? null}::bigint)
    group by l.tenant_id, l.id, c.title order by l.id desc limit ${filter.limit}`.execute(tx)
  return rows.map(({ expires_at: expiresAt, ...row }) => ({ ...row, expiresAt: expiresAt?.getTime() ?? null }))
}

/** Tenants whose links or approved invitations wait and may be worked on at `at`. */
export const listTenantsWithInviteWork = async (tx: OperatorTx, at: number): Promise<readonly number[]> => {
  const { rows } = await sql<{ id: number }>`
    select t.id from tenant t where t.state = 'active' and (
      exists (select from invite_link l where l.tenant_id = t.id and l.state in ('wanted', 'making', 'ending')
        and (l.held_until is null or l.held_until <= ${toDate(at)}))
      or exists (select from invite_batch b join invite_proposal p on p.tenant_id = b.tenant_id and p.batch_id = b.id
        where b.tenant_id = t.id and b.state = 'approved' and p.state = 'waiting'))
    order by t.id`.execute(tx)
  return rows.map((row) => row.id)
}
