import { beforeAll, describe, expect, it } from 'vitest'

import type { PackageName } from '#contract/words.ts'
import { MINUTE_MS } from '#server/base/duration.ts'
import { type Db, createDb } from '#server/db/pool.ts'
import { type TenantTx, inTenant } from '#server/db/tenant-scope.ts'
import { reserveSlots } from '#server/modules/delivery/guard/reserve-slots.ts'
import { listAudit } from '#server/modules/tenancy/index.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { NOON, createAccount, createDelivery, createTenant } from '#server/testing/factories.ts'

import { fitGroupsToPackage, listChats, recordOwnMembership } from './index.ts'

let db: Db

beforeAll(async () => {
  db = createDb((await createTestDatabase()).pool)
})

const scene = async (name: PackageName) => {
  const tenantId = await createTenant(db, { package: name })
  const accountId = await createAccount(db, tenantId)
  const run = <T>(work: (tx: TenantTx) => Promise<T>) => inTenant(db, tenantId, work)
  const be = (n: number, status: 'member' | 'left', at = NOON + n, kind: 'supergroup' | 'channel' = 'supergroup') =>
    run((tx) =>
      recordOwnMembership(tx, {
        accountId,
        chat: { telegramId: -1_000_000_000_000 - n, kind, title: `Grup ${n}`, username: null },
        own: { status, rights: {} },
        at,
      }),
    )
  const overIds = async () =>
    (await run((tx) => listChats(tx, {}, { limit: 500 }))).chats
      .filter((chat) => chat.overPackageSince !== null)
      .map((chat) => -1_000_000_000_000 - chat.telegramId)
  const move = (to: PackageName) =>
    db.updateTable('subscription').set({ package: to }).where('tenant_id', '=', tenantId).execute()
  return { tenantId, accountId, run, be, overIds, move }
}

describe('fitGroupsToPackage', () => {
  it('knows a group beyond the package, posts nothing there, says so, and goes on when there is room', async () => {
    const { tenantId, accountId, run, be, overIds, move } = await scene('starter')
    for (let n = 1; n <= 50; n += 1) await be(n, 'member')
    await be(999, 'member', NOON, 'channel')
    expect(await overIds()).toEqual([])
    await be(51, 'member')
    expect(await overIds()).toEqual([51])
    const [line] = await run((tx) => listAudit(tx, tenantId, 1))
    expect(line).toMatchObject({ action: 'group.held', detail: { reason: 'group_over_package' } })
    const notices = () =>
      db
        .selectFrom('domain_event')
        .select('payload')
        .where('tenant_id', '=', tenantId)
        .where('type', '=', 'usage.noticed')
        .execute()
    expect(await notices()).toMatchObject([{ payload: { entitlement: 'groups', percent: 100 } }])

    const post = (n: number) =>
      createDelivery(db, tenantId, {
        accountId,
        contactId: null,
        chatId: -1_000_000_000_000 - n,
        messageClass: 'transactional',
        dueAt: NOON - 1,
      })
    const [held, free] = [await post(51), await post(50)]
    const reserve = async (now: number) =>
      (await run((tx) => reserveSlots(tx, { accountId, now, limit: 10 }))).reserved.map((r) => r.deliveryId)
    expect(await reserve(NOON)).toEqual([free])
    const waiting = await db.selectFrom('delivery').selectAll().where('id', '=', held).executeTakeFirstOrThrow()
    expect(waiting).toMatchObject({ state: 'deferred', reason: 'group_over_package' })

    await be(7, 'left', NOON + MINUTE_MS)
    expect(await overIds()).toEqual([])
    expect(await reserve(NOON + 6 * MINUTE_MS)).toEqual([held])

    await be(7, 'member', NOON + 2 * MINUTE_MS)
    // Known before the 51st, so it comes back before it.
    expect(await overIds()).toEqual([51])
    await move('professional')
    expect(await run((tx) => fitGroupsToPackage(tx, NOON))).toEqual({ held: 0, freed: 1 })
    await move('starter')
    expect(await run((tx) => fitGroupsToPackage(tx, NOON))).toEqual({ held: 1, freed: 0 })
    expect(await run((tx) => fitGroupsToPackage(tx, NOON))).toEqual({ held: 0, freed: 0 })
    expect((await run((tx) => listChats(tx, {}, { limit: 500 }))).chats).toHaveLength(52)
  }, 60_000)

  it('never looks at the groups of another tenant', async () => {
    const [mine, theirs] = [await scene('starter'), await scene('starter')]
    for (let n = 1; n <= 51; n += 1) await mine.be(n, 'member')
    await theirs.be(1, 'member')
    expect(await theirs.overIds()).toEqual([])
    await theirs.run((tx) => fitGroupsToPackage(tx, NOON))
    expect(await mine.overIds()).toEqual([51])
  }, 60_000)
})
