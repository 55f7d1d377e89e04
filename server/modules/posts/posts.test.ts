import fc from 'fast-check'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'

import { HOUR_MS, MINUTE_MS, SECOND_MS } from '#server/base/duration.ts'
import { type Db, createDb } from '#server/db/pool.ts'
import { inTenant } from '#server/db/tenant-scope.ts'
import { auditGuard } from '#server/modules/delivery/index.ts'
import { reserveSlots } from '#server/modules/delivery/guard/reserve-slots.ts'
import { recordChatMigration } from '#server/modules/groups/index.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { NOON, createTenant } from '#server/testing/factories.ts'
import { type GroupsWorld, createGroupsWorld, ownerAt } from '#server/testing/groups-world.ts'

import { pauseGroupPost, removeGroupPost, resumeGroupPost } from './change-post.ts'
import { type PostInput, createGroupPost } from './create-post.ts'
import { getGroupPost, listGroupPosts } from './list-posts.ts'
import { runDuePosts, settlePosts } from './run-due-posts.ts'
import { getChatVoice, setChatVoice } from './set-chat-voice.ts'

let db: Db
let world: GroupsWorld

beforeAll(async () => {
  db = createDb((await createTestDatabase()).pool)
})
beforeEach(async () => {
  world = await createGroupsWorld(db)
})

const actor = () => ownerAt(world.clock.now())
const voice = (change: Omit<Parameters<typeof setChatVoice>[1], 'chatId'>) =>
  world.run((tx) => setChatVoice(tx, { chatId: world.chatId, accountId: world.accountId, ...change }, actor()))
const create = (over: Partial<PostInput> = {}) =>
  world.run((tx) =>
    createGroupPost(
      tx,
      {
        chatId: world.chatId,
        accountId: world.accountId,
        name: 'Saat başı',
        content: { text: 'Bugün de buradayız.' },
        schedule: { kind: 'every', hours: 1 },
        ...over,
      },
      actor(),
    ),
  )
const work = (at = world.clock.now()) => world.run((tx) => runDuePosts(tx, at))
const settle = () => world.run((tx) => settlePosts(tx, world.clock.now()))
const reserve = (accountId = world.accountId, now = world.clock.now()) =>
  world.run((tx) => reserveSlots(tx, { accountId, now, limit: 50 }))
const read = (id: number) => world.run((tx) => getGroupPost(tx, id, world.clock.now()))

describe('setChatVoice', () => {
  it('has posting off until somebody turns it on, and then only where an administrator put the account', async () => {
    expect(await world.run((tx) => getChatVoice(tx, world.chatId))).toBeNull()
    expect(await voice({ rulesText: 'Saygılı olun.' })).toMatchObject({ isPostingOn: false, welcomeText: null })
    await world.place('left', { at: NOON })
    await expect(voice({ isPostingOn: true })).rejects.toThrow(/not_in_chat/)
    await world.place('member', { at: NOON + 1, by: 55 })
    await expect(voice({ isPostingOn: true })).rejects.toThrow(/not_installed/)
    await world.place('administrator', { at: NOON + 2 })
    expect(await voice({ isPostingOn: true })).toMatchObject({ isPostingOn: true, rulesText: 'Saygılı olun.' })
  })

  it('refuses broken and oversized texts, agents and other tenants', async () => {
    await expect(voice({ rulesText: '<b>açık' })).rejects.toThrow(/post_text/)
    await expect(voice({ welcomeText: 'x'.repeat(1_001) })).rejects.toThrow(/text_length/)
    await expect(voice({ welcomeGatherSeconds: 1 })).rejects.toThrow(/whole_number_expected/)
    const agent = { ...actor(), access: { kind: 'member', role: 'agent' } } as const
    await expect(
      world.run((tx) => setChatVoice(tx, { chatId: world.chatId, accountId: world.accountId }, agent)),
    ).rejects.toThrow(/not_allowed/)
    await expect(
      inTenant(db, await createTenant(db), (tx) =>
        setChatVoice(tx, { chatId: world.chatId, accountId: world.accountId }, actor()),
      ),
    ).rejects.toThrow(/not_found/)
  })
})

describe('createGroupPost', () => {
  it('is previewed, kept once by name, and refused where it makes no sense', async () => {
    const post = await create()
    expect(await read(post.id)).toMatchObject({
      state: 'active',
      upcoming: [1, 2, 3, 4, 5].map((n) => NOON + n * HOUR_MS),
      runs: [],
    })
    await expect(create()).rejects.toThrow(/post_name_taken/)
    await expect(create({ name: 'b', schedule: { kind: 'every', hours: 0 } })).rejects.toThrow(/post_schedule/)
    await expect(create({ name: 'b', endsOn: '2026-05-01' })).rejects.toThrow(/post_never/)
    await expect(create({ name: 'b', startsOn: '2026-02-30' })).rejects.toThrow(/post_day/)
    await expect(create({ name: 'b', content: { text: 'Merhaba {{first_name}}' } })).rejects.toThrow(/post_text/)
    await expect(create({ name: 'b', content: { templateId: 999_999 } })).rejects.toThrow(/not_found/)
    const analyst = { ...actor(), access: { kind: 'member', role: 'analyst' } } as const
    await expect(world.run((tx) => pauseGroupPost(tx, post.id, analyst))).rejects.toThrow(/not_allowed/)
    await expect(inTenant(db, await createTenant(db), (tx) => removeGroupPost(tx, post.id, actor()))).rejects.toThrow(
      /not_found/,
    )
  })
})

describe('runDuePosts', () => {
  it('queues a slot once, as a post of the account into the chat', async () => {
    await voice({ isPostingOn: true })
    const post = await create()
    expect(await work()).toBe(0)
    await world.clock.advance(HOUR_MS)
    expect(await work()).toBe(1)
    expect(await work()).toBe(0)
    expect(await world.deliveries()).toMatchObject([
      {
        source: 'post',
        message_class: 'transactional',
        contact_id: null,
        chat_id: world.chat.telegramId,
        state: 'planned',
      },
    ])
    const { reserved } = await reserve()
    expect(reserved[0]?.content.text).toBe('Bugün de buradayız.')
    expect((await read(post.id)).runs).toMatchObject([{ slotAt: NOON + HOUR_MS, state: 'reserved', skipped: 0 }])
  })

  it('never fires twice for one slot, by however many workers', async () => {
    await voice({ isPostingOn: true })
    for (let n = 0; n < 5; n += 1) await create({ name: `p${n}` })
    for (let hour = 0; hour < 3; hour += 1) {
      await world.clock.advance(HOUR_MS)
      await Promise.all([work(), work(), work(), work()])
    }
    const rows = await world.deliveries()
    expect(rows).toHaveLength(15)
    expect(new Set(rows.map((row) => row.dedupe_key)).size).toBe(15)
  })

  it('makes up for the newest slot of an outage at most, and not for one long over', async () => {
    await voice({ isPostingOn: true })
    const hourly = await create()
    await world.clock.advance(5 * HOUR_MS + 10 * MINUTE_MS)
    await work()
    expect(await world.deliveries()).toHaveLength(1)
    expect((await read(hourly.id)).runs).toMatchObject([{ slotAt: NOON + 5 * HOUR_MS, skipped: 4 }])
    const daily = await create({ name: 'günlük', schedule: { kind: 'daily', times: ['19:00'] } })
    await world.clock.advance(17 * HOUR_MS)
    await work()
    expect((await read(daily.id)).runs).toMatchObject([{ deliveryId: null, reason: 'too_late' }])
  })

  it('says why nothing was posted: posting off, no administrator behind it, the chat left', async () => {
    const post = await create()
    await world.clock.advance(HOUR_MS)
    await work()
    await voice({ isPostingOn: true })
    await world.place('left', { at: world.clock.now() })
    await world.place('member', { at: world.clock.now() + 1, by: 55 })
    await world.clock.advance(HOUR_MS)
    await work()
    await world.place('kicked', { at: world.clock.now() })
    await world.clock.advance(HOUR_MS)
    await work()
    expect(await world.deliveries()).toEqual([])
    expect(await read(post.id)).toMatchObject({
      state: 'paused',
      pauseReason: 'chat_left',
      upcoming: [],
      runs: [{ reason: 'chat_left' }, { reason: 'not_installed' }, { reason: 'posting_off' }],
    })
  })

  it('is paused with what waits of it, and goes on at the next slot', async () => {
    await voice({ isPostingOn: true })
    const post = await create()
    await world.clock.advance(HOUR_MS)
    await work()
    await world.run((tx) => pauseGroupPost(tx, post.id, actor()))
    expect(await world.deliveries()).toMatchObject([{ state: 'cancelled', reason: 'by_hand' }])
    await world.clock.advance(3 * HOUR_MS)
    expect(await work()).toBe(0)
    const { nextSlotAt } = await world.run((tx) => resumeGroupPost(tx, post.id, actor()))
    expect(nextSlotAt).toBe(NOON + 5 * HOUR_MS)
    await world.run((tx) => removeGroupPost(tx, post.id, actor()))
    expect(await world.run((tx) => listGroupPosts(tx, world.chatId, NOON))).toEqual([])
  })

  it('ends with its last day', async () => {
    await voice({ isPostingOn: true })
    const post = await create({ endsOn: '2026-06-01', schedule: { kind: 'daily', times: ['13:00'] } })
    await world.clock.advance(HOUR_MS)
    await work()
    expect(await read(post.id)).toMatchObject({ state: 'ended', nextSlotAt: null })
    await expect(world.run((tx) => resumeGroupPost(tx, post.id, actor()))).rejects.toThrow(/post_over/)
  })

  it('follows a group that became a supergroup: what waits and what is to come, sent once', async () => {
    await voice({ isPostingOn: true })
    await create()
    await world.clock.advance(HOUR_MS)
    await work()
    const to = world.chat.telegramId - 7_000_000
    for (let n = 0; n < 2; n += 1) await world.run((tx) => recordChatMigration(tx, world.chat.telegramId, to))
    await world.clock.advance(HOUR_MS)
    await work()
    const rows = await world.deliveries()
    expect(rows.map((row) => row.chat_id)).toEqual([to, to])
    await world.clock.advance(MINUTE_MS)
    expect((await reserve()).reserved.map(({ chatId }) => chatId)).toEqual([to])
    expect(await world.run((tx) => listGroupPosts(tx, world.chatId, NOON))).toHaveLength(1)
  })
})

describe('settlePosts', () => {
  it('pins what was posted, and pauses what would be refused again', async () => {
    await voice({ isPostingOn: true })
    const post = await create({ pins: true })
    await world.clock.advance(HOUR_MS)
    await work()
    expect(await settle()).toBe(0)
    const [first] = await world.deliveries()
    await world.endDelivery(first?.id ?? 0, { state: 'sent' })
    expect(await settle()).toBe(1)
    expect(await world.acts()).toMatchObject([{ kind: 'pin', state: 'wanted' }])
    await world.clock.advance(HOUR_MS)
    await work()
    const second = (await world.deliveries()).at(-1)
    await world.endDelivery(second?.id ?? 0, { state: 'failed', reason: 'no_send_right' })
    await settle()
    expect(await settle()).toBe(0)
    expect(await read(post.id)).toMatchObject({ state: 'paused', pauseReason: 'no_send_right' })
  })
})

describe('the guard over posts', () => {
  it('never lets posts into a chat come closer than the cooldown, however many posts and workers', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 4, maxLength: 8 }), async (minutes) => {
        world = await createGroupsWorld(db, { group_post_cooldown_seconds: 300 })
        await voice({ isPostingOn: true })
        for (let n = 0; n < 4; n += 1) await create({ name: `p${n}`, schedule: { kind: 'every', hours: 1 + (n % 2) } })
        const sent: number[] = []
        for (const step of minutes) {
          await world.clock.advance(step * MINUTE_MS)
          await work()
          const [a, b] = await Promise.all([reserve(), reserve()])
          for (const { deliveryId } of [...a.reserved, ...b.reserved]) {
            sent.push(world.clock.now())
            await world.endDelivery(deliveryId, { state: 'sent' })
          }
        }
        for (const [n, at] of sent.entries())
          if (n > 0) expect(at - (sent[n - 1] ?? 0)).toBeGreaterThanOrEqual(300 * SECOND_MS)
        expect((await auditGuard(db, world.tenantId)).findings).toEqual([])
      }),
      { numRuns: 5 },
    )
  })

  it('lets nothing into a chat once the account has left it, whatever waits', async () => {
    await voice({ isPostingOn: true })
    for (let n = 0; n < 3; n += 1) await create({ name: `p${n}` })
    await world.clock.advance(HOUR_MS)
    await work()
    await world.place('kicked', { at: world.clock.now() })
    await world.clock.advance(MINUTE_MS)
    expect((await reserve()).reserved).toEqual([])
    const rows = await world.deliveries()
    expect(rows).toHaveLength(3)
    expect(rows.every((row) => row.state === 'refused' && row.reason === 'chat_left')).toBe(true)
    await settle()
    expect(await world.run((tx) => listGroupPosts(tx, world.chatId, NOON))).toMatchObject([
      { state: 'paused', pauseReason: 'chat_left' },
      { state: 'paused', pauseReason: 'chat_left' },
      { state: 'paused', pauseReason: 'chat_left' },
    ])
  })

  it('counts posts in the quota of the day', async () => {
    world = await createGroupsWorld(db, { daily_messages_max: 1 })
    await voice({ isPostingOn: true })
    await create()
    for (let n = 0; n < 2; n += 1) {
      await world.clock.advance(HOUR_MS)
      await work()
      const { reserved } = await reserve()
      for (const { deliveryId } of reserved) await world.endDelivery(deliveryId, { state: 'sent' })
    }
    expect((await world.deliveries()).map((row) => row.reason)).toEqual([null, 'tenant_daily_quota'])
  })
})
