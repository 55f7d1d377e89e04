import { beforeAll, beforeEach, describe, expect, it } from 'vitest'

import { toDate } from '#server/base/clock.ts'
import { type Db, createDb } from '#server/db/pool.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { NOON, createContact } from '#server/testing/factories.ts'

import {
  ayse,
  callbackUpdate,
  memberUpdate,
  messageUpdate,
  ownMemberUpdate,
  supergroup,
} from './update-factories.suite.ts'
import { type UpdatesWorld, createUpdatesWorld } from './updates-world.suite.ts'

let db: Db
let world: UpdatesWorld

beforeAll(async () => {
  db = createDb((await createTestDatabase()).pool)
})

beforeEach(async () => {
  world = await createUpdatesWorld(db)
})

describe('applyUpdates: presses and responses', () => {
  const sendCommercial = async (contactId: number) => {
    const row = await db
      .insertInto('delivery')
      .values({
        tenant_id: world.tenantId,
        account_id: world.accountId,
        contact_id: contactId,
        chat_id: ayse.id,
        source: 'strategy',
        message_class: 'commercial',
        content: JSON.stringify({ text: 'kampanya' }),
        is_outreach: true,
        state: 'sent',
        due_at: toDate(NOON - 1_000),
        dedupe_key: 'sent',
        planned_at: toDate(NOON - 1_000),
        reserved_at: toDate(NOON - 1_000),
        finished_at: toDate(NOON - 900),
        telegram_message_id: 5,
      })
      .returning('id')
      .executeTakeFirstOrThrow()
    return row.id
  }
  const outcome = () =>
    db
      .selectFrom('delivery')
      .select(['responded_at', 'clicked_at', 'opted_out_at'])
      .where('tenant_id', '=', world.tenantId)
      .where('dedupe_key', '=', 'sent')
      .executeTakeFirstOrThrow()

  it('credits a message to the delivery it answers', async () => {
    await sendCommercial(await createContact(db, world.tenantId, { telegramId: ayse.id, accountId: world.accountId }))
    await world.process(messageUpdate('ilgileniyorum', { date: NOON / 1_000 }))
    expect(await outcome()).toMatchObject({ responded_at: expect.any(Date), clicked_at: null })
  })

  it("credits a press to the delivery whose button it is, also where the action is the tenant's own", async () => {
    const id = await sendCommercial(
      await createContact(db, world.tenantId, { telegramId: ayse.id, accountId: world.accountId }),
    )
    await world.process(callbackUpdate(`${id.toString(36)}.katalog`))
    expect(await outcome()).toMatchObject({ responded_at: expect.any(Date), clicked_at: expect.any(Date) })
    expect(world.toasts).toMatchObject([{ text: null }])
    expect(await world.replies()).toEqual([])
  })

  it('counts a stop as the opt-out of the delivery and not as a response to it', async () => {
    const id = await sendCommercial(
      await createContact(db, world.tenantId, { telegramId: ayse.id, accountId: world.accountId }),
    )
    await world.process(callbackUpdate(`${id.toString(36)}.stop`))
    expect(await outcome()).toMatchObject({ responded_at: null, opted_out_at: expect.any(Date) })
  })

  it('says that a button it does not know no longer works', async () => {
    await world.process(callbackUpdate('Ω'))
    expect(world.toasts).toMatchObject([{ text: expect.stringContaining('/menu') }])
  })

  it("does not credit a press to somebody else's delivery", async () => {
    const stranger = await createContact(db, world.tenantId, { accountId: world.accountId })
    const id = await sendCommercial(stranger)
    await world.process(callbackUpdate(`${id.toString(36)}.menu`))
    expect(await outcome()).toMatchObject({ responded_at: null })
  })
})

describe('applyUpdates: memberships', () => {
  it('learns of a block and of its end', async () => {
    const reach = async () =>
      (
        await db.selectFrom('contact_account').select('reachability').where('tenant_id', '=', world.tenantId).execute()
      ).map((row) => row.reachability)
    await world.process(messageUpdate('merhaba'), ownMemberUpdate('kicked'))
    expect(await reach()).toEqual(['blocked'])
    await world.process(ownMemberUpdate('member'))
    expect(await reach()).toEqual(['reachable'])
  })

  it('knows the groups the account is in, with its rights', async () => {
    await world.process(ownMemberUpdate('administrator', { chat: supergroup }))
    const rows = await db
      .selectFrom('chat_account')
      .innerJoin('chat', 'chat.id', 'chat_account.chat_id')
      .select(['title', 'status', 'rights'])
      .where('chat_account.tenant_id', '=', world.tenantId)
      .execute()
    expect(rows).toEqual([
      { title: 'Müşteriler', status: 'administrator', rights: { can_manage_chat: true, can_invite_users: false } },
    ])
    await world.process(ownMemberUpdate('kicked', { chat: supergroup }))
    expect(
      await db.selectFrom('chat_account').select('status').where('tenant_id', '=', world.tenantId).execute(),
    ).toEqual([{ status: 'kicked' }])
  })

  it('follows people into and out of groups', async () => {
    const status = async () =>
      (await db.selectFrom('contact_chat').select('status').where('tenant_id', '=', world.tenantId).execute()).map(
        (row) => row.status,
      )
    await world.process(memberUpdate('left', 'member'))
    expect(await status()).toEqual(['member'])
    await world.process(memberUpdate('member', 'kicked'))
    expect(await status()).toEqual(['kicked'])
    await world.process(memberUpdate('kicked', 'left'))
    expect((await world.inbox()).at(-1)).toMatchObject({ state: 'ignored', error: 'membership unchanged' })
  })

  it('answers no command in a group', async () => {
    await world.process(messageUpdate('/menu', { chat: supergroup }), messageUpdate('stop', { chat: supergroup }))
    expect(await world.replies()).toEqual([])
    expect((await world.findAyse())?.suppressed_at).toBeNull()
    expect(
      await db.selectFrom('contact_chat').select('message_count').where('tenant_id', '=', world.tenantId).execute(),
    ).toEqual([{ message_count: 2 }])
  })

  it('remembers the new id of a group that became a supergroup', async () => {
    const group = { id: -42, type: 'group', title: 'Eski' }
    await world.process(ownMemberUpdate('member', { chat: group }))
    await world.process({
      update_id: 999_999,
      message: { message_id: 1, date: 0, chat: group, migrate_to_chat_id: -1_00_42 },
    })
    expect(
      await db
        .selectFrom('chat')
        .select(['telegram_id', 'migrated_to_id'])
        .where('tenant_id', '=', world.tenantId)
        .orderBy('id')
        .execute(),
    ).toEqual([
      { telegram_id: -42, migrated_to_id: -1_00_42 },
      { telegram_id: -1_00_42, migrated_to_id: null },
    ])
  })
})
