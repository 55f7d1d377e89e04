import { beforeAll, describe, expect, it } from 'vitest'

import { ManualClock, toDate } from '#server/base/clock.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '#server/base/duration.ts'
import { createDb } from '#server/db/pool.ts'
import { openTestApi } from '#server/testing/api.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { NOON, createAccount, createContact, createDelivery, createTenant } from '#server/testing/factories.ts'

const db = createDb((await createTestDatabase()).pool)
const clock = new ManualClock(NOON)
const { addMember } = openTestApi(db, clock)

type Answer = Readonly<Record<string, unknown>> & { readonly status: number }

interface Made {
  readonly tenantId: number
  readonly accountId: number
  readonly campaignId: number
}

/** Makes a delivery of a campaign as it stands after it was sent, with what came of it. */
const sent = async (shop: Made, over: Record<string, unknown>, sentAt: number, ofCampaign = true) => {
  const { tenantId, accountId, campaignId } = shop
  const options = { accountId, contactId: null, chatId: 5, sentAt, ...(ofCampaign && { campaignId }) }
  const id = await createDelivery(db, tenantId, options)
  await db
    .updateTable('delivery')
    .set({ source: ofCampaign ? 'campaign' : 'system', ...over })
    .where('id', '=', id)
    .execute()
}

const openShop = async (name = 'Yaz'): Promise<Made> => {
  const tenantId = await createTenant(db)
  const accountId = await createAccount(db, tenantId)
  const { id: campaignId } = await db
    .insertInto('campaign')
    .values({
      tenant_id: tenantId,
      name,
      kind: 'broadcast',
      account_id: accountId,
      steps: '[]',
      created_at: toDate(NOON),
    }) // prettier-ignore
    .returning('id')
    .executeTakeFirstOrThrow()
  return { tenantId, accountId, campaignId }
}

describe('analytics', () => {
  let shop: Made
  let owner: Awaited<ReturnType<typeof addMember<Answer>>>['call']
  beforeAll(async () => {
    shop = await openShop()
    owner = (await addMember<Answer>(shop.tenantId, 'owner')).call
    const { id: template } = await db
      .insertInto('template')
      .values({ tenant_id: shop.tenantId, name: 'yaz', message_class: 'commercial', created_at: toDate(NOON) })
      .returning('id')
      .executeTakeFirstOrThrow()
    const [hourAgo, yesterday] = [NOON - HOUR_MS, NOON - DAY_MS]
    const wording = (variant: string) => ({ template_id: template, variant, segment: 'ENGAGED' })
    for (let i = 0; i < 40; i += 1)
      await sent(shop, { ...wording('a'), ...(i < 30 && { responded_at: toDate(hourAgo + MINUTE_MS) }) }, hourAgo)
    for (let i = 0; i < 40; i += 1)
      await sent(shop, { ...wording('b'), ...(i < 2 && { clicked_at: toDate(yesterday + MINUTE_MS) }) }, yesterday)
    await sent(shop, { state: 'failed', reason: 'blocked', segment: 'LURKER', telegram_message_id: null }, hourAgo)
    const withheld = {
      is_holdout: true,
      state: 'refused',
      reason: 'holdout',
      reserved_at: null,
      telegram_message_id: null,
    }
    await sent(shop, withheld, hourAgo)
    await sent(shop, {}, NOON - 2 * MINUTE_MS, false)
    await sent(shop, { segment: 'ENGAGED' }, NOON - 40 * DAY_MS)
    const stranger = await openShop('Başkası')
    await sent(stranger, { segment: 'ENGAGED' }, hourAgo)
  })

  it('report what was sent and what came of it by source, segment, hour of the week and wording', async () => {
    const report = await owner('GET', 'analytics/report?days=7')
    expect(report).toMatchObject({
      status: 200,
      timeZone: 'Europe/Istanbul',
      funnel: { tried: 82, delivered: 81, clicked: 2, answered: 30, converted: 0 },
      bySource: [
        { source: 'campaign', tried: 81, delivered: 80 },
        { source: 'system', delivered: 1 },
      ],
      bySegment: [{ segment: 'ENGAGED', delivered: 80, answered: 30 }, { tried: 1 }, { tried: 1 }],
      failures: [{ state: 'failed', reason: 'blocked', count: 1 }],
      variants: [
        { template: 'yaz', variant: 'a', answered: 30, isProven: true, lead: { value: 0.75 } },
        { template: 'yaz', variant: 'b', answered: 0, isProven: false, lead: null },
      ],
    })
    // 2026-06-01 is a Monday; NOON is noon in Istanbul.
    expect(report['slots']).toContainEqual({ weekday: 1, hour: 11, delivered: 41, answered: 30 })
    expect(report['slots']).toContainEqual({ weekday: 7, hour: 12, delivered: 40, answered: 0 })
  })

  it('reach as far back as they are asked, and compare with the days before', async () => {
    expect(await owner('GET', 'analytics/report?days=90')).toMatchObject({ funnel: { delivered: 82 } })
    expect(await owner('GET', 'analytics/figures?days=30')).toMatchObject({
      days: 30,
      figures: { tried: 82, delivered: 81, answered: 30 },
      before: { delivered: 1 },
    })
    expect(await owner('GET', 'analytics/report?days=91')).toMatchObject({ status: 400, field: 'days' })
  })

  it('say what a package does not reach', async () => {
    const tenantId = await createTenant(db, { package: 'starter' })
    const { call } = await addMember<Answer>(tenantId, 'owner')
    expect(await call('GET', 'analytics/report?days=30')).toMatchObject({ status: 200, funnel: { tried: 0 } })
    expect(await call('GET', 'analytics/report?days=90')).toMatchObject({ status: 403, code: 'package_feature' })
  })

  it('tell what left today, how fast, and what leaves next', async () => {
    const today = (await owner('GET', 'analytics/today')) as Answer & { readonly hours: readonly number[] }
    expect(today).toMatchObject({ sent: 41, perMinute: 0.2 })
    expect([today.hours.length, today.hours[11]]).toEqual([24, 41])
    const { tenantId, accountId, campaignId } = shop
    const plan = (dueAt: number, ofCampaign: boolean) =>
      createDelivery(db, tenantId, { accountId, contactId: null, chatId: 5, dueAt, ...(ofCampaign && { campaignId }) })
    await plan(NOON - HOUR_MS, true)
    await plan(NOON + 10 * MINUTE_MS, true)
    await plan(NOON + 90 * MINUTE_MS, false)
    await plan(NOON + 2 * DAY_MS, false)
    expect(await owner('GET', 'analytics/next')).toMatchObject({
      items: [
        { hourAt: NOON, campaign: 'Yaz', count: 2 },
        { hourAt: NOON + HOUR_MS, campaign: null, count: 1 },
      ],
    })
  })

  it('name the best and the worst campaign by what is proven', async () => {
    expect(await owner('GET', 'analytics/campaigns')).toMatchObject({
      best: { name: 'Yaz', delivered: 80, answered: 30 },
      worst: null,
    })
  })

  it('list what waits for a person, to each what they may see', async () => {
    const tenantId = await createTenant(db)
    const accountId = await createAccount(db, tenantId)
    await createContact(db, tenantId, { accountId })
    const kindsFor = async (role: 'owner' | 'analyst' | 'agent') => {
      const { items } = (await (await addMember<Answer>(tenantId, role)).call('GET', 'analytics/attention')) as Answer & { readonly items: readonly { readonly kind: string; readonly about: string | null }[] } // prettier-ignore
      return items.map(({ kind, about }) => [kind, about])
    }
    expect(await kindsFor('owner')).toEqual([])
    await db.updateTable('account').set({ state: 'paused', state_reason: 'test' }).where('id', '=', accountId).execute()
    await db
      .updateTable('subscription')
      .set({ period_ends_at: toDate(NOON + 2 * DAY_MS) })
      .where('tenant_id', '=', tenantId)
      .execute()
    const held = ['account_held', expect.stringContaining('Bot')]
    expect(await kindsFor('owner')).toEqual([held, ['payment_due', null]])
    // Money is not theirs to see.
    expect(await kindsFor('analyst')).toEqual([held])
  })
})
