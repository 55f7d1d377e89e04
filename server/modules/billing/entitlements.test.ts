import { sql } from 'kysely'
import { beforeAll, describe, expect, it } from 'vitest'

import type { PackageName } from '#contract/words.ts'
import { toDate } from '#server/base/clock.ts'
import { DAY_MS } from '#server/base/duration.ts'
import { type Db, createDb, createPool } from '#server/db/pool.ts'
import { type TenantTx, inTenant } from '#server/db/tenant-scope.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { NOON, createAccount, createDelivery, createTenant } from '#server/testing/factories.ts'

import { findAllowance, listUsage, noticeUsage, requireEntitlement, requireFeature } from './index.ts'

let db: Db
let connectionString: string
let serial = 0

beforeAll(async () => {
  const database = await createTestDatabase()
  db = createDb(database.pool)
  connectionString = database.connectionString
})

const tenantOn = (name: PackageName) => createTenant(db, { package: name })
const within = <T>(tenantId: number, work: (tx: TenantTx) => Promise<T>) => inTenant(db, tenantId, work)
const addTemplate = async (tx: TenantTx, over: { readonly state?: string; readonly is_seed?: boolean } = {}) => {
  await tx
    .insertInto('template')
    .values({
      tenant_id: tx.tenantId,
      name: `sablon-${(serial += 1)}`,
      message_class: 'reply',
      created_at: toDate(NOON),
      ...over,
    })
    .execute()
}
const take = (tenantId: number, on: Db = db) =>
  inTenant(on, tenantId, async (tx) => {
    await requireEntitlement(tx, 'templates', { at: NOON })
    await addTemplate(tx)
  })
const countTemplates = async (tenantId: number) =>
  Number(
    (await sql<{ n: number }>`select count(*)::int as n from template where tenant_id = ${tenantId}`.execute(db))
      .rows[0]?.n,
  )

describe('requireEntitlement', () => {
  it('gives 64 concurrent takers exactly what there is, and tells the rest limit, use, package and remedy', async () => {
    const tenantId = await tenantOn('professional')
    const pool = createPool({ connectionString, min: 0, max: 64, applicationName: 'takers' })
    const takers = createDb(pool)
    const results = await Promise.allSettled(Array.from({ length: 64 }, () => take(tenantId, takers)))
    await pool.end()
    expect(results.filter((r) => r.status === 'fulfilled')).toHaveLength(20)
    expect(await countTemplates(tenantId)).toBe(20)
    for (const result of results) {
      if (result.status === 'rejected')
        expect(result.reason).toMatchObject({
          kind: 'limit_reached',
          code: 'templates',
          params: { limit: 20, used: 20, package: 'professional', resetAt: '', liftedBy: 'enterprise' },
        })
    }
  })

  it('gives back what is rolled back, archived or came with the product', async () => {
    const tenantId = await tenantOn('starter')
    for (let i = 0; i < 5; i += 1) await within(tenantId, (tx) => addTemplate(tx, { is_seed: true }))
    await within(tenantId, (tx) => addTemplate(tx, { state: 'archived' }))
    for (let i = 0; i < 4; i += 1) await take(tenantId)
    const undone = within(tenantId, async (tx) => {
      await requireEntitlement(tx, 'templates', { at: NOON })
      await addTemplate(tx)
      throw new Error('undone')
    })
    await expect(undone).rejects.toThrow('undone')
    await take(tenantId)
    await expect(take(tenantId)).rejects.toMatchObject({ code: 'templates' })
  })

  it('counts several at once and, with none asked for, only says whether the tenant is above its limit', async () => {
    const tenantId = await tenantOn('starter')
    const ask = (amount: number) => within(tenantId, (tx) => requireEntitlement(tx, 'templates', { amount, at: NOON }))
    await ask(5)
    await expect(ask(6)).rejects.toMatchObject({ params: { liftedBy: 'professional' } })
    for (let i = 0; i < 6; i += 1) await within(tenantId, (tx) => addTemplate(tx))
    await expect(ask(0)).rejects.toMatchObject({ params: { used: 6 } })
  })

  it('says when a rolling quota is free again', async () => {
    const tenantId = await tenantOn('starter')
    const accountId = await createAccount(db, tenantId)
    const sentAt = NOON - DAY_MS / 2
    for (let i = 0; i < 100; i += 1)
      await createDelivery(db, tenantId, { accountId, contactId: null, chatId: i, sentAt })
    await expect(within(tenantId, (tx) => requireEntitlement(tx, 'messages_day', { at: NOON }))).rejects.toMatchObject({
      code: 'messages_day',
      params: { used: 100, resetAt: sentAt + DAY_MS },
    })
  })

  it('gives nothing once the subscription is over, whatever the duty has written', async () => {
    const tenantId = await tenantOn('enterprise')
    const over = { state: 'cancelled', period_starts_at: toDate(NOON - 2), period_ends_at: toDate(NOON - 1) }
    await db.updateTable('subscription').set(over).where('tenant_id', '=', tenantId).execute()
    await expect(take(tenantId)).rejects.toMatchObject({ kind: 'limit_reached', code: 'subscription_over' })
  })
})

describe('requireFeature', () => {
  it.each([
    ['starter', { replyMode: 'hybrid' }, 'professional'],
    ['professional', { replyMode: 'ai' }, 'enterprise'],
    ['starter', { tier: 'analytics', level: 'advanced' }, 'professional'],
    ['starter', { tier: 'crm', level: 'full' }, 'professional'],
    ['professional', { tier: 'optimiser', level: 'full' }, 'enterprise'],
    ['professional', { tier: 'funnel', level: 'custom' }, 'enterprise'],
  ] as const)('refuses in %s %j and names %s', async (name, feature, liftedBy) => {
    const tenantId = await tenantOn(name)
    await expect(within(tenantId, (tx) => requireFeature(tx, feature, NOON))).rejects.toMatchObject({
      kind: 'limit_reached',
      code: 'package_feature',
      params: { package: name, liftedBy },
    })
    const larger = await tenantOn(liftedBy)
    await within(larger, (tx) => requireFeature(tx, feature, NOON))
  })
})

describe('findAllowance', () => {
  it('counts extra bots', async () => {
    const tenantId = await tenantOn('starter')
    await db.updateTable('subscription').set({ extra_bots: 2 }).where('tenant_id', '=', tenantId).execute()
    expect(await within(tenantId, (tx) => findAllowance(tx, 'accounts'))).toBe(3)
  })
})

describe('noticeUsage', () => {
  it('notices 80 and 100 per cent once a period each, and shows them in the usage', async () => {
    const tenantId = await tenantOn('starter')
    const notice = (at: number) => within(tenantId, (tx) => noticeUsage(tx, at))
    for (let i = 0; i < 3; i += 1) await take(tenantId)
    expect(await notice(NOON)).toEqual([])
    await take(tenantId)
    expect(await notice(NOON)).toMatchObject([{ name: 'templates', percent: 80, used: 4, limit: 5 }])
    expect(await notice(NOON)).toEqual([])
    await take(tenantId)
    expect(await notice(NOON)).toMatchObject([{ name: 'templates', percent: 100 }])
    expect(await notice(NOON + 29 * DAY_MS)).toEqual([])
    expect(await notice(NOON + 30 * DAY_MS)).toMatchObject([{ name: 'templates', percent: 100 }])
    expect(await within(tenantId, (tx) => listUsage(tx, NOON))).toContainEqual({
      name: 'templates',
      limit: 5,
      used: 5,
      resetAt: null,
    })
    const events = await db.selectFrom('domain_event').selectAll().where('tenant_id', '=', tenantId).execute()
    expect(events.map((e) => e.type)).toEqual(['usage.noticed', 'usage.noticed', 'usage.noticed'])
  })
})
