import { beforeAll, beforeEach, describe, expect, it } from 'vitest'

import { DAY_MS, MINUTE_MS } from '#server/base/duration.ts'
import { type Db, createDb } from '#server/db/pool.ts'
import { inTenant } from '#server/db/tenant-scope.ts'
import { eraseContact } from '#server/modules/contacts/index.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { NOON, createTenant } from '#server/testing/factories.ts'
import { type GroupsWorld, createGroupsWorld, ownerAt } from '#server/testing/groups-world.ts'

import { detectSpam } from './detect-spam.ts'
import { planActs } from './moderation.rules.ts'
import { performGroupActs } from './perform-acts.ts'
import { recordChatMigration } from './record-chat.ts'
import { getModeration, setModeration, setTrust } from './set-moderation.ts'
import { listGroupActs, removeHeld, undoAct } from './settle-act.ts'

let db: Db
let world: GroupsWorld

beforeAll(async () => {
  db = createDb((await createTestDatabase()).pool)
})
beforeEach(async () => {
  world = await createGroupsWorld(db)
})

const CAN = 401
const set = (change: Omit<Parameters<typeof setModeration>[1], 'chatId'>) =>
  world.run((tx) => setModeration(tx, { chatId: world.chatId, ...change }, ownerAt(NOON)))
let serial = 1_000
const spam = (contactId: number, at = world.clock.now(), text = 'Alooooo') =>
  world.run((tx) => {
    serial += 1
    const message = { contactId, chatTelegramId: world.chat.telegramId, messageId: serial, updateId: serial, at, text }
    return detectSpam(tx, world.accountId, [{ ...message, hasLink: false }])
  })
const perform = () => performGroupActs(world.deps, world.tenantId)
const log = async () =>
  (await world.run((tx) => listGroupActs(tx))).map(({ kind, state, reason }) => [kind, state, reason].join(' ').trim())

describe('planActs', () => {
  const found = (contactId: number, findings: number, messageId = findings) =>
    ({ contactId, findings, messageId, pattern: 'burst', at: NOON }) as const
  const settings = { action: 'restrict', restrictMinutes: 30, afterFindings: 2 } as const

  it('does nothing below the number of findings, for whoever is trusted, and while only logging', () => {
    expect(planActs(settings, [found(1, 1)], () => false)).toEqual([])
    expect(planActs(settings, [found(1, 2)], (id) => id === 1)).toEqual([])
    expect(planActs({ ...settings, action: 'log' }, [found(1, 9)], () => false)).toEqual([])
  })

  it('plans one act a person, with all of the messages and the end of a restriction', () => {
    expect(planActs(settings, [found(1, 2, 7), found(1, 3, 8), found(2, 1)], () => false)).toEqual([
      {
        kind: 'restrict',
        contactId: 1,
        pattern: 'burst',
        messageIds: [7, 8],
        untilAt: NOON + 30 * MINUTE_MS,
        at: NOON,
      },
    ])
    expect(planActs({ ...settings, action: 'hold' }, [found(1, 2)], () => false)[0]?.untilAt).toBeNull()
  })
})

describe('performGroupActs', () => {
  it('only logs before anybody sets anything', async () => {
    const can = await world.addMember(CAN)
    for (let n = 0; n < 5; n += 1) await spam(can)
    await perform()
    expect(await log()).toEqual([])
    expect(await world.run((tx) => getModeration(tx, world.chatId))).toMatchObject({ action: 'log' })
  })

  it('forgives the first finding, deletes the second message, and says it in the log', async () => {
    await set({ action: 'delete' })
    const can = await world.addMember(CAN)
    await spam(can)
    expect(await log()).toEqual([])
    await spam(can)
    await perform()
    expect(await log()).toEqual(['delete done'])
    expect(world.telegram.moderation.acts).toEqual([`deleteMessages ${world.chat.telegramId} ${serial}`])
    await perform()
    expect(world.telegram.moderation.acts).toHaveLength(1)
    await spam(can, NOON + 2 * DAY_MS)
    expect(await log()).toEqual(['delete done'])
  })

  it('restricts for the minutes set, once while that lasts, and lifts it when taken back', async () => {
    await set({ action: 'restrict', restrictMinutes: 30, afterFindings: 1 })
    const can = await world.addMember(CAN)
    await spam(can)
    await spam(can)
    await perform()
    expect(world.statusOf(CAN)).toBe('restricted')
    expect(await log()).toEqual(['restrict done'])
    const [act] = await world.run((tx) => listGroupActs(tx))
    expect(act?.untilAt).toBe(NOON + 30 * MINUTE_MS)
    await world.run((tx) => undoAct(tx, act?.id ?? 0, ownerAt(NOON)))
    await perform()
    expect(world.statusOf(CAN)).toBe('member')
    expect(await log()).toEqual(['lift done', 'restrict done'])
    await expect(world.run((tx) => undoAct(tx, act?.id ?? 0, ownerAt(NOON)))).rejects.toThrow(/act_settled/)
  })

  it('holds until a person decides: removed, the messages go and so does the person', async () => {
    await set({ action: 'hold', afterFindings: 1 })
    const can = await world.addMember(CAN)
    await spam(can)
    const held = serial
    await perform()
    expect(world.statusOf(CAN)).toBe('restricted')
    const [act] = await world.run((tx) => listGroupActs(tx))
    await world.run((tx) => removeHeld(tx, act?.id ?? 0, ownerAt(NOON)))
    await perform()
    expect(world.statusOf(CAN)).toBe('kicked')
    expect(world.telegram.moderation.acts).toContain(`deleteMessages ${world.chat.telegramId} ${held}`)
    expect(await log()).toEqual(['ban done', 'hold done'])
    const [ban] = await world.run((tx) => listGroupActs(tx))
    await world.run((tx) => undoAct(tx, ban?.id ?? 0, ownerAt(NOON)))
    await perform()
    expect(world.statusOf(CAN)).toBe('left')
  })

  it('never touches administrators and trusted people', async () => {
    await set({ action: 'delete', afterFindings: 1 })
    const chief = await world.addMember(402, 'administrator')
    const friend = await world.addMember(403)
    await world.run((tx) => setTrust(tx, { chatId: world.chatId, contactId: friend, isTrusted: true }, ownerAt(NOON)))
    await spam(chief)
    await spam(friend)
    await perform()
    expect(await log()).toEqual(['delete spared target_is_administrator'])
    expect(world.telegram.moderation.acts).toEqual([])
  })

  it('shows what it had no right to do, before and after Telegram was asked', async () => {
    await set({ action: 'delete', afterFindings: 1 })
    const can = await world.addMember(CAN)
    await world.place('administrator', { rights: { can_invite_users: true }, at: NOON })
    await spam(can)
    expect(await log()).toEqual(['delete failed no_admin_right'])
    await world.place('administrator', { at: NOON + 1 })
    world.telegram.failNext({ reason: 'no_admin_right', chatId: world.chat.telegramId })
    await spam(can)
    await perform()
    expect(await log()).toEqual(['delete failed no_admin_right', 'delete failed no_admin_right'])
  })

  it('tries again what Telegram puts off, and gives up in the end', async () => {
    await set({ action: 'delete', afterFindings: 1 })
    const can = await world.addMember(CAN)
    world.telegram.failNext({ reason: 'flood_wait', chatId: world.chat.telegramId, retryAfterSeconds: 30 })
    await spam(can)
    await perform()
    expect(await log()).toEqual(['delete wanted'])
    await perform()
    expect(await log()).toEqual(['delete wanted'])
    await world.clock.advance(31_000)
    await perform()
    expect(await log()).toEqual(['delete done'])
    world.telegram.failNext({ reason: 'flood_wait', chatId: world.chat.telegramId, times: 100 })
    await spam(can)
    for (let n = 0; n < 10; n += 1) {
      await perform()
      await world.clock.advance(20 * MINUTE_MS)
    }
    expect((await log())[0]).toBe('delete failed server_error')
  })

  it('is done once by two workers at once', async () => {
    await set({ action: 'delete', afterFindings: 1 })
    for (let n = 0; n < 6; n += 1) await spam(await world.addMember(500 + n))
    await Promise.all([perform(), perform(), perform()])
    expect(world.telegram.moderation.acts).toHaveLength(6)
    expect(new Set(world.telegram.moderation.acts).size).toBe(6)
  })

  it('goes along when the group becomes a supergroup', async () => {
    await set({ action: 'delete', afterFindings: 1 })
    const can = await world.addMember(CAN)
    await spam(can)
    const to = world.chat.telegramId - 1_000_000
    await world.run((tx) => recordChatMigration(tx, world.chat.telegramId, to))
    expect(await world.run((tx) => getModeration(tx, world.chatId))).toMatchObject({ action: 'delete' })
    expect((await world.run((tx) => listGroupActs(tx)))[0]?.chatId).not.toBe(world.chatId)
  })

  it('keeps strangers, other roles and other tenants out, and forgets who is erased', async () => {
    const agent = { ...ownerAt(NOON), access: { kind: 'member', role: 'agent' } } as const
    await expect(
      world.run((tx) => setModeration(tx, { chatId: world.chatId, action: 'delete' }, agent)),
    ).rejects.toThrow(/not_allowed/)
    await set({ action: 'restrict', afterFindings: 1 })
    const can = await world.addMember(CAN)
    await spam(can)
    const [act] = await world.run((tx) => listGroupActs(tx))
    const nobody = { ...ownerAt(NOON), access: { kind: 'nobody' } } as const
    await expect(world.run((tx) => undoAct(tx, act?.id ?? 0, nobody))).rejects.toThrow(/not_allowed/)
    const other = await createTenant(db)
    await expect(inTenant(db, other, (tx) => undoAct(tx, act?.id ?? 0, ownerAt(NOON)))).rejects.toThrow(/not_found/)
    await expect(
      inTenant(db, other, (tx) => setModeration(tx, { chatId: world.chatId, action: 'log' }, ownerAt(NOON))),
    ).rejects.toThrow(/not_found/)
    await world.run((tx) => eraseContact(tx, can, { by: 'member:1', at: NOON }))
    expect(await log()).toEqual([])
  })
})
