import { beforeAll, describe, expect, it } from 'vitest'

import { toDate } from '#server/base/clock.ts'
import { type Db, createDb } from '#server/db/pool.ts'
import { inTenant } from '#server/db/tenant-scope.ts'
import { detectSpam, recordChat } from '#server/modules/groups/index.ts'
import { type CliRunner, createCliRunner } from '#server/testing/cli.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { NOON, createAccount, createContact, createTenant } from '#server/testing/factories.ts'

let run: CliRunner['run']
let json: CliRunner['json']
let chatId: number

beforeAll(async () => {
  const db: Db = createDb((await createTestDatabase()).pool)
  const runner = createCliRunner(db)
  run = runner.run
  json = runner.json
  const tenantId = await createTenant(db, { package: 'enterprise', limits: { per_minute_max: 6 } })
  const accountId = await createAccount(db, tenantId)
  const contactId = await createContact(db, tenantId)
  await inTenant(db, tenantId, async (tx) => {
    const chat = { telegramId: -1_000_000_000_123, kind: 'supergroup', title: 'Müşteriler', username: null } as const
    chatId = await recordChat(tx, { chat, at: NOON, memberCount: 1_234 })
    const message = { contactId, chatTelegramId: chat.telegramId, messageId: 1, updateId: 1, hasLink: false }
    await detectSpam(tx, accountId, [{ ...message, at: NOON - 1_000, text: 'Alooooo' }])
  })
  await db
    .updateTable('chat')
    .set({ over_package_since: toDate(NOON) })
    .where('id', '=', chatId)
    .execute()
})

describe('groups', () => {
  it('lists groups, says which are beyond the package, and counts what was seen in them', async () => {
    const { out } = await run(['groups', 'list'])
    expect(out).toContain('Müşteriler')
    expect(out).toContain('1,234')
    expect(out).toContain('one group more than the package allows')
    expect((await run(['groups', 'spam'])).out).toMatch(/Müşteriler\s+repeated character\s+1\s+1/)
    expect(await json(['groups', 'spam', '--days', '1', '--in-chat', String(chatId)])).toMatchObject([{ findings: 1 }])
    expect((await run(['groups', 'spam', '--in-chat', '99999999'])).out).toContain('No sign of spam')
  })

  it('shows protection, sets it for all groups or one, and refuses what is weaker', async () => {
    expect((await run(['groups', 'protect'])).out).toMatch(/Messages in a row\s+5/)
    const set = ['groups', 'protect', '--level', 'custom', '--burst-messages', '3', '--add-word', 'rakip*']
    expect(await json([...set, '--per-minute-max', '2'])).toMatchObject({
      level: 'custom',
      parameters: { burstMessages: 3, emojiMax: 10 },
      words: ['rakip*'],
      limits: { own: { perMinuteMax: 2 } },
    })
    expect(await json(['groups', 'protect', '--emoji-max', '4', '--remove-word', 'rakip*'])).toMatchObject({
      parameters: { burstMessages: 3, emojiMax: 4 },
      words: [],
    })
    expect(await json(['groups', 'protect', '--per-minute-max', 'off', '--clear'])).toMatchObject({
      own: {},
      limits: { own: { perMinuteMax: null } },
    })
    const inChat = ['groups', 'protect', '--in-chat', String(chatId)]
    expect(await json([...inChat, '--emoji-max', '1'])).toMatchObject({ parameters: { emojiMax: 1 } })
    expect((await run(inChat)).out).toMatch(/Emoji at most\s+1/)
    const weaker = await run(['groups', 'protect', '--burst-messages', '9'])
    expect(weaker.code).toBe(64)
    expect(weaker.err).toContain('burstMessages must be a whole number from 2 to 5')
    expect((await run([...inChat, '--level', 'basic'])).err).toContain('whole tenant')
  })
})
