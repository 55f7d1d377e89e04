import fc from 'fast-check'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'

import { HOUR_MS, MINUTE_MS, SECOND_MS } from '#server/base/duration.ts'
import { type Db, createDb } from '#server/db/pool.ts'
import { inTenant } from '#server/db/tenant-scope.ts'
import { eraseContact } from '#server/modules/contacts/index.ts'
import { recordOwnMembership } from '#server/modules/groups/index.ts'
import { setChatVoice } from '#server/modules/posts/index.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { NOON, createAccount, createUserAccount } from '#server/testing/factories.ts'
import { ownerAt } from '#server/testing/groups-world.ts'

import { ayse, memberUpdate, messageUpdate, supergroup } from './update-factories.suite.ts'
import { type UpdatesWorld, createUpdatesWorld } from './updates-world.suite.ts'

let db: Db
let world: UpdatesWorld
let bot: { readonly id: number; readonly username: string }

beforeAll(async () => {
  db = createDb((await createTestDatabase()).pool)
})

const enter = (accountId: number) =>
  inTenant(db, world.tenantId, (tx) =>
    recordOwnMembership(tx, {
      accountId,
      chat: { telegramId: supergroup.id, kind: 'supergroup', title: supergroup.title, username: null },
      own: { status: 'administrator', rights: { can_delete_messages: true } },
      at: NOON - HOUR_MS,
    }),
  )
const botOf = async (accountId: number) => {
  const row = await db
    .selectFrom('account')
    .select(['telegram_id', 'username'])
    .where('id', '=', accountId)
    .executeTakeFirstOrThrow()
  return { id: row.telegram_id, username: row.username ?? '' }
}
const voice = async (change: Omit<Parameters<typeof setChatVoice>[1], 'chatId'>) => {
  const { id } = await db
    .selectFrom('chat')
    .select('id')
    .where('tenant_id', '=', world.tenantId)
    .executeTakeFirstOrThrow()
  await inTenant(db, world.tenantId, (tx) =>
    setChatVoice(tx, { chatId: id, accountId: world.accountId, ...change }, ownerAt(NOON)),
  )
}

beforeEach(async () => {
  world = await createUpdatesWorld(db)
  await enter(world.accountId)
  bot = await botOf(world.accountId)
})

const SECOND = Math.floor(NOON / SECOND_MS)
const bora = { ...ayse, id: 777, first_name: 'Bora' }

/** A message in the group, with its mentions marked as Telegram marks them. */
const says = (text: string, over: { person?: typeof ayse; repliesTo?: number; seconds?: number } = {}) => {
  const update = messageUpdate(text, {
    chat: supergroup,
    date: SECOND + (over.seconds ?? -1),
    ...(over.person && { person: over.person }),
  })
  const entities = [...text.matchAll(/@\w+/g)].map((match) => ({
    type: 'mention',
    offset: match.index,
    length: match[0].length,
  }))
  return {
    ...update,
    message: {
      ...update.message,
      ...(entities.length > 0 && { entities }),
      ...(over.repliesTo !== undefined && { reply_to_message: { message_id: 1, from: { id: over.repliesTo } } }),
    },
  }
}
const groupPosts = async () => {
  const rows = await db
    .selectFrom('delivery')
    .selectAll()
    .where('tenant_id', '=', world.tenantId)
    .where('chat_id', '=', supergroup.id)
    .orderBy('id')
    .execute()
  return rows.map((row) => ({ ...row, said: row.content as { text: string; buttons: { url: string }[][] } }))
}

describe('respondInGroups', () => {
  it('keeps silent unless it is mentioned, replied to or given a command', async () => {
    await world.process(
      says('merhaba'),
      says('@baskasi selam', { person: bora }),
      says('/baslat'),
      says('/rules@baska_bot'),
      says('katılıyorum', { repliesTo: 12 }),
    )
    expect(await groupPosts()).toEqual([])
  })

  it('shows whoever mentions it the way into the private chat, once an hour a person', async () => {
    await world.process(says(`@${bot.username.toUpperCase()} fiyat nedir?`))
    const [first] = await groupPosts()
    expect(first).toMatchObject({ contact_id: null, message_class: 'reply', source: 'system' })
    expect(first?.said.text).toContain('özel sohbet')
    expect(first?.said.buttons[0]?.[0]?.url).toMatch(new RegExp(`^https://t.me/${bot.username}[?]start=grp[0-9a-z]+$`))
    await world.process(says('peki?', { repliesTo: bot.id }), says(`@${bot.username}`))
    expect(await groupPosts()).toHaveLength(1)
    await world.process(says('ben de sorayım', { person: bora, repliesTo: bot.id }))
    expect(await groupPosts()).toHaveLength(2)
    world.advance(HOUR_MS + MINUTE_MS)
    await world.process(says('ya şimdi?', { repliesTo: bot.id, seconds: 3_640 }))
    expect(await groupPosts()).toHaveLength(3)
  })

  it('shows each of several who mention it together the way once, by their first message', async () => {
    const [first, second, third] = [
      says(`@${bot.username} selam`),
      says(`@${bot.username} ben de`, { person: bora }),
      says(`@${bot.username} orada mısın?`),
    ]
    await world.process(first, second, third)
    const keys = (await groupPosts()).map((post) => post.dedupe_key)
    expect(keys).toEqual(
      [first, second].map(({ message }) => `pointer:${world.accountId}:${supergroup.id}:${message.message_id}`),
    )
  })

  it('says the rules when asked, for this account or nobody in particular, once a minute', async () => {
    await world.process(says('/kurallar'))
    expect(await groupPosts()).toEqual([])
    await voice({ rulesText: '<b>Saygı</b> esastır.' })
    await world.process(says('/kurallar'), says(`/rules@${bot.username}`, { person: bora }))
    expect((await groupPosts()).map(({ said }) => said.text)).toEqual(['<b>Saygı</b> esastır.'])
  })

  it('does not answer what was said long ago', async () => {
    await world.process(says(`@${bot.username} selam`, { seconds: -11 * 60 }))
    expect(await groupPosts()).toEqual([])
  })

  it("ignores a person's own account of the tenant", async () => {
    const own = await db
      .selectFrom('account')
      .select('telegram_id')
      .where('id', '=', await createUserAccount(db, world.tenantId))
      .executeTakeFirstOrThrow()
    await world.process(says(`@${bot.username} selam`, { person: { ...ayse, id: own.telegram_id } }))
    expect(await groupPosts()).toEqual([])
  })

  it('says nothing because of a bot: two of our accounts in one group never talk to each other', async () => {
    const second = await createAccount(db, world.tenantId)
    await enter(second)
    const other = await botOf(second)
    const bots = [
      { ...bot, accountId: world.accountId },
      { ...other, accountId: second },
    ]
    const lanes = bots.map(({ accountId }) => world.laneFor(world.tenantId, accountId))
    const line = fc.record({
      by: fc.integer({ min: 0, max: 1 }),
      kind: fc.constantFrom('mention' as const, 'reply' as const, 'command' as const, 'words' as const),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(line, { minLength: 1, maxLength: 6 }), async (lines) => {
        const before = (await groupPosts()).length
        for (const { by, kind } of lines) {
          const [speaker, listener] = by === 0 ? [bots[0], bots[1]] : [bots[1], bots[0]]
          if (!speaker || !listener) continue
          const person = { id: speaker.id, is_bot: true, first_name: 'Bot', language_code: 'tr', last_name: '' }
          const text = { mention: `@${listener.username} selam`, command: '/kurallar', words: 'selam', reply: 'evet' }
          const update = says(text[kind], { person, ...(kind === 'reply' && { repliesTo: listener.id }) })
          // Telegram keeps bots' messages from each other; if it ever did not, nothing would come of them either.
          await world.receiveFor({ tenantId: world.tenantId, accountId: listener.accountId }, [update])
          for (const lane of lanes) await lane.drain()
        }
        expect((await groupPosts()).length).toBe(before)
      }),
      { numRuns: 15 },
    )
    const known = await db.selectFrom('contact').select('telegram_id').where('tenant_id', '=', world.tenantId).execute()
    expect(known.map((row) => row.telegram_id)).not.toContain(bot.id)
  })
})

describe('tendGroups', () => {
  const joins = (person: typeof ayse) => {
    const update = memberUpdate('left', 'member', { person })
    return { ...update, chat_member: { ...update.chat_member, date: SECOND } }
  }

  it('welcomes nobody until a welcome is set', async () => {
    await world.process(joins(ayse))
    expect(await groupPosts()).toEqual([])
  })

  it('gathers those who come together in one message that names five, and greets nobody twice', async () => {
    await voice({ welcomeText: 'Hoş geldin {{names}}! Burası {{chat}}.', welcomeGatherSeconds: 30 })
    await world.process(joins(ayse), joins(bora))
    const [first] = await groupPosts()
    expect(first?.said.text).toBe('Hoş geldin Ayşe, Bora! Burası Müşteriler.')
    expect(first?.due_at.getTime()).toBe(NOON + 30 * SECOND_MS)
    expect(first).toMatchObject({ source: 'post', message_class: 'transactional' })
    await world.process(
      joins(ayse),
      ...[1, 2, 3, 4, 5].map((n) => joins({ ...ayse, id: 900 + n, first_name: `K<${n}` })),
    )
    const after = await groupPosts()
    expect(after).toHaveLength(1)
    expect(after[0]?.said.text).toBe('Hoş geldin Ayşe, Bora, K&lt;1, K&lt;2, K&lt;3, 2 kişi daha! Burası Müşteriler.')
  })

  it('begins a new message once the other has left, and takes the former back', async () => {
    await voice({ welcomeText: 'Merhaba {{names}}' })
    await world.process(joins(ayse))
    const [first] = await groupPosts()
    await db
      .updateTable('delivery')
      .set({ state: 'sent', reserved_at: new Date(NOON), finished_at: new Date(NOON), telegram_message_id: 42 })
      .where('id', '=', first?.id ?? 0)
      .execute()
    await world.process(joins(bora))
    expect((await groupPosts()).map(({ said }) => said.text)).toEqual(['Merhaba Ayşe', 'Merhaba Bora'])
    const acts = await db.selectFrom('group_act').selectAll().where('tenant_id', '=', world.tenantId).execute()
    expect(acts).toMatchObject([{ kind: 'delete_own', state: 'wanted', contact_id: null }])
  })

  it('loses the text of a welcome with the person it names', async () => {
    await voice({ welcomeText: 'Merhaba {{names}}' })
    await world.process(joins(ayse))
    const contact = await world.findAyse()
    await inTenant(db, world.tenantId, (tx) => eraseContact(tx, contact?.id ?? 0, { by: 'member:1', at: NOON }))
    expect(await groupPosts()).toMatchObject([{ state: 'cancelled', said: { text: '' } }])
  })
})
