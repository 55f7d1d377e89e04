import { beforeAll, describe, expect, it } from 'vitest'

import { DAY_MS, HOUR_MS } from '#server/base/duration.ts'
import { type Db, createDb } from '#server/db/pool.ts'
import { inTenant } from '#server/db/tenant-scope.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { NOON, createAccount, createContact, createDelivery, createTenant } from '#server/testing/factories.ts'

import { reportDays } from './report-days.ts'

describe('reportDays', () => {
  let db: Db
  beforeAll(async () => {
    db = createDb((await createTestDatabase()).pool)
  })

  it("counts by the tenant's calendar, with a row for each day and strangers left out", async () => {
    const tenantId = await createTenant(db, { timeZone: 'Europe/Istanbul' })
    const stranger = await createTenant(db)
    const accountId = await createAccount(db, tenantId)
    const contactId = await createContact(db, tenantId, { at: NOON - 20 * DAY_MS })
    const send = (tenant: number, account: number, sentAt: number) =>
      createDelivery(db, tenant, {
        accountId: account,
        contactId: tenant === tenantId ? contactId : null,
        chatId: 5,
        sentAt,
      })
    // 23:30 UTC of the day before is already today in Istanbul.
    await send(tenantId, accountId, NOON - 9.5 * HOUR_MS)
    await send(tenantId, accountId, NOON)
    await send(tenantId, accountId, NOON - 2 * DAY_MS)
    await send(tenantId, accountId, NOON - 8 * DAY_MS)
    await send(stranger, await createAccount(db, stranger), NOON)
    await createContact(db, tenantId, { at: NOON })
    const days = await inTenant(db, tenantId, (tx) => reportDays(tx, { days: 3, now: NOON }))
    expect(days).toEqual([
      { on: '2026-05-30', sent: 1, answered: 0, joined: 0, stopped: 0 },
      { on: '2026-05-31', sent: 0, answered: 0, joined: 0, stopped: 0 },
      { on: '2026-06-01', sent: 2, answered: 0, joined: 1, stopped: 0 },
    ])
  })

  it('refuses a number of days that is none', async () => {
    const tenantId = await createTenant(db)
    await expect(inTenant(db, tenantId, (tx) => reportDays(tx, { days: 0, now: NOON }))).rejects.toMatchObject({
      code: 'whole_number_expected',
    })
  })
})
