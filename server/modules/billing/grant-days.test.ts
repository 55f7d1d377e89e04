import { beforeAll, describe, expect, it } from 'vitest'

import { DAY_MS } from '#server/base/duration.ts'
import { type Db, createDb } from '#server/db/pool.ts'
import { asOperator, inTenant } from '#server/db/tenant-scope.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { NOON, createTenant } from '#server/testing/factories.ts'

import { grantDays } from './grant-days.ts'
import { startSubscription } from './start-subscription.ts'
import { getSubscription } from './subscription.store.ts'

let db: Db
let serial = 0
beforeAll(async () => {
  db = createDb((await createTestDatabase()).pool)
})

/** A tenant on its trial of fourteen days. */
const onTrial = async (): Promise<number> => {
  const tenant = await createTenant(db)
  await asOperator(db, 'test', (tx) => startSubscription(tx, { tenantId: tenant, package: 'trial', at: NOON }))
  return tenant
}
const grant = (tenant: number, days: number, at = NOON, reference = `panel:${(serial += 1)}`) =>
  inTenant(db, tenant, (tx) => grantDays(tx, { days, reference, by: 'operator:5', at }))

describe('grantDays', () => {
  it('lengthens a running period, a trial too, and writes before and after into the audit log', async () => {
    const tenant = await onTrial()
    const { subscription } = await grant(tenant, 30)
    expect(subscription).toMatchObject({ state: 'trial', periodStartsAt: NOON, periodEndsAt: NOON + 44 * DAY_MS })
    const audit = await db.selectFrom('audit_log').selectAll().where('action', '=', 'subscription.granted').execute()
    expect(audit).toMatchObject([
      {
        actor: 'operator:5',
        tenant_id: tenant,
        detail: { days: 30, before: NOON + 14 * DAY_MS, after: NOON + 44 * DAY_MS },
      },
    ])
  })

  it('begins anew from now where the period is over', async () => {
    const tenant = await onTrial()
    const late = NOON + 100 * DAY_MS
    await grant(tenant, 7, late)
    const after = await inTenant(db, tenant, getSubscription)
    expect(after).toMatchObject({ periodStartsAt: late, periodEndsAt: late + 7 * DAY_MS })
  })

  it('gives once for one reference, also to two at the same time', async () => {
    const tenant = await onTrial()
    const ends = await Promise.all([1, 2, 3].map(() => grant(tenant, 10, NOON, 'panel:same')))
    expect(ends.filter((end) => end.isNew)).toHaveLength(1)
    expect((await inTenant(db, tenant, getSubscription)).periodEndsAt).toBe(NOON + 24 * DAY_MS)
  })

  it('refuses days out of range and licences without an end', async () => {
    const tenant = await onTrial()
    for (const days of [0, -1, 1.5, 367, Number.NaN])
      await expect(grant(tenant, days)).rejects.toMatchObject({ code: 'whole_number_expected', params: { max: 366 } })
    await expect(grant(await createTenant(db), 5)).rejects.toMatchObject({ code: 'licence_endless' })
  })
})
