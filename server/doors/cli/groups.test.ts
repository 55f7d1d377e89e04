import { beforeAll, describe, expect, it } from 'vitest'

import { toDate } from '#server/base/clock.ts'
import { type Db, createDb } from '#server/db/pool.ts'
import { inTenant } from '#server/db/tenant-scope.ts'
import { detectSpam, recordChat, recordJoinRequest, recordOwnMembership } from '#server/modules/groups/index.ts'
import { type CliRunner, createCliRunner } from '#server/testing/cli.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { NOON, createAccount, createContact, createTenant } from '#server/testing/factories.ts'

let run: CliRunner['run']
let json: CliRunner['json']
let chatId: number
let accountId: number
let contactId: number

beforeAll(async () => {
  const db: Db = createDb((await createTestDatabase()).pool)
  const runner = createCliRunner(db)
  run = runner.run
  json = runner.json
  const tenantId = await createTenant(db, { package: 'enterprise', limits: { per_minute_max: 6 } })
  accountId = await createAccount(db, tenantId)
  contactId = await createContact(db, tenantId)
  await inTenant(db, tenantId, async (tx) => {
    const chat = { telegramId: -1_000_000_000_123, kind: 'supergroup', title: 'Müşteriler', username: null } as const
    chatId = await recordChat(tx, { chat, at: NOON, memberCount: 1_234 })
    const own = { status: 'administrator', rights: { can_delete_messages: true } } as const
    await recordOwnMembership(tx, { accountId, chat, own, at: NOON - 10_000 })
    const message = { contactId, chatTelegramId: chat.telegramId, messageId: 1, updateId: 1, hasLink: false }
    await recordJoinRequest(tx, {
      accountId,
      chatTelegramId: chat.telegramId,
      contactId,
      isViaOwnLink: false,
      requestedAt: NOON - 60_000,
      now: NOON,
    })
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

  it('shows a group, our accounts there, and finds it by part of its name', async () => {
    const { out } = await run(['groups', 'show', String(chatId)])
    expect(out).toMatch(/Members\s+1,234/)
    expect(out).toMatch(/administrator\s+deletes messages\s+yes/)
    expect(await json(['groups', 'list', '--find', 'müşter'])).toMatchObject({ chats: [{ id: chatId }] })
    expect(await json(['groups', 'list', '--find', 'yok'])).toMatchObject({ chats: [] })
    expect((await run(['groups', 'show', '999999'])).code).not.toBe(0)
  })

  it('sets welcome and rules, and takes them away', async () => {
    const group = String(chatId)
    expect((await run(['groups', 'welcome', group])).out).toContain('Nothing is said')
    expect((await run(['groups', 'welcome', group, '--text', 'Merhaba'])).err).toContain('Which account speaks')
    const set = ['--text', 'Hoş geldin {{names}}', '--account', String(accountId), '--gather', '30']
    expect(await json(['groups', 'welcome', group, ...set])).toMatchObject({ welcomeGatherSeconds: 30 })
    expect((await run(['groups', 'rules', group, '--text', 'Saygılı olun.'])).out).toMatch(/Rules:\nSaygılı olun/)
    expect(await json(['groups', 'welcome', group, '--text', '-'])).toMatchObject({
      welcomeText: null,
      rulesText: 'Saygılı olun.',
    })
  })

  it('adds posts by schedule, shows what comes and what was, pauses and removes them', async () => {
    const add = ['groups', 'posts', 'add', '--in-chat', String(chatId), '--account', String(accountId)]
    const post = [...add, '--name', 'Sabah', '--text', 'Günaydın!', '--time', '09:00', '--weekdays', '1,3']
    const { posts } = (await json(post)) as { posts: { id: number; upcoming: number[] }[] }
    expect(posts[0]?.upcoming).toHaveLength(5)
    const id = String(posts[0]?.id)
    expect((await run(['groups', 'posts'])).out).toMatch(/Sabah.*active.*days 1, 3 at 09:00/)
    expect((await run(['groups', 'posts', 'pause', id])).out).toMatch(/paused: paused by hand/)
    expect((await run(['groups', 'posts', 'resume', id])).out).toContain('Not posted yet.')
    expect((await run(['groups', 'posts', 'on', String(chatId)])).out).toContain('Sabah')
    expect(await json(['groups', 'posts', 'remove', id])).toMatchObject({ posts: [] })
    expect((await run([...add, '--name', 'x', '--text', 'x'])).err).toContain('schedule is not understood')
  })

  it('sets what follows from spam, keeps the log, answers requests and the directory', async () => {
    expect((await run(['groups', 'moderation'])).out).toContain('log is empty')
    const set = ['groups', 'moderation', 'set', String(chatId), '--action', 'delete', '--after', '1']
    expect(await json(set)).toMatchObject({ action: 'delete', afterFindings: 1, restrictMinutes: 60 })
    const trust = ['groups', 'moderation', 'trust', String(contactId), '--in-chat', String(chatId)]
    expect(await json(trust)).toMatchObject({ trustedContactIds: [contactId] })
    expect((await run(['groups', 'moderation', 'undo', '999999'])).code).not.toBe(0)
    const [request] = (await json(['groups', 'requests'])) as { id: number }[]
    expect((await run(['groups', 'requests'])).out).toContain('it is for you to decide')
    expect(await json(['groups', 'requests', 'decline', String(request?.id)])).toMatchObject([{ state: 'failed' }])
    const rule = ['groups', 'requests', 'rule', String(chatId), '--admit', 'premium', '--otherwise', 'decline']
    expect(await json(rule)).toEqual({ admit: 'premium', otherwise: 'decline' })
    expect((await run(['groups', 'directory', '--add', '@komsular', '--note', 'komşu'])).out).toContain('@komsular')
    expect(await json(['groups', 'directory', '--remove', 'komsular'])).toMatchObject({ listings: [] })
  })
})
