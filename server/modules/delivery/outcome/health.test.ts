import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'

import { toDate } from '#server/base/clock.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '#server/base/duration.ts'
import { type Db, createDb } from '#server/db/pool.ts'
import { type TenantTx, inTenant } from '#server/db/tenant-scope.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { NOON, createAccount, createContact, createDelivery, createTenant, ownerAt } from '#server/testing/factories.ts'

import { warmUpDailyMax } from '../ceilings.rules.ts'
import { FULL_PER_SECOND, effectivePace } from '../effective-pace.rules.ts'
import { evaluateHealth } from './evaluate-health.ts'
import { type HealthStanding, REVIEWED_RECOVERY_MS, assessHealth, relievedAt } from './health.rules.ts'
import { reportHealth, reviewHealth } from './review-health.ts'

let db: Db
beforeAll(async () => {
  db = createDb((await createTestDatabase()).pool)
})

const calm = { sends: 1_000, blocks: 0, optOuts: 0, forbidden: 0, floods: 0 }
const standing = (health: HealthStanding['health'], over: Partial<HealthStanding> = {}): HealthStanding => ({
  health,
  changedAt: health === 'normal' ? null : NOON - HOUR_MS,
  cleanSince: null,
  reviewedAt: null,
  ...over,
})

describe('assessHealth', () => {
  it.each([
    ['block_ratio', { blocks: 20 }, { blocks: 50 }],
    ['opt_out_ratio', { optOuts: 30 }, { optOuts: 80 }],
    ['forbidden_ratio', { forbidden: 100 }, { forbidden: 250 }],
    ['flood_count', { floods: 3 }, { floods: 10 }],
  ])('slows and then stops for %s', (name, slow, stop) => {
    const normal = standing('normal')
    expect(assessHealth(calm, normal, NOON)).toEqual({ health: 'normal', reason: null, cleanSince: null })
    expect(assessHealth({ ...calm, ...slow }, normal, NOON)).toMatchObject({
      health: 'slowed',
      reason: expect.stringContaining(name),
    })
    expect(assessHealth({ ...calm, ...stop }, normal, NOON)).toMatchObject({
      health: 'stopped',
      reason: expect.stringContaining(name),
    })
    expect(assessHealth({ ...calm, ...stop }, standing('slowed', { cleanSince: NOON - DAY_MS }), NOON)).toMatchObject({
      health: 'stopped',
      cleanSince: null,
    })
  })

  it('brings a stopped account back one step after a whole clean day, and the next after another', () => {
    const first = assessHealth(calm, standing('stopped'), NOON)
    expect(first).toMatchObject({ health: 'stopped', cleanSince: NOON })
    const clean = standing('stopped', { cleanSince: NOON })
    expect(assessHealth(calm, clean, NOON + DAY_MS - 1)).toMatchObject({ health: 'stopped', cleanSince: NOON })
    expect(assessHealth(calm, clean, NOON + DAY_MS)).toMatchObject({ health: 'slowed', cleanSince: NOON + DAY_MS })
    const slowed = { ...clean, health: 'slowed', changedAt: NOON + DAY_MS, cleanSince: NOON + DAY_MS } as const
    expect(assessHealth(calm, slowed, NOON + 2 * DAY_MS - 1).health).toBe('slowed')
    expect(assessHealth(calm, slowed, NOON + 2 * DAY_MS).health).toBe('normal')
  })

  it('begins the clean day anew when a figure is above half its limit, and does not judge by a handful of sends', () => {
    const almost = standing('slowed', { cleanSince: NOON - DAY_MS + 1 })
    expect(assessHealth({ ...calm, blocks: 10 }, almost, NOON)).toMatchObject({ health: 'slowed', cleanSince: null })
    expect(assessHealth({ ...calm, blocks: 9 }, almost, NOON)).toMatchObject({ cleanSince: NOON - DAY_MS + 1 })
    expect(assessHealth({ ...calm, sends: 10, blocks: 10 }, standing('normal'), NOON).health).toBe('normal')
  })

  it('waits six hours instead of a day after a review, once for each step', () => {
    const reviewed = standing('stopped', { cleanSince: NOON, reviewedAt: NOON + 1 })
    expect(assessHealth(calm, reviewed, NOON + 6 * HOUR_MS - 1).health).toBe('stopped')
    const back = assessHealth(calm, reviewed, NOON + 6 * HOUR_MS)
    expect(back).toMatchObject({ health: 'slowed' })
    const next = { ...reviewed, health: 'slowed', changedAt: NOON + 6 * HOUR_MS, cleanSince: back.cleanSince } as const
    expect(assessHealth(calm, next, NOON + 29 * HOUR_MS).health).toBe('slowed')
  })

  it('never skips a step, is never quicker than six clean hours, and forecasts what then happens', () => {
    const figures = fc.record({
      sends: fc.integer({ min: 0, max: 500 }),
      blocks: fc.integer({ min: 0, max: 40 }),
      optOuts: fc.integer({ min: 0, max: 40 }),
      forbidden: fc.integer({ min: 0, max: 80 }),
      floods: fc.integer({ min: 0, max: 12 }),
    })
    const step = fc.tuple(figures, fc.integer({ min: 1, max: 30 * HOUR_MS }), fc.boolean())
    const level = { normal: 0, slowed: 1, stopped: 2 } as const
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        let now = NOON
        let stand = standing('normal')
        for (const [seen, ms, isReviewed] of steps) {
          now += ms
          if (isReviewed) stand = { ...stand, reviewedAt: now }
          const promised = relievedAt(stand)
          const next = assessHealth(seen, stand, now)
          const relief = level[stand.health] - level[next.health]
          expect(relief).toBeLessThanOrEqual(1)
          if (relief === 1) {
            expect(now - (stand.changedAt ?? 0)).toBeGreaterThanOrEqual(REVIEWED_RECOVERY_MS)
            expect(promised).not.toBeNull()
            expect(now).toBeGreaterThanOrEqual(promised ?? Infinity)
          }
          stand = {
            ...stand,
            health: next.health,
            cleanSince: next.cleanSince,
            changedAt: next.health === stand.health ? stand.changedAt : now,
          }
        }
      }),
    )
  })
})

describe('evaluateHealth', () => {
  it('stops an account that people block, says why, tells the system, and brings it back step by step', async () => {
    const tenantId = await createTenant(db)
    const accountId = await createAccount(db, tenantId)
    for (let i = 0; i < 60; i++) {
      const contactId = await createContact(db, tenantId, { accountId })
      const id = await createDelivery(db, tenantId, {
        accountId,
        contactId,
        chatId: contactId,
        sentAt: NOON - i * MINUTE_MS,
      })
      if (i < 4)
        await db
          .updateTable('delivery')
          .set({ blocked_at: toDate(NOON) })
          .where('id', '=', id)
          .execute()
    }
    expect(await inTenant(db, tenantId, (tx) => evaluateHealth(tx, accountId, NOON))).toMatchObject({
      health: 'stopped',
    })
    const account = await db
      .selectFrom('account')
      .select(['health', 'health_reason'])
      .where('id', '=', accountId)
      .executeTakeFirstOrThrow()
    expect(account).toEqual({ health: 'stopped', health_reason: 'block_ratio 67‰' })
    const events = await db.selectFrom('domain_event').select('type').where('tenant_id', '=', tenantId).execute()
    expect(events).toEqual([{ type: 'account.health_changed' }])
    const healthAt = async (hours: number) => {
      await inTenant(db, tenantId, (tx) => evaluateHealth(tx, accountId, NOON + hours * HOUR_MS))
      return (await db.selectFrom('account').select('health').where('id', '=', accountId).executeTakeFirstOrThrow())
        .health
    }
    expect([await healthAt(1), await healthAt(25), await healthAt(48)]).toEqual(['stopped', 'stopped', 'stopped'])
    expect([await healthAt(49), await healthAt(72), await healthAt(73)]).toEqual(['slowed', 'slowed', 'normal'])
  })
})

describe('effectivePace', () => {
  const bound = fc.option(fc.integer({ min: 0, max: 10_000 }), { nil: null })
  const bounds = fc.record({
    health: fc.constantFrom('normal' as const, 'slowed' as const, 'stopped' as const),
    ageMs: fc.integer({ min: 0, max: 20 * DAY_MS }),
    warmUp: fc.boolean(),
    perMinuteMax: bound,
    outreachHourlyMax: bound,
    outreachDailyMax: bound,
    dailyMessagesMax: bound,
  })

  it('never exceeds any single bound, and is nothing while the account is stopped', () => {
    fc.assert(
      fc.property(bounds, (given) => {
        const pace = effectivePace(given)
        const below = (value: number | null, max: number | null) => {
          if (max !== null) expect(value ?? Infinity).toBeLessThanOrEqual(max)
        }
        const warmUp = given.warmUp ? warmUpDailyMax(given.ageMs) : null
        expect(pace.perSecond).toBeLessThanOrEqual(FULL_PER_SECOND)
        below(pace.perMinute, given.perMinuteMax)
        below(pace.perMinute, pace.perSecond * 60)
        for (const max of [warmUp, given.dailyMessagesMax]) {
          below(pace.commercialPerDay, max)
          below(pace.outreachPerDay, max)
        }
        below(pace.outreachPerDay, given.outreachDailyMax)
        below(pace.outreachPerHour, given.outreachHourlyMax)
        if (given.health === 'stopped') expect(Object.values(pace)).toEqual([0, 0, 0, 0, 0])
      }),
    )
  })

  it('is never greater for a strained account than for a healthy one, so that no way back raises a bound', () => {
    fc.assert(
      fc.property(bounds, (given) => {
        const [normal, slowed, stopped] = (['normal', 'slowed', 'stopped'] as const).map((health) =>
          Object.values(effectivePace({ ...given, health })).map((value: number | null) => value ?? Infinity),
        )
        for (const [i, value] of (slowed ?? []).entries()) {
          expect(value).toBeLessThanOrEqual(normal?.[i] ?? 0)
          expect(stopped?.[i]).toBeLessThanOrEqual(value)
        }
      }),
    )
  })
})

describe('reviewHealth', () => {
  const setUp = async () => {
    const tenantId = await createTenant(db, { limits: { warm_up: true } })
    const accountId = await createAccount(db, tenantId, { linkedAt: NOON - 2 * DAY_MS })
    const run = <T>(work: (tx: TenantTx) => Promise<T>) => inTenant(db, tenantId, work)
    const stopped = { health: 'stopped', health_reason: 'flood_count 12', health_changed_at: toDate(NOON) }
    await db.updateTable('account').set(stopped).where('id', '=', accountId).execute()
    return { tenantId, accountId, run }
  }

  it('shortens the wait, takes the step only when it is due, leaves the warm-up alone and is on record', async () => {
    const { tenantId, accountId, run } = await setUp()
    await run((tx) => evaluateHealth(tx, accountId, NOON + HOUR_MS))
    const early = await run((tx) => reviewHealth(tx, accountId, ownerAt(NOON + 2 * HOUR_MS)))
    expect(early).toMatchObject({
      health: 'stopped',
      nextStepAt: NOON + 7 * HOUR_MS,
      fullSpeedAt: NOON + 31 * HOUR_MS,
      reviewedBy: 'test',
      warmUp: { day: 3, capToday: 400, capTomorrow: 800 },
      pace: { commercialPerDay: 0 },
    })
    const due = await run((tx) => reviewHealth(tx, accountId, ownerAt(NOON + 8 * HOUR_MS)))
    expect(due).toMatchObject({ health: 'slowed', pace: { commercialPerDay: 400, perSecond: 6.25 } })
    const lines = await db.selectFrom('audit_log').select('detail').where('tenant_id', '=', tenantId).where('action', '=', 'account.health_reviewed').orderBy('id').execute() // prettier-ignore
    expect(lines.map((line) => line.detail)).toEqual([
      { before: 'stopped', after: 'stopped' },
      { before: 'stopped', after: 'slowed' },
    ])
  })

  it('is refused while the figures are bad, for an account at full speed, to an agent, and to another tenant', async () => {
    const { tenantId, accountId, run } = await setUp()
    for (let i = 0; i < 5; i += 1) {
      const attempt = { tenant_id: tenantId, account_id: accountId, delivery_id: i, number: 1, result: 'retry' }
      const instants = { started_at: toDate(NOON + i), finished_at: toDate(NOON + i) }
      await db
        .insertInto('attempt')
        .values({ ...attempt, ...instants, failure: 'flood_wait' })
        .execute()
    }
    const actor = ownerAt(NOON + MINUTE_MS)
    await expect(run((tx) => reviewHealth(tx, accountId, actor))).rejects.toThrow('health_review_early')
    const agent = { ...actor, access: { kind: 'member', role: 'agent' } } as const
    await expect(run((tx) => reviewHealth(tx, accountId, agent))).rejects.toThrow('not_allowed')
    const healthy = await createAccount(db, tenantId)
    await expect(run((tx) => reviewHealth(tx, healthy, actor))).rejects.toThrow('health_not_strained')
    const other = await createTenant(db)
    await expect(inTenant(db, other, (tx) => reviewHealth(tx, accountId, actor))).rejects.toThrow('not_found')
    await expect(inTenant(db, other, (tx) => reportHealth(tx, { accountId, now: NOON }, actor))).rejects.toThrow(
      'not_found',
    )
  })
})
