import { beforeAll, describe, expect, it } from 'vitest'

import { toDate } from '#server/base/clock.ts'
import { type Db, createDb } from '#server/db/pool.ts'
import { type CliRunner, createCliRunner } from '#server/testing/cli.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { NOON, createAccount, createContact, createDelivery, createTenant } from '#server/testing/factories.ts'

let db: Db
let cli: CliRunner
let tenantId: number

beforeAll(async () => {
  db = createDb((await createTestDatabase()).pool)
  cli = createCliRunner(db)
  tenantId = await createTenant(db)
})

const written = async (): Promise<string> => {
  const accountId = await createAccount(db, tenantId)
  const contactId = await createContact(db, tenantId, { accountId })
  const deliveryId = await createDelivery(db, tenantId, { accountId, contactId, chatId: 5 })
  const { id } = await db
    .insertInto('delivery_slot')
    .values({
      tenant_id: tenantId,
      delivery_id: deliveryId,
      contact_id: contactId,
      slot: 'hello',
      state: 'proposed',
      text: 'Hoş geldin',
      findings: '[]',
      wording_hash: 1,
      persona_version: 0,
      model: 'test',
      prompt_version: 1,
      created_at: toDate(NOON),
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  return String(id)
}

describe('gavatcore slots', () => {
  it('says how texts come about where there are none', async () => {
    expect((await cli.run(['slots', 'list'])).out).toContain('slotBriefs')
  })

  it('lists what waits, decides about several at once, and refuses to decide twice', async () => {
    const ids = [await written(), await written()]
    expect((await cli.run(['slots', 'list'])).out).toContain('Hoş geldin')
    expect(await cli.json(['slots', 'approve', ...ids])).toMatchObject({ length: 2 })
    const again = await cli.run(['slots', 'approve', ids[0] ?? ''])
    expect(again.code).not.toBe(0)
    expect(again.err).toContain('approved')
    expect((await cli.run(['slots', 'list', '--state', 'proposed'])).out).not.toContain('Hoş geldin')
  })

  it('shows and sets who approves', async () => {
    expect((await cli.run(['slots', 'review'])).out).toContain('member approves')
    expect((await cli.run(['slots', 'review', 'checks'])).out).toContain('AI wrote')
    expect((await cli.run(['slots', 'review'])).out).toContain('AI wrote')
  })

  it('asks no model in a rehearsal', async () => {
    expect((await cli.run(['slots', 'write', '--dry-run'])).code).not.toBe(0)
  })
})
