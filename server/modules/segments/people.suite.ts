import { beforeAll, beforeEach } from 'vitest'
import type { Updateable } from 'kysely'

import type { Segment } from '#contract/words.ts'
import { ManualClock, toDate } from '#server/base/clock.ts'
import { DAY_MS, HOUR_MS } from '#server/base/duration.ts'
import { type Db, createDb } from '#server/db/pool.ts'
import type { DB } from '#server/db/schema.generated.ts'
import { type TenantTx, inTenant } from '#server/db/tenant-scope.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { NOON, createContact, createTenant } from '#server/testing/factories.ts'

import { findSegments } from './list-segments.ts'

type Features = Updateable<DB['contact_feature']>

/** Somebody who talks a lot, asks for prices and pressed a button an hour ago. */
const HOT: Features = {
  inbound_count: 12,
  click_count: 2,
  response_count: 2,
  engagement_mass: 14,
  engagement_at: toDate(NOON - HOUR_MS),
  last_seen_at: toDate(NOON - HOUR_MS),
  price_intent_at: [toDate(NOON - HOUR_MS), toDate(NOON - DAY_MS)],
  last_paid_at: toDate(NOON - DAY_MS),
}

/** A tenant of its own for each test of the file, its clock at NOON, and people who belong to known segments. */
export const usePeople = () => {
  const world = {} as { db: Db; tenantId: number; clock: ManualClock; deps: { db: Db; clock: ManualClock } }
  beforeAll(async () => {
    world.db = createDb((await createTestDatabase()).pool)
  })
  beforeEach(async () => {
    world.tenantId = await createTenant(world.db)
    world.clock = new ManualClock(NOON)
    world.deps = { db: world.db, clock: world.clock }
  })
  const setFeatures = async (contactId: number, features: Features): Promise<void> => {
    await world.db.updateTable('contact_feature').set(features).where('contact_id', '=', contactId).execute()
  }
  const inside = <T>(work: (tx: TenantTx) => Promise<T>): Promise<T> => inTenant(world.db, world.tenantId, work)
  return {
    world,
    setFeatures,
    inside,
    /** HOT_LEAD and ENGAGED. */
    createHot: async (): Promise<number> => {
      const id = await createContact(world.db, world.tenantId, { at: NOON - 60 * DAY_MS })
      await setFeatures(id, HOT)
      return id
    },
    /** LURKER. */
    createLurker: async (): Promise<number> => {
      const id = await createContact(world.db, world.tenantId, { at: NOON - 20 * DAY_MS })
      await setFeatures(id, { member_since: toDate(NOON - 20 * DAY_MS), reaction_count: 3 })
      return id
    },
    held: async (contactId: number): Promise<readonly Segment[]> =>
      (await inside((tx) => findSegments(tx, [contactId])))[0]?.holdings.map((h) => h.segment) ?? [],
  }
}
