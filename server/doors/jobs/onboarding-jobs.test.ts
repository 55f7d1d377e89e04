import { beforeEach, describe, expect, it } from 'vitest'

import type { StoredEvent } from '#server/base/events.ts'
import { DAY_MS } from '#server/base/duration.ts'
import { createDb } from '#server/db/pool.ts'
import { activatePaidPackage, approvePayment } from '#server/modules/billing/index.ts'
import { type OnboardingWorld, createOnboardingWorld } from '#server/modules/onboarding/onboarding-world.suite.ts'
import { createTestDatabase } from '#server/testing/db.ts'

import { createOnboardingDuties, createOnboardingListeners } from './onboarding-jobs.ts'

const db = createDb((await createTestDatabase()).pool)
let world: OnboardingWorld
let heard: number
beforeEach(async () => {
  world = createOnboardingWorld(db)
  heard = 0
})

const now = () => world.clock.now()

/** Gives the tenant's stored events to their listeners until nothing new comes. */
const dispatch = async (tenantId: number | null) => {
  const listeners = createOnboardingListeners({ ...world.deps, clock: world.clock })
  for (;;) {
    const rows = await db
      .selectFrom('domain_event')
      .selectAll()
      .where('tenant_id', '=', tenantId ?? 0)
      .where('id', '>', heard)
      .orderBy('id')
      .execute()
    if (rows.length === 0) return
    for (const row of rows) {
      heard = row.id
      const event = { id: row.id, tenantId: row.tenant_id, at: now(), type: row.type, payload: row.payload }
      for (const listener of listeners)
        // Twice, as an event may come.
        if ((listener.types as readonly string[]).includes(row.type))
          for (const _ of [1, 2]) await listener.receive([event as unknown as StoredEvent])
    }
  }
}

describe('createOnboardingListeners', () => {
  it('carries a paid newcomer from the approval to an active account by events alone', async () => {
    const person = await world.arrive()
    const { tenantId } = await world.choose(person, 'starter')
    await world.order(person)
    await world.claim(person)
    await dispatch(tenantId)
    expect(await world.row(person.id)).toMatchObject({ state: 'payment_claimed' })
    const { id: paymentId } = await world.paymentOf(person.id)
    const decision = { paymentId, by: 'operator:1', at: now(), activate: activatePaidPackage }
    await world.inOwn(person.id, (tx) => approvePayment(tx, decision))
    await dispatch(tenantId)
    expect(await world.row(person.id)).toMatchObject({ state: 'account_connecting' })
    await world.linkSilently(person)
    await dispatch(tenantId)
    expect(await world.row(person.id)).toMatchObject({ state: 'active' })
  })
})

describe('createOnboardingDuties', () => {
  it('ends what is overdue and tells its person once, and lets work what is ready now', async () => {
    const late = await world.arrive()
    await world.clock.advance(DAY_MS)
    const person = await world.arrive()
    await world.choose(person, 'trial')
    world.setCheck({ ok: false, findings: [] })
    await world.link(person)
    world.setCheck({ ok: true, findings: [] })
    const duties = createOnboardingDuties(world.deps)
    for (const _ of [1, 2]) for (const duty of duties) await duty.run(now())
    const told = db.selectFrom('panel_notice').select(['kind', 'dedupe_key']).where('recipient', '=', late.telegramId)
    expect(await told.execute()).toEqual([{ kind: 'onboarding_ended', dedupe_key: `onboarding_ended:${late.id}` }])
    expect(await world.row(person.id)).toMatchObject({ state: 'active', attempts: { links: 0 } })
  })
})
