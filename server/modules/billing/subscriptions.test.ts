import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'

import { SUBSCRIPTION_STATES } from '#contract/words.ts'
import { DAY_MS, HOUR_MS } from '#server/base/duration.ts'
import { type Db, createDb } from '#server/db/pool.ts'
import { type TenantTx, asOperator, inTenant } from '#server/db/tenant-scope.ts'
import { setUpTenant } from '#server/modules/onboarding/index.ts'
import { listAudit } from '#server/modules/tenancy/index.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { NOON } from '#server/testing/factories.ts'

import {
  activateSubscription,
  cancelSubscription,
  changePackage,
  getSubscription,
  quotePackageChange,
  reportRevenue,
  tickSubscriptions,
} from './index.ts'
import { GRACE_MS, PERIOD_MS, automatedUntil, stateAt } from './subscription.rules.ts'

let db: Db
let serial = 0

beforeAll(async () => {
  db = createDb((await createTestDatabase()).pool)
})

const tenantOn = async (name: 'trial' | 'starter' | 'custom', at = NOON): Promise<number> => {
  const input = { slug: `abone-${(serial += 1)}`, name: 'Abone', package: name } as const
  return (await setUpTenant(db, input, { by: 'operator', at })).id
}
const within = <T>(tenantId: number, work: (tx: TenantTx) => Promise<T>) => inTenant(db, tenantId, work)
const pay = (tenantId: number, over: Partial<Parameters<typeof activateSubscription>[1]> = {}) =>
  within(tenantId, (tx) =>
    activateSubscription(tx, {
      tenantId,
      package: 'starter',
      periodDays: 30,
      paidMinor: 50_000,
      reference: `ODEME${(serial += 1)}`,
      at: NOON,
      ...over,
    }),
  )
const limitsOf = (tenantId: number) =>
  db.selectFrom('tenant_limits').selectAll().where('tenant_id', '=', tenantId).executeTakeFirstOrThrow()
const eventsOf = (tenantId: number) =>
  db
    .selectFrom('domain_event')
    .select('payload')
    .where('tenant_id', '=', tenantId)
    .where('type', '=', 'subscription.changed')
    .orderBy('id')
    .execute()

describe('startSubscription', () => {
  it('lets a trial run for fourteen days with the limits of its package', async () => {
    const tenantId = await tenantOn('trial')
    expect(await within(tenantId, getSubscription)).toMatchObject({
      state: 'trial',
      package: 'trial',
      periodEndsAt: NOON + 14 * DAY_MS,
    })
    expect(await limitsOf(tenantId)).toMatchObject({
      package: 'trial',
      daily_messages_max: 100,
      monthly_messages_max: 10_000,
      per_minute_max: 2,
      group_post_cooldown_seconds: 300,
      quiet_from_hour: 21,
      automated_until: new Date(NOON + 14 * DAY_MS),
    })
  })

  it('lets what the operator grants work without an end', async () => {
    expect((await limitsOf(await tenantOn('custom'))).automated_until).toBeNull()
  })

  it('refuses a package that does not exist and leaves no tenant behind', async () => {
    const input = { slug: 'altin', name: 'Altın', package: 'gold' as 'trial' }
    await expect(setUpTenant(db, input, { by: 'operator', at: NOON })).rejects.toMatchObject({
      kind: 'invalid',
      params: { field: 'package' },
    })
    expect(await db.selectFrom('tenant').select('id').where('slug', '=', 'altin').execute()).toEqual([])
  })
})

describe('activateSubscription', () => {
  it('begins at once after a trial, and goes on from the end when renewed early', async () => {
    const tenantId = await tenantOn('trial')
    expect(await pay(tenantId)).toMatchObject({ state: 'active', package: 'starter', periodEndsAt: NOON + PERIOD_MS })
    const renewed = await pay(tenantId, { at: NOON + 10 * DAY_MS })
    expect(renewed).toMatchObject({ state: 'active', periodEndsAt: NOON + 2 * PERIOD_MS, periodValueMinor: 100_000 })
    expect((await limitsOf(tenantId)).automated_until).toEqual(new Date(NOON + 2 * PERIOD_MS + GRACE_MS))
  })

  it('counts a payment once, however often and however concurrently it is told', async () => {
    const tenantId = await tenantOn('trial')
    const told = await Promise.all(Array.from({ length: 8 }, () => pay(tenantId, { reference: `TEK${tenantId}` })))
    expect(new Set(told.map((s) => s.periodEndsAt))).toEqual(new Set([NOON + PERIOD_MS]))
    expect(await eventsOf(tenantId)).toHaveLength(1)
  })

  it('refuses a payment that paid for another tenant', async () => {
    const [first, second] = [await tenantOn('trial'), await tenantOn('trial')]
    await pay(first, { reference: 'ORTAK1' })
    await expect(pay(second, { reference: 'ORTAK1' })).rejects.toMatchObject({ code: 'reference_used' })
    expect(await within(second, getSubscription)).toMatchObject({ state: 'trial' })
  })

  it('takes the days of grace from the period that is paid for in it, and none after expiry', async () => {
    const tenantId = await tenantOn('trial')
    await pay(tenantId)
    const inGrace = await pay(tenantId, { at: NOON + PERIOD_MS + DAY_MS })
    expect(inGrace.periodEndsAt).toBe(NOON + 2 * PERIOD_MS)
    const late = NOON + 2 * PERIOD_MS + GRACE_MS + DAY_MS
    expect((await pay(tenantId, { at: late })).periodEndsAt).toBe(late + PERIOD_MS)
  })

  it('lets another package begin at once and adds what was left of the old one', async () => {
    const tenantId = await tenantOn('trial')
    await pay(tenantId)
    const half = NOON + PERIOD_MS / 2
    const changed = await pay(tenantId, { package: 'professional', paidMinor: 100_000, at: half })
    // 25 000 of 100 000 a period: a quarter of it.
    expect(changed.periodEndsAt).toBe(half + PERIOD_MS + PERIOD_MS / 4)
    expect(await limitsOf(tenantId)).toMatchObject({ package: 'professional', per_minute_max: 4 })
    expect((await limitsOf(tenantId)).changed_at.getTime()).toBe(half)
  })

  it('values Stars at the list price', async () => {
    const tenantId = await tenantOn('trial')
    expect(await pay(tenantId, { paidMinor: 900, currency: 'XTR' })).toMatchObject({ periodValueMinor: 50_000 })
  })

  it.each([
    [{ package: 'gold' }, 'package'],
    [{ package: 'trial' }, 'package'],
    [{ periodDays: 0 }, 'periodDays'],
    [{ periodDays: 1.5 }, 'periodDays'],
    [{ paidMinor: -1 }, 'paidMinor'],
    [{ reference: ' ' }, 'reference'],
    [{ addOns: { extra_bot: -1 } }, 'addOns.extra_bot'],
    [{ addOns: { gold_bot: 1 } }, 'addOns'],
  ])('refuses %j and names the field', async (over, field) => {
    const tenantId = await tenantOn('trial')
    await expect(pay(tenantId, over)).rejects.toMatchObject({ kind: 'invalid', params: { field } })
  })
})

describe('changePackage', () => {
  it('credits unused days, asks for the rest and begins a full period', async () => {
    const tenantId = await tenantOn('trial')
    await pay(tenantId)
    const at = NOON + 10 * DAY_MS
    const wanted = { package: 'professional', extraBots: 0 } as const
    const quote = await within(tenantId, (tx) => quotePackageChange(tx, wanted, at))
    expect(quote).toMatchObject({ priceMinor: 100_000, creditMinor: 33_333, dueMinor: 66_667, currency: 'TRY' })
    const change = { tenantId, package: 'professional', reference: 'DEGISIM1', by: 'member:1', at }
    await expect(within(tenantId, (tx) => changePackage(tx, { ...change, paidMinor: 66_666 }))).rejects.toMatchObject({
      code: 'payment_too_small',
      params: { due: 66_667 },
    })
    const after = await within(tenantId, (tx) => changePackage(tx, { ...change, paidMinor: 66_667 }))
    expect(after).toMatchObject({ package: 'professional', periodEndsAt: at + PERIOD_MS, periodValueMinor: 100_000 })
    expect(await within(tenantId, (tx) => changePackage(tx, { ...change, paidMinor: 66_667 }))).toEqual(after)
    expect((await within(tenantId, (tx) => listAudit(tx, null, 1)))[0]).toMatchObject({
      actor: 'member:1',
      action: 'subscription.change',
      detail: { before: 'starter', after: 'professional' },
    })
  })

  it('turns a credit beyond the price of a smaller package into time', async () => {
    const tenantId = await tenantOn('trial')
    await pay(tenantId, { package: 'enterprise', paidMinor: 200_000 })
    const down = {
      tenantId,
      package: 'starter',
      paidMinor: 0,
      reference: 'INDIR1',
      by: 'member:1',
      at: NOON + PERIOD_MS / 2,
    }
    const after = await within(tenantId, (tx) => changePackage(tx, down))
    expect(after.periodEndsAt).toBe(down.at + 2 * PERIOD_MS)
  })
})

describe('cancelSubscription', () => {
  it('works to the end of its period, without grace, and a payment takes it back', async () => {
    const tenantId = await tenantOn('trial')
    await pay(tenantId)
    const by = { by: 'member:1', at: NOON + DAY_MS }
    expect(await within(tenantId, (tx) => cancelSubscription(tx, by))).toMatchObject({ state: 'cancelled' })
    expect((await limitsOf(tenantId)).automated_until).toEqual(new Date(NOON + PERIOD_MS))
    await expect(within(tenantId, (tx) => cancelSubscription(tx, by))).rejects.toMatchObject({
      code: 'subscription_over',
    })
    expect(await pay(tenantId, { at: NOON + 2 * DAY_MS })).toMatchObject({
      state: 'active',
      periodEndsAt: NOON + 2 * PERIOD_MS,
    })
  })

  it('ends at once what had no end', async () => {
    const tenantId = await tenantOn('custom')
    const at = NOON + DAY_MS
    expect(await within(tenantId, (tx) => cancelSubscription(tx, { by: 'operator', at }))).toMatchObject({
      state: 'expired',
      periodEndsAt: at,
    })
  })
})

describe('tickSubscriptions', () => {
  it('moves each subscription to the state of the instant, once, whatever was missed', async () => {
    const [trial, paid, jumped] = [await tenantOn('trial'), await tenantOn('trial'), await tenantOn('trial')]
    await pay(paid)
    await pay(jumped)
    await tickSubscriptions({ db }, NOON + PERIOD_MS - HOUR_MS)
    const stateOf = async (tenantId: number) => (await within(tenantId, getSubscription)).state
    expect([await stateOf(trial), await stateOf(paid)]).toEqual(['expired', 'active'])
    await db
      .updateTable('subscription')
      .set({ period_ends_at: new Date(NOON + 100 * DAY_MS) })
      .where('tenant_id', '=', jumped)
      .execute()
    await tickSubscriptions({ db }, NOON + PERIOD_MS)
    expect(await stateOf(paid)).toBe('grace')
    await tickSubscriptions({ db }, NOON + 200 * DAY_MS)
    expect([await stateOf(paid), await stateOf(jumped)]).toEqual(['expired', 'expired'])
    expect((await eventsOf(paid)).map((e) => e.payload)).toEqual([
      { package: 'starter', state: 'active' },
      { package: 'starter', state: 'grace' },
      { package: 'starter', state: 'expired' },
    ])
    expect(await tickSubscriptions({ db }, NOON + 200 * DAY_MS)).toMatchObject({ moved: 0 })
  })
})

describe('stateAt', () => {
  it('only ever moves towards the end, and never gives automated sending back', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...SUBSCRIPTION_STATES),
        fc.integer({ min: 0, max: 2 ** 41 }),
        fc.integer({ min: 0, max: 2 ** 41 }),
        fc.integer({ min: 0, max: 2 ** 41 }),
        (state, periodEndsAt, earlier, later) => {
          const [first, second] = [Math.min(earlier, later), Math.max(earlier, later)]
          const inBetween = stateAt({ state, periodEndsAt }, first)
          expect(stateAt({ state: inBetween, periodEndsAt }, second)).toBe(stateAt({ state, periodEndsAt }, second))
          if (stateAt({ state, periodEndsAt }, first) === 'expired')
            expect(stateAt({ state, periodEndsAt }, second)).toBe('expired')
          if (state !== 'expired' && stateAt({ state, periodEndsAt }, second) === 'expired')
            expect(automatedUntil({ state, periodEndsAt }) ?? Infinity).toBeLessThanOrEqual(second)
        },
      ),
    )
  })
})

describe('reportRevenue', () => {
  it('adds up payments by package, recurring revenue and who left', async () => {
    const at = Date.UTC(2031, 0, 1)
    const [stays, leaves, joins] = [
      await tenantOn('trial', at),
      await tenantOn('trial', at),
      await tenantOn('trial', at),
    ]
    await pay(stays, { at, package: 'professional', periodDays: 60, paidMinor: 200_000 })
    await pay(leaves, { at })
    await pay(joins, { at: at + 40 * DAY_MS })
    const report = await asOperator(db, 'test', (tx) => reportRevenue(tx, { from: at + DAY_MS, to: at + 50 * DAY_MS }))
    expect(report).toEqual({
      packages: [{ package: 'starter', currency: 'TRY', periods: 1, paidMinor: 50_000 }],
      currency: 'TRY',
      mrrMinor: 150_000,
      payingAtStart: 2,
      payingAtEnd: 2,
      churnRatio: 0.5,
    })
  })
})
