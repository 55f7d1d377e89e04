import { beforeAll, describe, expect, it } from 'vitest'

import { ManualClock } from '#server/base/clock.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '#server/base/duration.ts'
import type { StoredEvent } from '#server/base/events.ts'
import { silentLogger } from '#server/base/logger.ts'
import { secretBox } from '#server/base/secret.ts'
import { type Db, createDb } from '#server/db/pool.ts'
import { getOrder, markOrderPaid } from '#server/modules/sales/index.ts'
import { createSalesWorld, translator } from '#server/modules/sales/sales-world.suite.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { NOON } from '#server/testing/factories.ts'

import { createNoticeListeners } from './notice-listeners.ts'
import { createSalesDuties, createSalesListeners } from './sales-jobs.ts'

let db: Db
beforeAll(async () => {
  db = createDb((await createTestDatabase()).pool)
})

const depsOf = () => ({
  db,
  translator,
  box: secretBox(Buffer.alloc(32, 5)),
  stars: null,
  log: silentLogger,
  clock: new ManualClock(NOON),
})

describe('createNoticeListeners', () => {
  it('tells members who hand over of what was bought, once, and nobody else', async () => {
    const world = await createSalesWorld(db)
    await world.describe('Kitap', { kind: 'physical', transferText: 'TR00' })
    for (const [i, role] of (['agent', 'analyst'] as const).entries())
      await db
        .insertInto('member')
        .values({
          tenant_id: world.tenantId,
          telegram_id: 7_000 + i,
          role,
          name: role,
          invited_by: 'test',
          joined_at: new Date(NOON),
        })
        .execute()
    const order = await world.ordered('Kitap')
    const owner = { by: 'member:1', access: { kind: 'member', role: 'owner' }, at: NOON } as const
    await world.within((tx) => markOrderPaid(tx, { orderId: order.id, translator }, owner))
    const rows = await db
      .selectFrom('domain_event')
      .selectAll()
      .where('tenant_id', '=', world.tenantId)
      .where('type', '=', 'order.changed')
      .orderBy('id')
      .execute()
    const events = rows.map(
      ({ id, tenant_id: tenantId, payload, at }) =>
        ({ id, tenantId, type: 'order.changed', payload, at: at.getTime() }) as unknown as StoredEvent,
    )
    const listener = createNoticeListeners({ db, clock: new ManualClock(NOON) }).find(
      ({ name }) => name === 'notices.orders',
    )
    await listener?.receive(events)
    await listener?.receive(events)
    const notices = await db.selectFrom('panel_notice').select(['recipient', 'kind', 'params']).orderBy('id').execute()
    expect(notices).toMatchObject([
      { recipient: 7_000, kind: 'order_paid', params: { reference: order.reference, product: 'Kitap' } },
      { recipient: 7_000, kind: 'order_review', params: { orderReview: 'by_hand' } },
    ])
    for (const one of createSalesListeners(depsOf())) await one.receive(events)
  })
})

describe('createSalesDuties', () => {
  it('closes what nobody paid and lets go who has been silent', async () => {
    const world = await createSalesWorld(db)
    await world.sells(true, { minorPerStar: 100 })
    await world.says('Kitap almak istiyorum')
    const { id } = await world.ordered('Kitap')
    for (const duty of createSalesDuties(depsOf())) await duty.run(NOON + DAY_MS + HOUR_MS)
    expect(await world.within((tx) => getOrder(tx, { id }))).toMatchObject({ state: 'expired' })
    const stage = () => db.selectFrom('funnel_run').select('stage').where('tenant_id', '=', world.tenantId).execute()
    expect(await stage()).toEqual([{ stage: 'offered' }])
    for (const duty of createSalesDuties(depsOf())) await duty.run(NOON + 9 * DAY_MS + MINUTE_MS)
    expect(await stage()).toEqual([{ stage: 'lost' }])
  })
})
