import { describe, expect, it } from 'vitest'

import { toDate } from '#server/base/clock.ts'
import { type Db, createDb } from '#server/db/pool.ts'
import { inTenant } from '#server/db/tenant-scope.ts'
import {
  askForRating,
  closeConversation,
  findConversation,
  findConversationOf,
} from '#server/modules/conversations/index.ts'
import { createTranslator } from '#server/base/translate.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { NOON, createTenant, createUserAccount } from '#server/testing/factories.ts'

import { receiveUserUpdates } from './receive-user-updates.ts'
import { ayse, callbackUpdate, messageUpdate } from './update-factories.suite.ts'
import { createUpdatesWorld } from './updates-world.suite.ts'

const db: Db = createDb((await createTestDatabase()).pool)
const owner = (id = 1) => ({ by: `member:${id}`, access: { kind: 'member', role: 'owner' }, at: NOON }) as const

const createWorld = async () => {
  const world = await createUpdatesWorld(db)
  const { tenantId, accountId } = world
  const conversation = async () => {
    const contact = await world.findAyse()
    return contact ? inTenant(db, tenantId, (tx) => findConversationOf(tx, accountId, contact.id)) : null
  }
  return { ...world, conversation }
}

describe('a conversation', () => {
  it('is opened by words and by a call for a person, not by other commands', async () => {
    const world = await createWorld()
    await world.process(messageUpdate('/start'), messageUpdate('/menu'), messageUpdate('/gizlilik'))
    expect(await world.conversation()).toBeNull()
    await world.process(messageUpdate('/insan'))
    expect(await world.conversation()).toMatchObject({ state: 'open', handOverReason: 'asked', unreadCount: 1 })
    await world.process(messageUpdate('Orada mısınız?'))
    expect(await world.conversation()).toMatchObject({ state: 'open', unreadCount: 2 })
    await world.process(messageUpdate('/stop'))
    expect(await world.conversation()).toMatchObject({ state: 'closed', answerDueAt: null, handedOverAt: null })
  })

  it('is rated with a press and a comment that open nothing', async () => {
    const world = await createWorld()
    await world.process(messageUpdate('Selam'))
    const before = await world.conversation()
    const { tenantId, accountId } = world
    const id = before?.id ?? 0
    await db
      .insertInto('account_inbox_setting')
      .values({
        tenant_id: tenantId,
        account_id: accountId,
        ai_pause_minutes: 30,
        rating: 'emoji',
        updated_by: 'test',
        updated_at: toDate(NOON),
      })
      .execute()
    await inTenant(db, tenantId, async (tx) => {
      await closeConversation(tx, { conversationId: id }, owner())
      const closedAt = (await findConversation(tx, id))?.closedAt ?? 0
      const translator = () => createTranslator('tr', 'bot')
      expect(await askForRating(tx, { conversationId: id, closedAt, by: 'member:1', translator, at: closedAt })).toBe(
        true,
      )
    })
    const question = (await world.replies()).at(-1)
    const press = (action: string) => world.process(callbackUpdate(`${question?.id.toString(36)}.${action}`))
    await press('rate_comment')
    await press('rate:5')
    await press('rate_comment')
    expect(world.toasts.map((toast) => toast.text)).toEqual([
      expect.stringContaining('Önce bir puan'),
      expect.stringContaining('Teşekkürler'),
      expect.stringContaining('15 dakika'),
    ])
    await world.process(messageUpdate('Çok ilgiliydiniz'))
    expect((await world.replies()).at(-1)?.text).toContain('Yorumunuz için')
    expect(await world.conversation()).toMatchObject({ state: 'closed', turn: before?.turn })
    const ratings = await db
      .selectFrom('conversation_rating')
      .select(['value', 'comment'])
      .where('tenant_id', '=', tenantId)
      .execute()
    expect(ratings).toEqual([{ value: 5, comment: 'Çok ilgiliydiniz' }])
    await world.process(messageUpdate('Bir şey daha'))
    expect(await world.conversation()).toMatchObject({ state: 'open' })
  })

  it('is taken over by the owner of an own account who writes by hand, not by what was sent from here', async () => {
    const world = await createUpdatesWorld(db)
    const tenantId = await createTenant(db)
    const accountId = await createUserAccount(db, tenantId)
    const chat = { id: ayse.id, type: 'private', first_name: 'Ayşe' }
    const date = NOON / 1_000
    let serial = 0
    const hear = async (kind: 'message' | 'business_message', messageId: number, text: string) => {
      serial += 1
      const body = { message_id: messageId, date, chat, text, ...(kind === 'message' && { from: ayse }) }
      const deps = { db, clock: { now: () => NOON, sleep: () => Promise.resolve() }, count: () => undefined }
      await receiveUserUpdates(deps, { tenantId, accountId }, [{ key: `common/${serial}`, kind, body }])
      await world.laneFor(tenantId, accountId).drain()
    }
    await hear('message', 1, 'Fiyat nedir?')
    const { id: contactId } = await db
      .selectFrom('contact')
      .select('id')
      .where('tenant_id', '=', tenantId)
      .executeTakeFirstOrThrow()
    const read = () => inTenant(db, tenantId, (tx) => findConversationOf(tx, accountId, contactId))
    await db
      .insertInto('delivery')
      .values({
        tenant_id: tenantId,
        account_id: accountId,
        contact_id: contactId,
        chat_id: ayse.id,
        source: 'reply',
        message_class: 'reply',
        content: '{"text": "Yapay zekâ"}',
        is_outreach: false,
        is_ai: true,
        state: 'sent',
        due_at: toDate(NOON),
        planned_at: toDate(NOON),
        reserved_at: toDate(NOON),
        finished_at: toDate(NOON),
        telegram_message_id: 2,
        dedupe_key: 'ai',
      })
      .execute()
    await hear('business_message', 2, 'Yapay zekâ')
    expect(await read()).toMatchObject({ state: 'open', aiPausedUntil: null })
    await hear('business_message', 3, '250 lira')
    expect(await read()).toMatchObject({ state: 'waiting', lastTurnBy: 'owner', aiPausedUntil: NOON + 30 * 60_000 })
    const said = await db
      .selectFrom('message')
      .select(['direction', 'text'])
      .where('tenant_id', '=', tenantId)
      .orderBy('id')
      .execute()
    expect(said).toEqual([
      { direction: 'in', text: 'Fiyat nedir?' },
      { direction: 'out', text: '250 lira' },
    ])
  })
})
