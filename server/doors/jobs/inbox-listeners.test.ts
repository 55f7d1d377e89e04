import { describe, expect, it } from 'vitest'

import { ManualClock, toDate } from '#server/base/clock.ts'
import { HOUR_MS } from '#server/base/duration.ts'
import { silentLogger } from '#server/base/logger.ts'
import { createTranslator } from '#server/base/translate.ts'
import { createDb } from '#server/db/pool.ts'
import type { StoredEvent } from '#server/base/events.ts'
import { type TenantTx, inTenant } from '#server/db/tenant-scope.ts'
import { addTask } from '#server/modules/contacts/index.ts'
import {
  assignConversation,
  closeConversation,
  findConversation,
  handOverConversation,
  replyAsMember,
  upsertInbound,
} from '#server/modules/conversations/index.ts'
import { removeMember } from '#server/modules/tenancy/index.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { NOON, createAccount, createContact, createTenant } from '#server/testing/factories.ts'

import { createInboxDuties } from './inbox-duties.ts'
import { createInboxListeners } from './inbox-listeners.ts'

const db = createDb((await createTestDatabase()).pool)
let person = 7_000

/** A tenant with two agents and an analyst, one conversation, and the listeners of the inbox. */
const createWorld = async () => {
  const tenantId = await createTenant(db)
  const accountId = await createAccount(db, tenantId)
  const contactId = await createContact(db, tenantId, { accountId })
  const join = async (role: 'agent' | 'analyst') => {
    person += 1
    const telegram_id = person
    const { id } = await db
      .insertInto('member')
      .values({
        tenant_id: tenantId,
        telegram_id,
        role,
        name: `Kişi ${person}`,
        invited_by: 'test',
        joined_at: toDate(NOON),
      })
      .returning('id')
      .executeTakeFirstOrThrow()
    return { id, telegramId: telegram_id }
  }
  const [ayla, burak, analyst] = [await join('agent'), await join('agent'), await join('analyst')]
  const within = <T>(work: (tx: TenantTx) => Promise<T>) => inTenant(db, tenantId, work)
  const { id } = await within((tx) => upsertInbound(tx, { accountId, contactId, messageId: 1, at: NOON }))
  const clock = new ManualClock(NOON)
  const listeners = createInboxListeners({ db, clock, translator: () => createTranslator('tr', 'bot') })
  const actor = { by: `member:${ayla.id}`, access: { kind: 'member', role: 'agent' }, at: NOON } as const
  /** Every event of the tenant again, as it may be after a crash. */
  const deliver = async () => {
    const rows = await db
      .selectFrom('domain_event')
      .selectAll()
      .where('tenant_id', '=', tenantId)
      .orderBy('id')
      .execute()
    const events = rows.map((row) => ({ ...row, tenantId, at: row.at.getTime() }) as unknown as StoredEvent)
    for (const listener of listeners)
      await listener.receive(events.filter((event) => listener.types.includes(event.type)))
  }
  const told = async (kind: string) => {
    await deliver()
    const rows = await db
      .selectFrom('panel_notice')
      .select(['recipient', 'params'])
      .where('kind', '=', kind)
      .where('recipient', 'in', [ayla.telegramId, burak.telegramId, analyst.telegramId])
      .orderBy('recipient')
      .execute()
    return rows
  }
  const [duty] = createInboxDuties({ db, log: silentLogger })
  const tick = (at: number) => duty?.run(at)
  return { tenantId, accountId, contactId, id, ayla, burak, within, actor, deliver, told, tick }
}

describe('createInboxListeners', () => {
  it('tells everybody who may answer of an overdue conversation once, and its owner alone where it has one', async () => {
    const { ayla, burak, told, tick, id, within, actor } = await createWorld()
    expect(await told('conversation_overdue')).toEqual([])
    await tick(NOON + HOUR_MS)
    await told('conversation_overdue')
    const all = await told('conversation_overdue')
    expect(all.map((row) => row.recipient)).toEqual([ayla.telegramId, burak.telegramId])
    expect(all[0]?.params).toMatchObject({ conversation: id, dueAt: NOON + HOUR_MS })
    const mine = await createWorld()
    await mine.within((tx) => assignConversation(tx, { conversationId: mine.id, memberId: mine.burak.id }, mine.actor))
    await mine.tick(NOON + HOUR_MS)
    expect((await mine.told('conversation_overdue')).map((row) => row.recipient)).toEqual([mine.burak.telegramId])
    expect(await within((tx) => replyAsMember(tx, { conversationId: id, text: 'Geldim' }, actor))).toBeGreaterThan(0)
  })

  it('tells nobody of what was answered before the news came', async () => {
    const { told, tick, id, within, actor } = await createWorld()
    await tick(NOON + HOUR_MS)
    await within((tx) => replyAsMember(tx, { conversationId: id, text: 'Geldim' }, actor))
    expect(await told('conversation_overdue')).toEqual([])
  })

  it('tells of a conversation that was handed over, and why', async () => {
    const { told, id, within } = await createWorld()
    await within((tx) => handOverConversation(tx, id, 'asked', NOON))
    await told('conversation_handed_over')
    const rows = await told('conversation_handed_over')
    expect(rows).toHaveLength(2)
    expect(rows[0]?.params).toMatchObject({ conversation: id, handOver: 'asked' })
  })

  it('tells whom a task was given to that its time has passed', async () => {
    const { told, tick, contactId, burak, within, actor } = await createWorld()
    const task = { contactId, title: 'Ara', dueAt: NOON + HOUR_MS, assignedTo: burak.id }
    await within((tx) => addTask(tx, task, actor))
    await tick(NOON + HOUR_MS)
    expect((await told('task_overdue')).map((row) => row.recipient)).toEqual([burak.telegramId])
  })

  it('asks for a rating after a close, once', async () => {
    const { tenantId, accountId, contactId, id, within, actor, deliver } = await createWorld()
    await db
      .insertInto('account_inbox_setting')
      .values({
        tenant_id: tenantId,
        account_id: accountId,
        ai_pause_minutes: 30,
        rating: 'points',
        updated_by: 'test',
        updated_at: toDate(NOON),
      })
      .execute()
    const wrote = { last_inbound_at: toDate(NOON) }
    await db.updateTable('contact_account').set(wrote).where('contact_id', '=', contactId).execute()
    await within((tx) => closeConversation(tx, { conversationId: id }, actor))
    await deliver()
    await deliver()
    expect(
      await db.selectFrom('conversation_rating').select('id').where('tenant_id', '=', tenantId).execute(),
    ).toHaveLength(1)
  })

  it('takes conversations and tasks from a member who left', async () => {
    const { id, contactId, burak, within, actor, deliver } = await createWorld()
    await within((tx) => assignConversation(tx, { conversationId: id, memberId: burak.id }, actor))
    const { id: taskId } = await within((tx) => addTask(tx, { contactId, title: 'Ara', assignedTo: burak.id }, actor))
    await within((tx) => removeMember(tx, burak.id, { by: 'cli', access: { kind: 'member', role: 'owner' }, at: NOON }))
    await deliver()
    expect((await within((tx) => findConversation(tx, id)))?.assignedTo).toBeNull()
    const task = await db.selectFrom('contact_task').select('assigned_to').where('id', '=', taskId).executeTakeFirst()
    expect(task?.assigned_to).toBeNull()
  })
})
