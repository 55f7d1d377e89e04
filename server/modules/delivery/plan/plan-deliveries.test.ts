import { sql } from 'kysely'
import { beforeAll, describe, expect, it } from 'vitest'

import type { Segment } from '#contract/words.ts'
import { ManualClock, toDate } from '#server/base/clock.ts'
import { DAY_MS, HOUR_MS } from '#server/base/duration.ts'
import { localHour } from '#server/base/local-time.ts'
import { seededRandom } from '#server/base/random.ts'
import { type Db, createDb } from '#server/db/pool.ts'
import { inTenant } from '#server/db/tenant-scope.ts'
import { seedTemplates } from '#server/modules/templates/index.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { type ContactOptions, NOON, createAccount, createContact, createTenant } from '#server/testing/factories.ts'

import { applyPreset, seedStrategies } from '../strategy/apply-preset.ts'
import { setStrategy } from '../strategy/set-strategy.ts'
import { isInHoldout, planDeliveries } from './plan-deliveries.ts'

let db: Db
beforeAll(async () => {
  db = createDb((await createTestDatabase()).pool)
})

const setUp = async () => {
  const tenantId = await createTenant(db)
  await inTenant(db, tenantId, async (tx) => {
    await seedStrategies(tx, NOON)
    await seedTemplates(tx, NOON)
  })
  const accountId = await createAccount(db, tenantId)
  const clock = new ManualClock(NOON)
  const deps = { db, clock, random: seededRandom(1) }
  return {
    tenantId,
    accountId,
    clock,
    plan: (horizonMs = DAY_MS) => planDeliveries(deps, tenantId, horizonMs),
    person: (segment: Segment, options: ContactOptions = {}) =>
      createHolder(tenantId, segment, { accountId, ...options }),
    rows: () => db.selectFrom('delivery').selectAll().where('tenant_id', '=', tenantId).orderBy('due_at').execute(),
  }
}

/** A consenting contact outside the holdout who holds `segment`. */
const createHolder = async (tenantId: number, segment: Segment, options: ContactOptions): Promise<number> => {
  let id = await createContact(db, tenantId, { consents: ['marketing'], ...options })
  while (isInHoldout(tenantId, id)) id = await createContact(db, tenantId, { consents: ['marketing'], ...options })
  await assign(tenantId, id, segment)
  return id
}

const assign = async (tenantId: number, contactId: number, segment: Segment) => {
  const column = segment.toLowerCase()
  await sql`
    insert into segment_assignment (tenant_id, contact_id, primary_segment, ${sql.ref(column)}, ${sql.ref(`${column}_since`)}, rule_revision, inputs, assessed_at)
    values (${tenantId}, ${contactId}, ${segment}, 90, ${toDate(NOON)}, 1, '{}', ${toDate(NOON)})`.execute(db)
}

/** The delivery as the guard and the sender leave it. */
const markSent = (tenantId: number, at: number) =>
  db
    .updateTable('delivery')
    .set({ state: 'sent', reserved_at: toDate(at), finished_at: toDate(at), telegram_message_id: 1 })
    .where('tenant_id', '=', tenantId)
    .where('state', '=', 'planned')
    .execute()

describe('planDeliveries', () => {
  it('writes one complete delivery at an hour the strategy allows', async () => {
    const { accountId, plan, person, rows } = await setUp()
    const contactId = await person('HOT_LEAD')
    expect(await plan()).toMatchObject({ stop: null, considered: 1, planned: 1, holdouts: 0 })
    const [row] = await rows()
    expect(row).toMatchObject({
      account_id: accountId,
      contact_id: contactId,
      source: 'strategy',
      message_class: 'commercial',
      segment: 'HOT_LEAD',
      strategy_version: 1,
      strategy_cooldown_hours: 4,
      strategy_max_per_day: 3,
      state: 'planned',
      is_outreach: true,
      is_holdout: false,
    })
    expect(row?.arm).toBe(`${row?.template_id}:${row?.variant}`)
    expect(row?.propensity).toBeCloseTo(1 / 3)
    expect([10, 14, 19, 20]).toContain(localHour(row?.due_at.getTime() ?? 0, 'Europe/Istanbul'))
    expect(row?.priority).toBeGreaterThan(10)
    expect(row?.expected_response_ratio).toBeGreaterThan(0.05)
  })

  it('plans nobody who may not be written to', async () => {
    const { tenantId, plan, person } = await setUp()
    const patch = (id: number, set: Record<string, unknown>) =>
      db.updateTable('contact').set(set).where('tenant_id', '=', tenantId).where('id', '=', id).execute()
    await person('HOT_LEAD', { consents: [] })
    await person('HOT_LEAD', { reachability: 'blocked' })
    await patch(await person('HOT_LEAD'), { suppressed_at: toDate(NOON), suppressed_reason: 'stop' })
    await patch(await person('HOT_LEAD'), { is_bot: true })
    await patch(await person('HOT_LEAD'), { is_official: true })
    await patch(await person('HOT_LEAD'), { erased_at: toDate(NOON) })
    await patch(await person('HOT_LEAD'), { telegram_id: null })
    await createContact(db, tenantId, { consents: ['marketing'] })
    expect(await plan()).toMatchObject({ considered: 0, planned: 0 })
  })

  it('plans once, whether run again or by several processes at once', async () => {
    const { plan, person, rows } = await setUp()
    for (let i = 0; i < 30; i++) await person('HOT_LEAD')
    const reports = await Promise.all([plan(), plan(), plan(), plan()])
    expect(reports.reduce((sum, report) => sum + report.planned, 0)).toBe(30)
    expect(await plan()).toMatchObject({ considered: 0, planned: 0 })
    expect(await rows()).toHaveLength(30)
  })

  it('writes again only after the interval, with a wording not used in seven days, until nothing fresh is left', async () => {
    const { tenantId, clock, plan, person, rows } = await setUp()
    await person('HOT_LEAD')
    const arms: string[] = []
    for (let day = 0; day < 3; day++) {
      expect(await plan()).toMatchObject({ planned: 1 })
      const latest = (await rows()).at(-1)
      arms.push(latest?.arm ?? '')
      await clock.advance((latest?.due_at.getTime() ?? 0) - clock.now())
      await markSent(tenantId, clock.now())
      expect(await plan(12 * HOUR_MS)).toMatchObject({ planned: 0 })
    }
    expect(new Set(arms).size).toBe(3)
    await clock.advance(DAY_MS)
    expect(await plan()).toMatchObject({ considered: 1, planned: 0, skipped: { no_fresh_content: 1 } })
  })

  it('uses a period up even when its delivery was refused, so refusals are not repeated all day', async () => {
    const { tenantId, plan, person, rows } = await setUp()
    await person('HOT_LEAD')
    await plan()
    await db
      .updateTable('delivery')
      .set({ state: 'refused', reason: 'duplicate_content', finished_at: toDate(NOON) })
      .where('tenant_id', '=', tenantId)
      .execute()
    expect(await plan()).toMatchObject({ considered: 1, planned: 0, skipped: { period_used: 1 } })
    expect(await rows()).toHaveLength(1)
  })

  it('never plans more than the strategy’s maximum for one contact and day, whatever becomes of the deliveries', async () => {
    const { tenantId, clock, plan, person, rows } = await setUp()
    await inTenant(db, tenantId, (tx) => applyPreset(tx, 'seed-000', 'test', NOON))
    await person('HOT_LEAD')
    await person('ENGAGED')
    for (let i = 0; i < 24; i++) {
      await plan(DAY_MS)
      if (i % 2 === 0) await markSent(tenantId, clock.now())
      await clock.advance(2 * HOUR_MS)
    }
    const perDay = Map.groupBy(await rows(), (row) => `${row.contact_id} ${row.dedupe_key.split(':')[2]}`)
    expect(perDay.size).toBeGreaterThan(3)
    for (const [, planned] of perDay) expect(planned.length).toBeLessThanOrEqual(planned[0]?.strategy_max_per_day ?? 0)
  })

  it('writes at night only to night owls who agreed to it', async () => {
    const { plan, person, rows } = await setUp()
    await person('NIGHT_OWL')
    const agreed = await person('NIGHT_OWL', { consents: ['marketing', 'night_hours'] })
    expect(await plan()).toMatchObject({ planned: 1, skipped: { no_allowed_hour: 1 } })
    const [row] = await rows()
    expect(row?.contact_id).toBe(agreed)
    expect([22, 23, 0, 1]).toContain(localHour(row?.due_at.getTime() ?? 0, 'Europe/Istanbul'))
  })

  it('goes by the contact’s own clock, else the tenant’s, and leaves alone whose hour cannot be told', async () => {
    const { tenantId, plan, person, rows } = await setUp()
    const tokyo = await person('LURKER')
    const here = await person('LURKER')
    const nowhere = await person('LURKER')
    const setZone = (id: number, zone: string) =>
      db
        .updateTable('contact')
        .set({ time_zone: zone })
        .where('tenant_id', '=', tenantId)
        .where('id', '=', id)
        .execute()
    await setZone(tokyo, 'Asia/Tokyo')
    await setZone(nowhere, 'Nowhere/Land')
    expect(await plan()).toMatchObject({ planned: 2, skipped: { time_zone_unknown: 1 } })
    const at = new Map((await rows()).map((row) => [row.contact_id, row.due_at.getTime()]))
    expect(localHour(at.get(tokyo) ?? 0, 'Asia/Tokyo')).toBe(19)
    expect(localHour(at.get(here) ?? 0, 'Europe/Istanbul')).toBe(19)
  })

  it('chooses the account the contact talked to last, and plans nothing when that one is stopped', async () => {
    const { tenantId, accountId, plan, person, rows } = await setUp()
    const later = await createAccount(db, tenantId)
    const contactId = await person('HOT_LEAD')
    await db
      .insertInto('contact_account')
      .values({
        tenant_id: tenantId,
        contact_id: contactId,
        account_id: later,
        reachability: 'reachable',
        last_inbound_at: toDate(NOON),
        changed_at: toDate(NOON),
      })
      .execute()
    await db.updateTable('account').set({ health: 'stopped' }).where('id', '=', later).execute()
    expect(await plan()).toMatchObject({ planned: 0, skipped: { account_unusable: 1 } })
    await db.updateTable('account').set({ health: 'normal' }).where('id', '=', later).execute()
    await plan()
    expect((await rows()).map((row) => row.account_id)).toEqual([later])
    expect(later).not.toBe(accountId)
  })

  it('keeps five in a hundred contacts unwritten for good, on record', async () => {
    const { tenantId, clock, accountId, plan, rows } = await setUp()
    const ids: number[] = []
    for (let i = 0; i < 200; i++) ids.push(await createContact(db, tenantId, { accountId, consents: ['marketing'] }))
    for (const id of ids) await assign(tenantId, id, 'LURKER')
    const withheld = ids.filter((id) => isInHoldout(tenantId, id))
    expect(withheld.length).toBeGreaterThan(0)
    expect(withheld.length).toBeLessThan(30)
    expect(await plan()).toMatchObject({ planned: 200 - withheld.length, holdouts: withheld.length })
    const holdouts = (await rows()).filter((row) => row.is_holdout)
    expect(holdouts.map((row) => row.contact_id).toSorted((a, b) => (a ?? 0) - (b ?? 0))).toEqual(withheld)
    expect(holdouts.every((row) => row.state === 'refused' && row.reason === 'holdout')).toBe(true)
    // Withheld messages count for the interval as if they had been sent.
    await clock.advance(2 * DAY_MS)
    expect(await plan()).toMatchObject({ considered: 0 })
  })

  it.each<[string, () => Promise<unknown> | undefined, (tenantId: number) => Promise<unknown>]>([
    [
      'observing',
      () => undefined,
      (id) =>
        db
          .updateTable('tenant')
          .set({ observe_until: toDate(NOON + 1) })
          .where('id', '=', id)
          .execute(),
    ],
    [
      'tenant_inactive',
      () => undefined,
      (id) => db.updateTable('tenant').set({ state: 'suspended' }).where('id', '=', id).execute(),
    ],
    [
      'kill_switch_tenant',
      () => undefined,
      (id) =>
        db
          .updateTable('tenant')
          .set({ sending_stopped_at: toDate(NOON), sending_stopped_reason: 'x' })
          .where('id', '=', id)
          .execute(),
    ],
    [
      'kill_switch_global',
      () => db.updateTable('installation').set({ sending_stopped_at: null, sending_stopped_reason: null }).execute(),
      () =>
        db
          .updateTable('installation')
          .set({ sending_stopped_at: toDate(NOON), sending_stopped_reason: 'x' })
          .execute(),
    ],
  ])('plans nothing while %s', async (stop, release, hold) => {
    const { tenantId, plan, person } = await setUp()
    await person('HOT_LEAD')
    await hold(tenantId)
    const report = await plan()
    await release()
    expect(report).toMatchObject({ stop, planned: 0 })
  })

  it('plans nothing for a segment whose strategy is off, allows none a day, or has nothing approved to say', async () => {
    const { tenantId, plan, person } = await setUp()
    await person('HOT_LEAD')
    await person('ENGAGED')
    await person('COLD_LEAD')
    await inTenant(db, tenantId, async (tx) => {
      await setStrategy(tx, 'HOT_LEAD', { enabled: false }, { changedBy: 'test', at: NOON })
      await setStrategy(tx, 'ENGAGED', { maxPerDay: 0 }, { changedBy: 'test', at: NOON })
    })
    await db
      .updateTable('template')
      .set({ state: 'archived' })
      .where('tenant_id', '=', tenantId)
      .where('style', '=', 're_introduction')
      .execute()
    expect(await plan()).toMatchObject({ considered: 1, planned: 0, skipped: { no_template: 1 } })
  })
})
