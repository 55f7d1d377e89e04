import { sql } from 'kysely'
import { beforeAll, describe, expect, it } from 'vitest'

import { systemClock } from '#server/base/clock.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '#server/base/duration.ts'
import { type Random, seededRandom } from '#server/base/random.ts'
import { type Db, createDb, createPool } from '#server/db/pool.ts'
import { inTenant } from '#server/db/tenant-scope.ts'
import type { SendResult } from '#server/gateways/telegram/call-result.ts'
import { recordConsent, recordOptOut } from '#server/modules/contacts/index.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import {
  NOON,
  type TenantOptions,
  createAccount,
  createContact,
  createDelivery,
  createTenant,
} from '#server/testing/factories.ts'

import type { ReservedDelivery } from '../delivery.rules.ts'
import { cancelForContact } from '../delivery.store.ts'
import { recordOutcomes } from '../outcome/record-outcomes.ts'
import { auditGuard } from './audit-guard.ts'
import { reserveAllSlots, reserveSlots } from './reserve-slots.ts'

const WORKERS = 20

/** One connection for each worker, so that they really meet in the database. */
let db: Db

beforeAll(async () => {
  const { connectionString } = await createTestDatabase()
  const pool = createPool({ connectionString, min: 0, max: WORKERS, applicationName: 'gavatcore race test' })
  db = createDb(pool)
  return () => db.destroy()
})

const dice = (seed: number) => {
  const random: Random = seededRandom(seed)
  const upTo = (max: number) => Math.floor(random.next() * (max + 1))
  return {
    upTo,
    between: (min: number, max: number) => min + upTo(max - min),
    pick: <T>(list: readonly T[]): T => list[upTo(list.length - 1)] as T,
    chance: (ratio: number) => random.next() < ratio,
  }
}
type Dice = ReturnType<typeof dice>

const audience = (tenantId: number, accountIds: readonly number[], size: number): Promise<number[]> =>
  Promise.all(
    Array.from({ length: size }, async () => {
      const contactId = await createContact(db, tenantId, { accountId: accountIds[0] ?? 0, consents: ['marketing'] })
      const rest = accountIds.slice(1).map((accountId) => ({
        tenant_id: tenantId,
        contact_id: contactId,
        account_id: accountId,
        reachability: 'reachable',
        changed_at: new Date(NOON),
      }))
      if (rest.length > 0) await db.insertInto('contact_account').values(rest).execute()
      return contactId
    }),
  )

interface Won extends ReservedDelivery {
  readonly accountId: number
  readonly at: number
}

const reserve = (tenantId: number, accountId: number, now: number, limit: number): Promise<readonly Won[]> =>
  reserveTogether(tenantId, [accountId], now, limit)

const reserveTogether = async (
  tenantId: number,
  accountIds: readonly number[],
  now: number,
  limit: number,
): Promise<readonly Won[]> => {
  const wishes = accountIds.map((accountId) => ({ accountId, limit }))
  const given = await inTenant(db, tenantId, (tx) => reserveAllSlots(tx, wishes, now))
  for (const [i, { reserved }] of given.entries()) {
    expect(reserved.length).toBeLessThanOrEqual(limit)
    for (const { accountId } of reserved) expect(accountId).toBe(accountIds[i])
  }
  return given.flatMap(({ reserved }) => reserved.map((delivery) => ({ ...delivery, at: now })))
}

const randomResult = (d: Dice): SendResult =>
  d.chance(0.75)
    ? { kind: 'sent', messageId: d.upTo(1e9) }
    : d.pick<SendResult>([
        { kind: 'retry', afterMs: d.between(1, 90_000), scope: 'chat', reason: 'flood_wait' },
        { kind: 'unknown', reason: 'connection_cut' },
        { kind: 'rejected', reason: 'chat_not_found', errorCode: 400 },
      ])

const randomLimits = (d: Dice): NonNullable<TenantOptions['limits']> => ({
  daily_messages_max: d.pick([null, d.between(1, 40)]),
  monthly_messages_max: d.pick([null, d.between(1, 80)]),
  per_minute_max: d.pick([null, d.between(1, 6)]),
  outreach_hourly_max: d.pick([null, d.between(1, 10)]),
  outreach_daily_max: d.pick([null, d.between(1, 30)]),
  outreach_cooldown_minutes: d.pick([0, 60, 240]),
  group_post_cooldown_seconds: d.pick([0, 60, 300]),
})

const randomDeliveries = async (
  d: Dice,
  tenantId: number,
  accountIds: readonly number[],
  people: readonly number[],
) => {
  for (let i = 0; i < 160; i++) {
    const isPost = d.chance(0.15)
    const contactId = isPost ? null : d.pick(people)
    const inviteChatId = isPost || d.chance(0.9) ? undefined : d.between(1, 2)
    await createDelivery(db, tenantId, {
      accountId: d.pick(accountIds),
      contactId,
      chatId: contactId ?? -d.between(1, 2),
      messageClass: isPost
        ? d.pick(['transactional', 'reply'])
        : d.pick(['commercial', 'commercial', 'transactional', 'reply']),
      isOutreach: d.chance(0.5),
      priority: d.pick([5, 10, 1_000]),
      dueAt: NOON + d.upTo(4 * HOUR_MS),
      text: `metin ${d.upTo(40)}`,
      ...(inviteChatId !== undefined && { inviteChatId }),
      ...(contactId !== null && d.chance(0.4) && { strategy: { cooldownHours: 4, maxPerDay: 2 } }),
    })
  }
}

describe('reserveSlots among twenty workers', () => {
  it.each([1, 2, 3, 4])(
    'keeps every promise of the ledger under random caps, clocks and outcomes: seed %i',
    async (seed) => {
      const d = dice(seed)
      const tenantId = await createTenant(db, { limits: randomLimits(d) })
      const accountIds = await Promise.all([1, 2, 3].map(() => createAccount(db, tenantId)))
      const people = await audience(tenantId, accountIds, 14)
      await randomDeliveries(d, tenantId, accountIds, people)
      const attempts = new Set<string>()
      const accepted = new Set<number>()
      for (const roundAt of [0, 1, 2, 3, 4, 5, 6, 21, 23, 25, 47, 49].map((h) => NOON + h * HOUR_MS)) {
        await Promise.all(
          Array.from({ length: WORKERS }, async () => {
            // Machines disagree about the time, and a worker asks with the time it had before it waited for the lock.
            const now = roundAt + d.upTo(3 * MINUTE_MS)
            const asked = d.chance(0.5) ? [d.pick(accountIds)] : accountIds.filter(() => d.chance(0.7))
            const won = await reserveTogether(tenantId, asked, now, d.between(1, 6))
            for (const { deliveryId, attemptNumber } of won) {
              expect(accepted.has(deliveryId)).toBe(false)
              attempts.add(`${deliveryId}:${attemptNumber}`)
            }
            const outcomes = won.map((delivery) => ({ delivery, result: randomResult(d), at: now }))
            for (const { delivery, result } of outcomes) if (result.kind !== 'retry') accepted.add(delivery.deliveryId)
            if (won.length > 0) await inTenant(db, tenantId, (tx) => recordOutcomes(tx, outcomes))
          }),
        )
      }
      const report = await auditGuard(db, tenantId)
      expect(report.findings).toEqual([])
      expect(report.checked).toBe(accepted.size)
      expect(report.checked).toBeGreaterThan(0)
      const { count } = await db
        .selectFrom('attempt')
        .select((e) => e.fn.countAll<number>().as('count'))
        .where('tenant_id', '=', tenantId)
        .executeTakeFirstOrThrow()
      expect(count).toBe(attempts.size)
    },
  )

  const scarce = [
    ['daily_messages_max', 'tenant', {}],
    ['monthly_messages_max', 'tenant', {}],
    ['per_minute_max', 'account', { messageClass: 'reply' }],
    ['outreach_hourly_max', 'account', { isOutreach: true }],
    ['outreach_daily_max', 'account', { isOutreach: true }],
  ] as const
  const ways = scarce.flatMap((each) => [[...each, 'alone'] as const, [...each, 'together'] as const])
  it.each(ways)('gives exactly as many slots as %s has: %s, %o, accounts %s', async (limit, scope, options, way) => {
    const d = dice(limit.length)
    const max = d.between(3, 17)
    const tenantId = await createTenant(db, { limits: { outreach_cooldown_minutes: 0, [limit]: max } })
    const accountIds = await Promise.all([1, 2, 3].map(() => createAccount(db, tenantId)))
    for (const accountId of accountIds) {
      for (const contactId of await audience(tenantId, [accountId], 20))
        await createDelivery(db, tenantId, { accountId, contactId, chatId: contactId, ...options })
    }
    const won = await Promise.all(
      Array.from({ length: 2 * WORKERS }, (_, i) =>
        reserveTogether(
          tenantId,
          way === 'together' ? accountIds : [accountIds[i % 3] ?? 0],
          NOON + d.upTo(2_000),
          d.between(1, 9),
        ),
      ),
    )
    const ids = won.flat().map((w) => w.deliveryId)
    expect(ids).toHaveLength(scope === 'tenant' ? max : 3 * max)
    expect(new Set(ids).size).toBe(ids.length)
    expect((await auditGuard(db, tenantId)).findings).toEqual([])
  })

  it('never gives one delivery to two workers', async () => {
    const tenantId = await createTenant(db)
    const accountId = await createAccount(db, tenantId)
    for (const contactId of await audience(tenantId, [accountId], 120))
      await createDelivery(db, tenantId, { accountId, contactId, chatId: contactId })
    const won: number[] = []
    await Promise.all(
      Array.from({ length: WORKERS }, async () => {
        for (;;) {
          const mine = await reserve(tenantId, accountId, NOON, 4)
          if (mine.length === 0) return
          won.push(...mine.map((w) => w.deliveryId))
        }
      }),
    )
    expect(won).toHaveLength(120)
    expect(new Set(won).size).toBe(120)
  })
})

const countReserved = async (tenantId: number, contactId: number): Promise<number> => {
  const { count } = await db
    .selectFrom('delivery')
    .select((e) => e.fn.countAll<number>().as('count'))
    .where('tenant_id', '=', tenantId)
    .where('contact_id', '=', contactId)
    .where('reserved_at', 'is not', null)
    .executeTakeFirstOrThrow()
  return count
}

const withdrawals = [
  [
    'an opt-out',
    (tenantId: number, contactId: number, at: number) =>
      inTenant(db, tenantId, (tx) => recordOptOut(tx, { contactId, source: 'button', at })),
  ],
  [
    '/stop',
    (tenantId: number, contactId: number, at: number) =>
      inTenant(db, tenantId, async (tx) => {
        await recordOptOut(tx, { contactId, source: 'command', at })
        await cancelForContact(tx, contactId, 'opted_out', at)
      }),
  ],
  [
    'a withdrawn consent',
    (tenantId: number, contactId: number, at: number) =>
      inTenant(db, tenantId, (tx) =>
        recordConsent(tx, { contactId, purpose: 'marketing', granted: false, textVersion: '1', source: 'bot', at }),
      ),
  ],
] as const

describe.each(withdrawals)('reserveSlots racing with %s', (_name, withdraw) => {
  it('is waited for when it has begun, and does not send after the word has been written', async () => {
    const tenantId = await createTenant(db)
    const accountId = await createAccount(db, tenantId)
    const [contactId = 0] = await audience(tenantId, [accountId], 1)
    await createDelivery(db, tenantId, { accountId, contactId, chatId: contactId })
    const order: string[] = []
    let withdrawn = Promise.resolve()
    await inTenant(db, tenantId, async (tx) => {
      const { reserved } = await reserveSlots(tx, { accountId, now: NOON, limit: 5 })
      expect(reserved).toHaveLength(1)
      withdrawn = withdraw(tenantId, contactId, NOON + 1).then(() => void order.push('withdrawn'))
      await waitUntilSomebodyWaits()
      order.push('reserved')
    })
    await withdrawn
    expect(order).toEqual(['reserved', 'withdrawn'])
  })

  it.each([11, 12])('gives no commercial slot once the word has been written: seed %i', async (seed) => {
    const d = dice(seed)
    const tenantId = await createTenant(db)
    const accountIds = await Promise.all([1, 2].map(() => createAccount(db, tenantId)))
    const people = await audience(tenantId, accountIds, 40)
    for (const contactId of people) {
      for (let i = 0; i < 3; i++)
        await createDelivery(db, tenantId, {
          accountId: d.pick(accountIds),
          contactId,
          chatId: contactId,
          dueAt: NOON + i * 3 * HOUR_MS,
        })
    }
    const reservedAtStop = new Map<number, number>()
    const queue = [...people]
    await Promise.all([
      ...Array.from({ length: 6 }, async () => {
        for (let contactId = queue.pop(); contactId !== undefined; contactId = queue.pop()) {
          await withdraw(tenantId, contactId, NOON + DAY_MS)
          reservedAtStop.set(contactId, await countReserved(tenantId, contactId))
        }
      }),
      ...Array.from({ length: 12 }, async (_, i) => {
        for (let round = 0; round < 8; round++)
          await reserve(tenantId, accountIds[i % 2] ?? 0, NOON + round * HOUR_MS, d.between(1, 8))
      }),
    ])
    for (let round = 0; round < 4; round++) await reserve(tenantId, d.pick(accountIds), NOON + 8 * HOUR_MS + round, 50)
    for (const contactId of people) expect(await countReserved(tenantId, contactId)).toBe(reservedAtStop.get(contactId))
  })
})

/** Until some connection waits for a lock that another holds. */
const waitUntilSomebodyWaits = async (): Promise<void> => {
  for (let tries = 0; tries < 200; tries++) {
    const { rows } = await sql<{ waiting: number }>`
      select count(*) as waiting from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock'`.execute(db)
    if ((rows[0]?.waiting ?? 0) > 0) return
    await systemClock.sleep(10)
  }
  throw new Error('nobody waits for the guard')
}
