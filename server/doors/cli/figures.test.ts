import { beforeAll, describe, expect, it } from 'vitest'

import { toDate } from '#server/base/clock.ts'
import { DAY_MS, HOUR_MS } from '#server/base/duration.ts'
import { createDb } from '#server/db/pool.ts'
import { type CliRunner, createCliRunner } from '#server/testing/cli.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { NOON, createAccount, createContact, createDelivery, createTenant } from '#server/testing/factories.ts'

let cli: CliRunner

beforeAll(async () => {
  const db = createDb((await createTestDatabase()).pool)
  cli = createCliRunner(db)
  const tenantId = await createTenant(db)
  const accountId = await createAccount(db, tenantId)
  const contactId = await createContact(db, tenantId, { at: NOON - DAY_MS })
  const send = (sentAt: number) => createDelivery(db, tenantId, { accountId, contactId, chatId: 5, sentAt })
  const answered = await send(NOON - HOUR_MS)
  await send(NOON - 2 * DAY_MS)
  await send(NOON - 8 * DAY_MS)
  await db
    .updateTable('delivery')
    .set({ responded_at: toDate(NOON) })
    .where('id', '=', answered)
    .execute()
})

describe('figures', () => {
  it('are shown beside those of the days before, as a table and for programs', async () => {
    const { out } = await cli.run(['figures'])
    expect(out).toMatch(/Delivered\s+2\s+1/)
    expect(out).toMatch(/Answered\s+1\s+0/)
    expect(await cli.json(['figures', '--days', '2'])).toMatchObject({
      days: 2,
      figures: { tried: 1, delivered: 1, answered: 1, joined: 1 },
      before: { delivered: 1, answered: 0, joined: 0 },
    })
  })

  it('are of one to ninety days', async () => {
    const { code, err } = await cli.run(['figures', '--days', '91'])
    expect(code).not.toBe(0)
    expect(err).toContain('90')
  })
})
