import { beforeAll, describe, expect, it } from 'vitest'

import type { Segment } from '#contract/words.ts'
import { toDate } from '#server/base/clock.ts'
import { DAY_MS } from '#server/base/duration.ts'
import { type Db, createDb } from '#server/db/pool.ts'
import { inTenant } from '#server/db/tenant-scope.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { NOON, createAccount, createContact, createDelivery, createTenant } from '#server/testing/factories.ts'

import { reportSegments } from './report-segments.ts'

let db: Db

beforeAll(async () => {
  db = createDb((await createTestDatabase()).pool)
})

/** A delivery sent at noon, with these outcomes. */
const send = async (
  tenantId: number,
  segment: Segment,
  sentAt: number,
  outcome: { readonly responded?: boolean } = {},
) => {
  const accountId = await createAccount(db, tenantId)
  const contactId = await createContact(db, tenantId, { accountId })
  const id = await createDelivery(db, tenantId, { accountId, contactId, chatId: 1, sentAt })
  const respondedAt = outcome.responded ? toDate(sentAt + 1_000) : null
  await db.updateTable('delivery').set({ segment, responded_at: respondedAt }).where('id', '=', id).execute()
}

const period = { since: NOON - DAY_MS, until: NOON + DAY_MS }

describe('reportSegments', () => {
  it('counts what was sent and answered, per segment', async () => {
    const tenantId = await createTenant(db)
    await send(tenantId, 'ENGAGED', NOON, { responded: true })
    await send(tenantId, 'ENGAGED', NOON)
    await send(tenantId, 'LURKER', NOON)
    const rows = await inTenant(db, tenantId, (tx) => reportSegments(tx, period))
    expect(rows.find((row) => row.segment === 'ENGAGED')).toMatchObject({ sent: 2, responded: 1, responseRatio: 0.5 })
    expect(rows.find((row) => row.segment === 'LURKER')).toMatchObject({ sent: 1, responded: 0, responseRatio: 0 })
  })

  it('leaves out what was sent outside the period, and its end is not part of it', async () => {
    const tenantId = await createTenant(db)
    await send(tenantId, 'ENGAGED', period.since - 1)
    await send(tenantId, 'ENGAGED', period.until)
    await send(tenantId, 'ENGAGED', period.since)
    const rows = await inTenant(db, tenantId, (tx) => reportSegments(tx, period))
    expect(rows.find((row) => row.segment === 'ENGAGED')?.sent).toBe(1)
  })

  it('sees nothing of another tenant', async () => {
    const [mine, other] = [await createTenant(db), await createTenant(db)]
    await send(other, 'ENGAGED', NOON)
    const rows = await inTenant(db, mine, (tx) => reportSegments(tx, period))
    expect(rows.every((row) => row.sent === 0)).toBe(true)
  })

  it('refuses a period that ends before it begins', async () => {
    const tenantId = await createTenant(db)
    const report = inTenant(db, tenantId, (tx) => reportSegments(tx, { since: NOON, until: NOON }))
    await expect(report).rejects.toMatchObject({ kind: 'invalid', code: 'period_empty' })
  })
})

describe('reportSegments on a package', () => {
  it.each([
    ['starter', 30, 31.5, 'professional'],
    ['professional', 90, 92, 'enterprise'],
  ] as const)(
    'looks back from %s over %i days, and names for %d the package that does',
    async (name, days, more, by) => {
      const tenantId = await createTenant(db, { package: name })
      const look = (length: number) =>
        inTenant(db, tenantId, (tx) => reportSegments(tx, { since: NOON - length * DAY_MS, until: NOON + 1 }))
      expect(await look(days)).toHaveLength(12)
      await expect(look(more)).rejects.toMatchObject({
        code: 'package_feature',
        params: { package: name, liftedBy: by },
      })
    },
  )
})
