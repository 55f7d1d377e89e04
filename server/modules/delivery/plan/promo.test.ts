import { sql } from 'kysely'
import { beforeAll, describe, expect, it } from 'vitest'

import { toDate } from '#server/base/clock.ts'
import { DAY_MS, HOUR_MS } from '#server/base/duration.ts'
import type { Db } from '#server/db/pool.ts'
import { getCampaign } from '#server/modules/campaigns/index.ts'

import { reserveSlots } from '../guard/reserve-slots.ts'
import { recordPurchase } from '../outcome/record-purchase.ts'
import { createCampaignWorld, openCampaignDatabase } from './campaign-world.suite.ts'
import { completeFinishedCampaigns } from './end-campaign.ts'
import { campaignReport } from './report-campaign.ts'

let db: Db
beforeAll(async () => {
  db = await openCampaignDatabase()
})

const order = (target: number, stops = false) => ({ kind: 'order', target, stops }) as const

describe('a promo', () => {
  it('sends nothing after its end, whatever waited', async () => {
    const world = await createCampaignWorld(db)
    for (let i = 0; i < 3; i += 1) await world.person()
    const endsAt = world.clock.now() + HOUR_MS
    const id = await world.start({ kind: 'promo', goal: order(5), endsAt })
    const claim = (now: number) => world.run((tx) => reserveSlots(tx, { accountId: world.accountId, now, limit: 1 }))
    expect((await claim(endsAt - 1)).reserved).toHaveLength(1)
    expect((await claim(endsAt)).reserved).toEqual([])
    await world.run((tx) => completeFinishedCampaigns(tx, endsAt + 1))
    const rows = await world.rows(id)
    expect(rows.map((row) => `${row.state} ${row.reason ?? '-'}`).toSorted()).toEqual([
      'refused expired',
      'refused expired',
      'reserved -',
    ])
  })

  it('stops early once its goal is reached, and only when it is set to', async () => {
    const world = await createCampaignWorld(db)
    const people = [await world.person(), await world.person(), await world.person()]
    const endsAt = world.clock.now() + 5 * DAY_MS
    const stopping = await world.start({ kind: 'promo', goal: order(2, true), endsAt })
    const going = await world.start({ kind: 'promo', goal: order(2), endsAt })
    const waiting = async (id: number) => (await world.rows(id)).filter((row) => row.state === 'planned').length
    const reach = async (id: number, count: number) => {
      const rows = await world.rows(id)
      for (const row of rows.slice(0, count)) {
        const at = toDate(world.clock.now())
        const sent = { state: 'sent', reserved_at: at, finished_at: at, telegram_message_id: row.id, converted_at: at }
        await db.updateTable('delivery').set(sent).where('id', '=', row.id).execute()
      }
    }
    await reach(stopping, 1)
    expect(await world.run((tx) => completeFinishedCampaigns(tx, world.clock.now()))).toEqual([])
    await reach(stopping, 2)
    await reach(going, 2)
    expect(await world.run((tx) => completeFinishedCampaigns(tx, world.clock.now()))).toEqual([going, stopping])
    expect(await world.run((tx) => getCampaign(tx, stopping))).toMatchObject({
      state: 'completed',
      goalReachedAt: world.clock.now(),
    })
    expect(await world.run((tx) => getCampaign(tx, going))).toMatchObject({ state: 'running' })
    expect([await waiting(stopping), await waiting(going)]).toEqual([0, people.length - 2])
    expect((await world.rows(stopping)).at(-1)).toMatchObject({ state: 'cancelled', reason: 'goal_reached' })
  })
})

describe('campaignReport', () => {
  it('credits orders to the last message alone, takes refunds back, and shows goal, revenue and cost', async () => {
    const world = await createCampaignWorld(db, { package: 'starter' })
    const [buyer, returning, other] = [await world.person(), await world.person(), await world.person()]
    const endsAt = world.clock.now() + 20 * DAY_MS
    const goal = { kind: 'revenue', target: 50_000, stops: false } as const
    const first = await world.start({ kind: 'promo', goal, endsAt })
    await world.send(first)
    await world.clock.advance(DAY_MS)
    const second = await world.start({ kind: 'promo', goal, endsAt })
    await world.send(second)
    const buy = (contactId: number, amountMinor: number, reference: string, afterMs: number) =>
      world.run((tx) => recordPurchase(tx, { contactId, amountMinor, reference, at: world.clock.now() + afterMs }))
    await buy(buyer, 20_000, 'a', HOUR_MS)
    await buy(returning, 9_000, 'b', HOUR_MS)
    await buy(other, 5_000, 'c', 8 * DAY_MS)
    await sql`insert into contact_event (tenant_id, at, contact_id, kind, detail)
      values (${world.tenantId}, ${toDate(world.clock.now() + 2 * HOUR_MS)}, ${returning}, 'refunded', '{"reference": "b"}')`.execute(
      db,
    )
    const report = (id: number) => world.run((tx) => campaignReport(tx, id, world.clock.now()))
    expect(await report(second)).toMatchObject({
      revenueMinor: 20_000,
      goal: { kind: 'revenue', value: 20_000, target: 50_000, reachedAt: null },
      cost: { package: 'starter', totalMinor: 15, basis: 'quota', messages: 3 },
    })
    expect(await report(first)).toMatchObject({ revenueMinor: 0, effect: { treated: { people: 3, converted: 1 } } })
  })

  it('measures the effect against the people withheld, with an interval that says whether it is more than chance', async () => {
    const world = await createCampaignWorld(db)
    const count = 400
    await sql`
      with people as (
        insert into contact (tenant_id, telegram_id, first_name, first_seen_at, created_at)
        select ${world.tenantId}, 600000000000 + ${world.tenantId}::bigint * 1000000 + n, 'Ayşe', ${toDate(0)}, ${toDate(0)} from generate_series(1, ${count}) n returning id
      )
      insert into contact_account (tenant_id, contact_id, account_id, reachability, changed_at, last_inbound_at)
      select ${world.tenantId}, id, ${world.accountId}, 'reachable', ${toDate(0)}, ${toDate(0)} from people`.execute(db)
    const id = await world.start({ holdoutRatio: 0.5 })
    const report = () => world.run((tx) => campaignReport(tx, id, world.clock.now()))
    const before = await report()
    expect(before.effect.treated.people + before.effect.holdout.people).toBe(count)
    expect(before.effect).toMatchObject({ isProven: false, holdout: { converted: 0 } })
    // Every second of those it was meant for buys, and every tenth of those withheld.
    await sql`insert into contact_event (tenant_id, at, contact_id, kind, detail)
      select tenant_id, ${toDate(world.clock.now() + HOUR_MS)}, contact_id, 'ordered', '{"reference": "x", "amountMinor": 100}'
      from (select *, row_number() over (partition by is_holdout order by contact_id) as n from delivery
        where tenant_id = ${world.tenantId} and campaign_id = ${id}) d
      where n % case when is_holdout then 10 else 2 end = 0`.execute(db)
    const { effect } = await report()
    expect(effect.lift?.value).toBeCloseTo(0.4, 1)
    expect(effect.lift?.low).toBeGreaterThan(0.25)
    expect(effect.lift?.high).toBeLessThan(0.55)
    expect(effect.isProven).toBe(true)
  })
})

describe('previewCampaign', () => {
  it('forecasts a drip and a promo for ten thousand people within seconds', async () => {
    const world = await createCampaignWorld(db)
    await sql`
      with people as (
        insert into contact (tenant_id, telegram_id, first_name, first_seen_at, created_at)
        select ${world.tenantId}, 700000000000 + ${world.tenantId}::bigint * 1000000 + n, '🎉 مرحبا', ${toDate(0)}, ${toDate(0)} from generate_series(1, 10000) n returning id
      )
      insert into contact_account (tenant_id, contact_id, account_id, reachability, changed_at, last_inbound_at)
      select ${world.tenantId}, id, ${world.accountId}, 'reachable', ${toDate(0)}, ${toDate(0)} from people`.execute(db)
    const steps = [
      { templateId: await world.template(), afterHours: 0 },
      { templateId: await world.template(), afterHours: 24 },
    ]
    const drip = await world.draft({ kind: 'drip', steps })
    const promo = await world.draft({ kind: 'promo', goal: order(5), endsAt: world.clock.now() + DAY_MS })
    const startedAt = performance.now()
    const previews = [await world.preview(drip), await world.preview(promo)]
    expect(performance.now() - startedAt).toBeLessThan(15_000)
    expect(previews.flatMap((preview) => preview.steps.map((step) => [step.total, step.refused]))).toEqual([
      [10_000, { no_consent: 10_000 }],
      [10_000, { no_consent: 10_000 }],
      [10_000, { no_consent: 10_000 }],
    ])
  })
})
