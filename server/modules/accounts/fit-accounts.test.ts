import { beforeAll, describe, expect, it } from 'vitest'

import { DAY_MS } from '#server/base/duration.ts'
import { type Db, createDb } from '#server/db/pool.ts'
import { inTenant } from '#server/db/tenant-scope.ts'
import { activateSubscription } from '#server/modules/billing/index.ts'
import { listAudit } from '#server/modules/tenancy/index.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { NOON, createAccount, createTenant } from '#server/testing/factories.ts'

import { fitAccountsToPackage, listAccounts, pauseAccount, resumeAccount } from './index.ts'

let db: Db

beforeAll(async () => {
  db = createDb((await createTestDatabase()).pool)
})

const by = { by: 'member:1', at: NOON }

/** A tenant on the package with accounts linked one after the other. */
const shop = async (count: number) => {
  const tenantId = await createTenant(db, { package: 'enterprise' })
  const ids: number[] = []
  for (let i = 0; i < count; i += 1)
    ids.push(await createAccount(db, tenantId, { linkedAt: NOON - (count - i) * DAY_MS }))
  const fit = () => inTenant(db, tenantId, (tx) => fitAccountsToPackage(tx, NOON))
  const states = async () => (await inTenant(db, tenantId, listAccounts)).map((a) => [a.state, a.stateReason])
  let paid = 0
  const take = (name: string, addOns?: Record<string, number>) =>
    inTenant(db, tenantId, (tx) =>
      activateSubscription(tx, {
        tenantId,
        package: name,
        periodDays: 30,
        paidMinor: 1,
        reference: `SIG${tenantId}X${(paid += 1)}`,
        at: NOON,
        ...(addOns && { addOns }),
      }),
    )
  return { tenantId, ids, fit, states, take }
}

const OVER = ['paused', 'over_package_limit']
const ON = ['active', null]

describe('fitAccountsToPackage', () => {
  it('pauses what was linked last after a downgrade, removes nothing, and lets it work again after an upgrade', async () => {
    const { tenantId, fit, states, take } = await shop(3)
    expect(await fit()).toEqual({ paused: 0, resumed: 0 })
    await take('starter')
    expect(await fit()).toEqual({ paused: 2, resumed: 0 })
    expect(await states()).toEqual([ON, OVER, OVER])
    expect(await fit()).toEqual({ paused: 0, resumed: 0 })
    await take('starter', { extra_bot: 1 })
    expect(await fit()).toEqual({ paused: 0, resumed: 1 })
    expect(await states()).toEqual([ON, ON, OVER])
    expect((await inTenant(db, tenantId, (tx) => listAudit(tx, null, 10))).map((line) => line.action)).toContain(
      'account.paused',
    )
  })

  it('leaves alone what people paused', async () => {
    const { tenantId, ids, fit, states, take } = await shop(3)
    await inTenant(db, tenantId, (tx) => pauseAccount(tx, ids[0] ?? 0, 'tatil', by))
    await take('starter')
    await fit()
    expect(await states()).toEqual([['paused', 'tatil'], ON, OVER])
  })
})

describe('resumeAccount', () => {
  it('lets no more accounts work than the package allows', async () => {
    const { tenantId, ids, fit, take } = await shop(2)
    await take('starter')
    await fit()
    const resume = () => inTenant(db, tenantId, (tx) => resumeAccount(tx, ids[1] ?? 0, by))
    await expect(resume()).rejects.toMatchObject({
      kind: 'limit_reached',
      code: 'accounts_working',
      params: { limit: 1, used: 1, package: 'starter' },
    })
    await inTenant(db, tenantId, (tx) => pauseAccount(tx, ids[0] ?? 0, 'sıra ötekinde', by))
    expect(await resume()).toMatchObject({ state: 'active', stateReason: null })
  })
})
