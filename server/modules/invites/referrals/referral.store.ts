import { sql } from 'kysely'

import type { PointEntryKind, ReferralState } from '#contract/words.ts'
import { toDate } from '#server/base/clock.ts'
import { DAY_MS } from '#server/base/duration.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

import { DEFAULT_REFERRALS, type ReferralSettings } from './referral.rules.ts'

export const findReferralSettings = async (tx: TenantTx): Promise<ReferralSettings> => {
  const row = await tx
    .selectFrom('referral_setting')
    .select(['is_on as isOn', 'points_per_person as pointsPerPerson', 'daily_max as dailyMax', 'wait_days as waitDays'])
    .where('tenant_id', '=', tx.tenantId)
    .executeTakeFirst()
  return row ?? DEFAULT_REFERRALS
}

export const saveReferralSettings = async (
  tx: TenantTx,
  settings: ReferralSettings,
  by: string,
  at: number,
): Promise<void> => {
  const values = {
    is_on: settings.isOn,
    points_per_person: settings.pointsPerPerson,
    daily_max: settings.dailyMax,
    wait_days: settings.waitDays,
    updated_by: by,
    updated_at: toDate(at),
  }
  await tx
    .insertInto('referral_setting')
    .values({ tenant_id: tx.tenantId, ...values })
    .onConflict((c) => c.column('tenant_id').doUpdateSet(values))
    .execute()
}

/** The contact's first code; null while there is none. */
export const findCode = async (tx: TenantTx, contactId: number): Promise<string | null> => {
  const row = await tx
    .selectFrom('referral_code')
    .select('code')
    .where('tenant_id', '=', tx.tenantId)
    .where('contact_id', '=', contactId)
    .orderBy('created_at')
    .orderBy('code')
    .limit(1)
    .executeTakeFirst()
  return row?.code ?? null
}

/** False when somebody has this code already. */
export const insertCode = async (tx: TenantTx, code: string, contactId: number, at: number): Promise<boolean> => {
  const row = await tx
    .insertInto('referral_code')
    .values({ tenant_id: tx.tenantId, code, contact_id: contactId, created_at: toDate(at) })
    .onConflict((c) => c.doNothing())
    .returning('code')
    .executeTakeFirst()
  return row !== undefined
}

/** Whose code it is, and how many newcomers it brought in the last 24 hours. Locks the code: those of one person wait. */
export const lockCode = async (
  tx: TenantTx,
  code: string,
  at: number,
): Promise<{ readonly referrerId: number; readonly today: number } | null> => {
  const row = await tx
    .selectFrom('referral_code')
    .select('contact_id as referrerId')
    .where('tenant_id', '=', tx.tenantId)
    .where('code', '=', code)
    .forUpdate()
    .executeTakeFirst()
  if (!row) return null
  const { today } = await tx
    .selectFrom('referral')
    .select((eb) => eb.fn.countAll<number>().as('today'))
    .where('tenant_id', '=', tx.tenantId)
    .where('referrer_id', '=', row.referrerId)
    .where('started_at', '>', toDate(at - DAY_MS))
    .where('state', 'in', ['waiting', 'counted'])
    .executeTakeFirstOrThrow()
  return { referrerId: row.referrerId, today }
}

export const isSuppressed = async (tx: TenantTx, contactId: number): Promise<boolean> =>
  (await tx
    .selectFrom('contact')
    .select('id')
    .where('tenant_id', '=', tx.tenantId)
    .where('id', '=', contactId)
    .where('suppressed_at', 'is not', null)
    .executeTakeFirst()) !== undefined

export interface ReferralInput {
  readonly newcomerId: number
  readonly referrerId: number
  readonly accountId: number
  /** Why it never counts; null when it waits. */
  readonly reason: string | null
  readonly at: number
}

/** The first word about a newcomer stays; false when there was one. */
export const insertReferral = async (tx: TenantTx, input: ReferralInput): Promise<boolean> => {
  const at = toDate(input.at)
  const row = await tx
    .insertInto('referral')
    .values({
      tenant_id: tx.tenantId,
      newcomer_id: input.newcomerId,
      referrer_id: input.referrerId,
      account_id: input.accountId,
      state: input.reason === null ? 'waiting' : 'refused',
      reason: input.reason,
      started_at: at,
      decided_at: input.reason === null ? null : at,
    })
    .onConflict((c) => c.columns(['tenant_id', 'newcomer_id']).doNothing())
    .returning('newcomer_id')
    .executeTakeFirst()
  return row !== undefined
}

export interface Settlement {
  readonly points: number
  readonly messages: number
  readonly days: number
  readonly limit: number
  /** Of this person's newcomers alone. */
  readonly referrerId: number | null
  readonly at: number
}

/**
 * Counts newcomers who stayed and acted: the referral's end, its line in the ledger and the balance in one statement.
 * Whoever counts at the same moment passes over what is being counted. Returns how many.
 */
export const countArrived = async (tx: TenantTx, s: Settlement): Promise<number> => {
  const { rows } = await sql<{ counted: number }>`
    with due as (
      select r.newcomer_id from referral r
      join contact p on p.tenant_id = r.tenant_id and p.id = r.newcomer_id and p.suppressed_at is null
      join contact_account a on a.tenant_id = r.tenant_id and a.contact_id = r.newcomer_id
        and a.account_id = r.account_id and a.reachability = 'reachable'
      where r.tenant_id = ${tx.tenantId} and r.state = 'waiting'
        and (${s.referrerId}::bigint is null or r.referrer_id = ${s.referrerId}::bigint)
        and (exists (select from contact_consent k where k.tenant_id = r.tenant_id and k.contact_id = r.newcomer_id
            and k.purpose = 'marketing' and k.granted)
          or (select count(*) >= ${s.messages} and count(distinct (m.at at time zone 'utc')::date) >= ${s.days}
            from message m where m.tenant_id = r.tenant_id and m.contact_id = r.newcomer_id and m.direction = 'in'
              and m.chat_id > 0))
      order by r.newcomer_id limit ${s.limit} for update of r skip locked
    ), ended as (
      update referral r set state = 'counted', decided_at = ${toDate(s.at)} from due
      where r.tenant_id = ${tx.tenantId} and r.newcomer_id = due.newcomer_id and r.state = 'waiting'
      returning r.referrer_id, r.newcomer_id
    ), entries as (
      insert into point_entry (tenant_id, contact_id, kind, points, newcomer_id, recorded_by, at)
      select ${tx.tenantId}, referrer_id, 'referral', ${s.points}, newcomer_id, 'system', ${toDate(s.at)} from ended
      on conflict (tenant_id, newcomer_id) where newcomer_id is not null do nothing
      returning contact_id, points
    ), balances as (
      insert into point_balance as b (tenant_id, contact_id, points)
      select ${tx.tenantId}, contact_id, sum(points)::int from entries group by contact_id order by contact_id
      on conflict (tenant_id, contact_id) do update set points = b.points + excluded.points
    )
    select count(*)::int as counted from ended`.execute(tx)
  return rows[0]?.counted ?? 0
}

/** Ends the wait for newcomers who came before `before` and did nothing. Returns how many. */
export const lapseReferrals = async (tx: TenantTx, before: number, at: number): Promise<number> => {
  const result = await tx
    .updateTable('referral')
    .set({ state: 'lapsed', decided_at: toDate(at) })
    .where('tenant_id', '=', tx.tenantId)
    .where('state', '=', 'waiting')
    .where('started_at', '<', toDate(before))
    .executeTakeFirst()
  return Number(result.numUpdatedRows)
}

export const findBalance = async (tx: TenantTx, contactId: number): Promise<number> => {
  const row = await tx
    .selectFrom('point_balance')
    .select('points')
    .where('tenant_id', '=', tx.tenantId)
    .where('contact_id', '=', contactId)
    .executeTakeFirst()
  return row?.points ?? 0
}

/** Takes points from a balance that has them; null when it has not, or the coupon is somebody's already. */
export const insertRedemption = async (
  tx: TenantTx,
  entry: {
    readonly contactId: number
    readonly points: number
    readonly coupon: string
    readonly by: string
    readonly at: number
  },
): Promise<'recorded' | 'short' | 'coupon_taken'> => {
  const { contactId, points, coupon, by, at } = entry
  const taken = await tx
    .updateTable('point_balance')
    .set((eb) => ({ points: eb('points', '-', points) }))
    .where('tenant_id', '=', tx.tenantId)
    .where('contact_id', '=', contactId)
    .where('points', '>=', points)
    .executeTakeFirst()
  if (taken.numUpdatedRows === 0n) return 'short'
  const { rows } = await sql`
    insert into point_entry (tenant_id, contact_id, kind, points, coupon, recorded_by, at)
    values (${tx.tenantId}, ${contactId}, 'redeemed', ${-points}, ${coupon}, ${by}, ${toDate(at)})
    on conflict (tenant_id, coupon) where coupon is not null do nothing
    returning id`.execute(tx)
  return rows.length > 0 ? 'recorded' : 'coupon_taken'
}

export interface PointEntry {
  readonly id: number
  readonly kind: PointEntryKind
  readonly points: number
  readonly coupon: string | null
  readonly recordedBy: string
  /** Epoch ms. */
  readonly at: number
}

/** The newest lines of one person's ledger. */
export const listPointEntries = async (
  tx: TenantTx,
  contactId: number,
  limit: number,
): Promise<readonly PointEntry[]> => {
  const rows = await tx
    .selectFrom('point_entry')
    .select(['id', 'kind', 'points', 'coupon', 'recorded_by', 'at'])
    .where('tenant_id', '=', tx.tenantId)
    .where('contact_id', '=', contactId)
    .orderBy('id', 'desc')
    .limit(limit)
    .execute()
  return rows.map(({ recorded_by: recordedBy, at, kind, ...row }) => ({
    ...row,
    kind: kind as PointEntryKind,
    recordedBy,
    at: at.getTime(),
  }))
}

/** How many newcomers of one person stand where. */
export const countReferrals = async (
  tx: TenantTx,
  referrerId: number,
): Promise<Readonly<Record<ReferralState, number>>> => {
  const rows = await tx
    .selectFrom('referral')
    .select(['state', (eb) => eb.fn.countAll<number>().as('n')])
    .where('tenant_id', '=', tx.tenantId)
    .where('referrer_id', '=', referrerId)
    .groupBy('state')
    .execute()
  return {
    waiting: 0,
    counted: 0,
    refused: 0,
    lapsed: 0,
    ...Object.fromEntries(rows.map((row) => [row.state, row.n])),
  }
}

export interface LeaderRow {
  readonly contactId: number
  readonly firstName: string
  readonly lastName: string
  readonly points: number
  readonly counted: number
  readonly waiting: number
}

/** Who brought somebody, most counted newcomers first. */
export const selectLeaders = async (tx: TenantTx, limit: number): Promise<readonly LeaderRow[]> => {
  const { rows } = await sql<LeaderRow>`
    select p.id as "contactId", p.first_name as "firstName", p.last_name as "lastName",
      coalesce(b.points, 0) as points, r.counted, r.waiting
    from (
      select referrer_id, count(*) filter (where state = 'counted')::int as counted,
        count(*) filter (where state = 'waiting')::int as waiting
      from referral where tenant_id = ${tx.tenantId} group by referrer_id) r
    join contact p on p.tenant_id = ${tx.tenantId} and p.id = r.referrer_id and p.erased_at is null
    left join point_balance b on b.tenant_id = p.tenant_id and b.contact_id = p.id
    order by r.counted desc, r.waiting desc, p.id limit ${limit}`.execute(tx)
  return rows
}
