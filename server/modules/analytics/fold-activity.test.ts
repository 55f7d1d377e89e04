import fc from 'fast-check'
import { sql } from 'kysely'
import { beforeAll, describe, expect, it } from 'vitest'

import { toDate } from '#server/base/clock.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '#server/base/duration.ts'
import { type Db, createDb } from '#server/db/pool.ts'
import { asOperator, inTenant } from '#server/db/tenant-scope.ts'
import { eraseContact, mergeContacts } from '#server/modules/contacts/index.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { createAccount, createContact, createDelivery, createTenant } from '#server/testing/factories.ts'

import type { DayFigures } from './daily-figures.rules.ts'
import { foldChanges } from './daily-figures.store.ts'
import { foldActivity } from './fold-activity.ts'
import { reportDays } from './report-days.ts'

/** Clocks go forward in most zones that change them in the days before, by half an hour on Lord Howe, and back south of it. */
const END = Date.UTC(2026, 3, 9, 23, 59)
const DAYS = 20
const ZONES = [
  'Europe/Istanbul',
  'UTC',
  'Europe/Berlin',
  'America/St_Johns',
  'America/Los_Angeles',
  'Asia/Kathmandu',
  'Australia/Lord_Howe',
  'Pacific/Chatham',
  'Pacific/Kiritimati',
]

let db: Db

beforeAll(async () => {
  db = createDb((await createTestDatabase()).pool)
})

/** Each day counted from the rows themselves, one by one: what the sums have to equal. */
const countFromRows = async (tenantId: number): Promise<readonly DayFigures[]> => {
  const { rows } = await sql<DayFigures>`
    select to_char(e.at at time zone t.time_zone, 'YYYY-MM-DD') as "on", sum(e.sent)::integer as sent,
      sum(e.answered)::integer as answered, sum(e.joined)::integer as joined, sum(e.stopped)::integer as stopped
    from (
      select tenant_id, reserved_at as at, 1 as sent, 0 as answered, 0 as joined, 0 as stopped from delivery where state = 'sent'
      union all select tenant_id, responded_at, 0, 1, 0, 0 from delivery
      union all select tenant_id, first_seen_at, 0, 0, 1, 0 from contact
      union all select tenant_id, opted_out_at, 0, 0, 0, 1 from delivery
    ) e join tenant t on t.id = e.tenant_id
    where t.id = ${tenantId} and e.at is not null group by 1 order by 1`.execute(db)
  return rows
}

const countFromSums = async (tenantId: number): Promise<readonly DayFigures[]> => {
  const days = await inTenant(db, tenantId, (tx) => reportDays(tx, { days: DAYS + 5, now: END + DAY_MS }))
  return days.filter(({ sent, answered, joined, stopped }) => sent + answered + joined + stopped > 0)
}

/** Messages that took a place in the quota, from the rows and from the sums. */
const countMetered = async (tenantId: number): Promise<readonly (number | undefined)[]> => {
  const fromRows = await sql<{ count: number }>`
    select count(*)::integer as count from delivery
    where tenant_id = ${tenantId} and reserved_at is not null and message_class <> 'reply' and not is_human`.execute(db)
  const fromSums = await sql<{ count: number }>`
    select coalesce(sum(metered), 0)::integer as count from (
      select tenant_id, metered from activity_quarter union all select tenant_id, metered from activity_change) m
    where tenant_id = ${tenantId}`.execute(db)
  return [fromRows.rows[0]?.count, fromSums.rows[0]?.count]
}

/** A tenant whose rows a history happens to; things are named by their place, whatever is there by then. */
class World {
  readonly tenantId: number
  readonly accountId: number
  readonly #contacts: number[] = []
  readonly #deliveries: number[] = []

  private constructor(tenantId: number, accountId: number) {
    this.tenantId = tenantId
    this.accountId = accountId
  }

  static async create(): Promise<World> {
    const tenantId = await createTenant(db)
    return new World(tenantId, await createAccount(db, tenantId))
  }

  async do({ what, which, at, other }: Step): Promise<void> {
    const contactId = this.#contacts[which % Math.max(1, this.#contacts.length)]
    const deliveryId = this.#deliveries[which % Math.max(1, this.#deliveries.length)]
    const acts: Readonly<Record<Step['what'], () => Promise<unknown>>> = {
      join: async () => this.#contacts.push(await createContact(db, this.tenantId, { at })),
      plan: async () => contactId && this.#deliveries.push(await this.#delivery(contactId)),
      arrive: async () => contactId && this.#deliveries.push(await this.#delivery(contactId, at)),
      send: () => this.#change(deliveryId, { state: 'sent', reserved_at: at, finished_at: at, message: 1 }),
      doubt: () => this.#change(deliveryId, { state: 'unknown', reserved_at: at, finished_at: at, message: null }),
      fail: () => this.#change(deliveryId, { state: 'planned', reserved_at: null, finished_at: null, message: null }),
      answer: () => this.#mark(deliveryId, 'responded_at', at),
      stop: () => this.#mark(deliveryId, 'opted_out_at', at),
      stopAll: () => this.#mark(null, 'opted_out_at', at),
      takeBack: () => this.#mark(deliveryId, 'responded_at', null),
      forget: async () => {
        await sql`delete from delivery where tenant_id = ${this.tenantId} and id = ${deliveryId ?? 0}`.execute(db)
      },
      seenEarlier: async () => {
        await sql`update contact set first_seen_at = least(first_seen_at, ${toDate(at)})
          where tenant_id = ${this.tenantId} and id = ${contactId ?? 0}`.execute(db)
      },
      erase: () => this.#tolerant((tx) => eraseContact(tx, contactId ?? 0, { by: 'test', at: END })),
      merge: () => this.#merge(contactId, this.#contacts[other % Math.max(1, this.#contacts.length)]),
      moveZone: async () => {
        const zone = ZONES[which % ZONES.length] ?? 'UTC'
        await db.updateTable('tenant').set({ time_zone: zone }).where('id', '=', this.tenantId).execute()
      },
      fold: () => asOperator(db, 'test', (tx) => foldChanges(tx, 1 + (which % 5))),
      foldAll: () => foldActivity(db),
    }
    await acts[what]()
  }

  #delivery(contactId: number, sentAt?: number): Promise<number> {
    const given = { accountId: this.accountId, contactId, chatId: contactId }
    return createDelivery(db, this.tenantId, { ...given, ...(sentAt !== undefined && { sentAt }) })
  }

  /** As the tenant's own transactions do it, under row-level security. */
  async #change(
    id: number | undefined,
    to: { state: string; reserved_at: number | null; finished_at: number | null; message: number | null },
  ): Promise<void> {
    await inTenant(db, this.tenantId, (tx) =>
      sql`update delivery set state = ${to.state}, reason = case when ${to.state} = 'unknown' then 'process_ended' end,
        reserved_at = ${to.reserved_at === null ? null : toDate(to.reserved_at)}::timestamptz,
        finished_at = ${to.finished_at === null ? null : toDate(to.finished_at)}::timestamptz,
        telegram_message_id = ${to.message}::bigint
        where tenant_id = ${this.tenantId} and id = ${id ?? 0}`.execute(tx),
    )
  }

  /** One delivery, or all of them in one statement. */
  async #mark(id: number | null | undefined, column: string, at: number | null): Promise<void> {
    await inTenant(db, this.tenantId, (tx) =>
      sql`update delivery set ${sql.ref(column)} = ${at === null ? null : toDate(at)}::timestamptz
        where tenant_id = ${this.tenantId} ${id === null ? sql`` : sql`and id = ${id ?? 0}`}`.execute(tx),
    )
  }

  async #merge(keepId: number | undefined, goneId: number | undefined): Promise<void> {
    if (keepId === undefined || goneId === undefined || keepId === goneId) return
    await this.#tolerant(async (tx) => {
      await sql`update contact set telegram_id = null where id = ${goneId} and merged_into_id is null`.execute(tx)
      await mergeContacts(tx, keepId, goneId, END)
    })
  }

  /** What the product refuses changes nothing. */
  async #tolerant(work: Parameters<typeof inTenant<void>>[2]): Promise<void> {
    await inTenant(db, this.tenantId, work).catch((error: unknown) => {
      if (!(error instanceof Error && 'kind' in error)) throw error
    })
  }
}

const WHAT = [
  'join', 'join', 'plan', 'plan', 'arrive', 'arrive', 'send', 'send', 'send', 'doubt', 'fail', 'answer', 'answer', 'stop',
  'stopAll', 'takeBack', 'forget', 'seenEarlier', 'erase', 'merge', 'moveZone', 'fold', 'foldAll',
] as const // prettier-ignore

interface Step {
  readonly what: (typeof WHAT)[number]
  readonly which: number
  readonly other: number
  /** The instant it is said to have happened, however late. */
  readonly at: number
}

const step: fc.Arbitrary<Step> = fc.record({
  what: fc.constantFrom(...WHAT),
  which: fc.nat(20),
  other: fc.nat(20),
  // Around the borders of days and of quarters, where a sum goes astray.
  at: fc
    .tuple(fc.nat(DAYS - 1), fc.nat(95), fc.constantFrom(0, 1, MINUTE_MS, 15 * MINUTE_MS - 1))
    .map(([day, quarter, ms]) => END - (END % DAY_MS) - day * DAY_MS + quarter * 15 * MINUTE_MS + ms),
})

describe('foldActivity', () => {
  it('gives the days that counting row by row gives, after any history', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 60 }), async (steps) => {
        const world = await World.create()
        await world.do({ what: 'join', which: 0, other: 0, at: END - DAY_MS })
        for (const [i, one] of steps.entries()) {
          await world.do(one)
          if (i % 7 === 0) expect(await countFromSums(world.tenantId)).toEqual(await countFromRows(world.tenantId))
        }
        const counted = await countFromRows(world.tenantId)
        expect(await countFromSums(world.tenantId)).toEqual(counted)
        await foldActivity(db)
        expect(await countFromSums(world.tenantId)).toEqual(counted)
        const [fromRows, fromSums] = await countMetered(world.tenantId)
        expect(fromSums).toBe(fromRows)
      }),
      { numRuns: 25 },
    )
  }, 120_000)

  it('loses and doubles nothing while many write, others fold and somebody looks', async () => {
    const tenantId = await createTenant(db)
    const accountId = await createAccount(db, tenantId)
    const contactId = await createContact(db, tenantId, { at: END - HOUR_MS })
    const ids = await Promise.all(
      Array.from({ length: 40 }, () => createDelivery(db, tenantId, { accountId, contactId, chatId: 5 })),
    )
    const send = (id: number, i: number) =>
      inTenant(db, tenantId, async (tx) => {
        const at = toDate(END - i * 10 * MINUTE_MS)
        await sql`update delivery set state = 'sent', reserved_at = ${at}, finished_at = ${at}, telegram_message_id = 1
          where tenant_id = ${tenantId} and id = ${id}`.execute(tx)
        await sql`update delivery set responded_at = ${at} where tenant_id = ${tenantId} and id = ${id}`.execute(tx)
      })
    const looked: (readonly DayFigures[])[] = []
    await Promise.all([
      ...ids.map(send),
      ...Array.from({ length: 10 }, () => foldActivity(db)),
      ...Array.from({ length: 10 }, async () => looked.push(await countFromSums(tenantId))),
    ])
    // Whoever looked saw whole transactions.
    for (const days of looked) for (const { sent, answered } of days) expect(answered).toBe(sent)
    expect(await countFromSums(tenantId)).toEqual(await countFromRows(tenantId))
    await foldActivity(db)
    expect(await countFromSums(tenantId)).toEqual(await countFromRows(tenantId))
    const left = await db.selectFrom('activity_change').selectAll().where('tenant_id', '=', tenantId).execute()
    expect(left).toEqual([])
  })

  it('notes nothing for what changes no figure, and one change for a statement over many rows', async () => {
    const tenantId = await createTenant(db)
    const accountId = await createAccount(db, tenantId)
    for (let i = 0; i < 5; i += 1) await createDelivery(db, tenantId, { accountId, contactId: null, chatId: -5 })
    const noted = async () =>
      (await db.selectFrom('activity_change').selectAll().where('tenant_id', '=', tenantId).execute()).map(
        ({ sent }) => sent,
      )
    const update = (set: ReturnType<typeof sql>) =>
      inTenant(db, tenantId, (tx) => sql`update delivery set ${set} where tenant_id = ${tenantId}`.execute(tx))
    await update(sql`priority = 3, state = 'deferred', reason = 'expired'`)
    expect(await noted()).toEqual([])
    await update(
      sql`state = 'sent', reason = null, reserved_at = ${toDate(END)}, finished_at = ${toDate(END)}, telegram_message_id = 1`,
    )
    expect(await noted()).toEqual([5])
  })

  it('goes with a tenant that is removed, and drops what was noted for it', async () => {
    const tenantId = await createTenant(db)
    await createContact(db, tenantId, { at: END })
    await foldActivity(db)
    await createContact(db, tenantId, { at: END })
    await db.deleteFrom('tenant').where('id', '=', tenantId).execute()
    await foldActivity(db)
    for (const table of ['activity_change', 'activity_quarter'] as const)
      expect(await db.selectFrom(table).selectAll().where('tenant_id', '=', tenantId).execute()).toEqual([])
  })
})
