import { beforeAll, describe, expect, it } from 'vitest'

import { toDate } from '#server/base/clock.ts'
import { HOUR_MS } from '#server/base/duration.ts'
import { type Db, createDb } from '#server/db/pool.ts'
import { inTenant } from '#server/db/tenant-scope.ts'
import { upsertInbound } from '#server/modules/conversations/index.ts'
import { type CliRunner, createCliRunner } from '#server/testing/cli.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { NOON, createAccount, createContact, createTenant } from '#server/testing/factories.ts'

let db: Db
let cli: CliRunner
let tenantId: number
let accountId: number

beforeAll(async () => {
  db = createDb((await createTestDatabase()).pool)
  cli = createCliRunner(db)
  tenantId = await createTenant(db)
  accountId = await createAccount(db, tenantId)
})

const draft = async (findings: readonly string[] = ['price']): Promise<string> => {
  const contactId = await createContact(db, tenantId, { accountId })
  const conversation = await inTenant(db, tenantId, (tx) =>
    upsertInbound(tx, { accountId, contactId, messageId: 5, at: NOON }),
  )
  const { id } = await db
    .insertInto('reply_draft')
    .values({
      tenant_id: tenantId,
      turn_id: 1,
      conversation_id: conversation.id,
      account_id: accountId,
      contact_id: contactId,
      text: 'VIP 99 TL',
      language: 'tr',
      confidence_ratio: 0.4,
      intent: 'fiyat',
      findings: JSON.stringify(findings),
      seen_message_id: 5,
      model: 'test',
      prompt_version: 1,
      created_at: toDate(NOON),
      expires_at: toDate(NOON + HOUR_MS),
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  return String(id)
}

describe('gavatcore drafts', () => {
  it('says how to get drafts where there are none', async () => {
    expect((await cli.run(['drafts', 'list'])).out).toContain('--mode hybrid')
  })

  it('lists what waits, with what the checks found, and shows how to decide', async () => {
    const id = await draft()
    const { out } = await cli.run(['drafts', 'list'])
    expect(out).toContain('an amount that is not in the catalogue')
    expect((await cli.run(['drafts', 'show', id])).out).toContain(`gavatcore drafts approve ${id}`)
  })

  it('approves, corrects and rejects, each once', async () => {
    const [approved, edited, rejected] = [await draft([]), await draft(), await draft()]
    expect(await cli.json(['drafts', 'approve', approved])).toMatchObject({ state: 'approved', decidedBy: 'cli' })
    expect((await cli.run(['drafts', 'approve', edited])).err).toContain('that the catalogue does not have')
    expect(await cli.json(['drafts', 'edit', edited, '--text', 'VIP 250 TL'])).toMatchObject({
      state: 'edited',
      editedText: 'VIP 250 TL',
    })
    expect(await cli.json(['drafts', 'reject', rejected])).toMatchObject({ state: 'rejected', deliveryId: null })
    const again = await cli.run(['drafts', 'approve', rejected])
    expect(again.code).not.toBe(0)
    expect(again.err).toContain('decided already: rejected')
    expect((await cli.run(['drafts', 'edit', rejected])).err).toContain('--text')
    expect(await cli.json(['drafts', 'list', '--state', 'rejected'])).toHaveLength(1)
  })

  it('sets how long drafts wait and what is said meanwhile', async () => {
    const account = String(accountId)
    const given = ['--draft-life', '30', '--holding-message', 'Dönüyoruz', '--confidence', '0.8', '--follow-ups', 'on']
    const { out } = await cli.run(['personas', 'set', account, ...given])
    for (const text of ['30 min', 'Dönüyoruz', '80', 'on']) expect(out).toContain(text)
    expect((await cli.run(['personas', 'set', account, '--holding-message', '-'])).out).toContain('none')
    const refused = await cli.run(['personas', 'set', account, '--holding-message', 'porno arşivi'])
    expect(refused.code).not.toBe(0)
  })
})
