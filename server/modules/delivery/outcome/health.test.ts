import { beforeAll, describe, expect, it } from 'vitest'

import { toDate } from '#server/base/clock.ts'
import { HOUR_MS, MINUTE_MS } from '#server/base/duration.ts'
import { type Db, createDb } from '#server/db/pool.ts'
import { inTenant } from '#server/db/tenant-scope.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { NOON, createAccount, createContact, createDelivery, createTenant } from '#server/testing/factories.ts'

import { evaluateHealth } from './evaluate-health.ts'
import { assessHealth } from './health.rules.ts'

const calm = { sends: 1_000, blocks: 0, optOuts: 0, forbidden: 0, floods: 0 }

describe('assessHealth', () => {
  it.each([
    ['block_ratio', { blocks: 20 }, { blocks: 50 }],
    ['opt_out_ratio', { optOuts: 30 }, { optOuts: 80 }],
    ['forbidden_ratio', { forbidden: 100 }, { forbidden: 250 }],
    ['flood_count', { floods: 3 }, { floods: 10 }],
  ])('slows and then stops for %s', (name, slow, stop) => {
    expect(assessHealth(calm, 'normal')).toEqual({ health: 'normal', reason: null })
    expect(assessHealth({ ...calm, ...slow }, 'normal')).toMatchObject({
      health: 'slowed',
      reason: expect.stringContaining(name),
    })
    expect(assessHealth({ ...calm, ...stop }, 'normal')).toMatchObject({
      health: 'stopped',
      reason: expect.stringContaining(name),
    })
  })

  it('lets a strained account back only when the figure has halved', () => {
    expect(assessHealth({ ...calm, blocks: 30 }, 'stopped').health).toBe('stopped')
    expect(assessHealth({ ...calm, blocks: 12 }, 'stopped').health).toBe('slowed')
    expect(assessHealth({ ...calm, blocks: 9 }, 'stopped').health).toBe('normal')
  })

  it('does not judge by a handful of sends', () => {
    expect(assessHealth({ ...calm, sends: 10, blocks: 10 }, 'normal').health).toBe('normal')
  })
})

describe('evaluateHealth', () => {
  let db: Db
  beforeAll(async () => {
    db = createDb((await createTestDatabase()).pool)
  })

  it('stops an account that people block, says why, tells the system, and brings it back a day later', async () => {
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
    await inTenant(db, tenantId, (tx) => evaluateHealth(tx, accountId, NOON + 25 * HOUR_MS))
    expect(
      await db.selectFrom('account').select('health').where('id', '=', accountId).executeTakeFirstOrThrow(),
    ).toEqual({ health: 'normal' })
  })
})
