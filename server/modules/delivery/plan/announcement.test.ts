import { beforeAll, describe, expect, it } from 'vitest'

import { toDate } from '#server/base/clock.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '#server/base/duration.ts'
import type { Db } from '#server/db/pool.ts'
import { recordChatMigration } from '#server/modules/groups/index.ts'

import { recordPostResponses } from '../outcome/post-response.store.ts'
import { createCampaignWorld, openCampaignDatabase } from './campaign-world.suite.ts'
import { pinAnnouncements } from './pin-posts.ts'
import { planCampaign } from './plan-campaign.ts'
import { campaignReport } from './report-campaign.ts'

let db: Db
beforeAll(async () => {
  db = await openCampaignDatabase()
})

describe('planCampaign for an announcement', () => {
  it('posts where the account may write, and has the others on record with a reason', async () => {
    const world = await createCampaignWorld(db)
    const chats = [
      await world.chat({ telegramId: -1 }),
      await world.chat({ telegramId: -2, status: 'left' }),
      await world.chat({ telegramId: -3, status: 'restricted', rights: { can_send_messages: false } }),
      await world.chat({
        telegramId: -4,
        kind: 'channel',
        status: 'administrator',
        rights: { can_post_messages: true },
      }),
      await world.chat({
        telegramId: -5,
        kind: 'channel',
        status: 'administrator',
        rights: { can_post_messages: false },
      }),
    ]
    const id = await world.start({ kind: 'announcement', audience: { chats } })
    const rows = await world.rows(id)
    expect(rows.map((row) => [row.chat_id, row.contact_id, row.state, row.reason])).toEqual([
      [-1, null, 'planned', null],
      [-2, null, 'refused', 'no_right_to_post'],
      [-3, null, 'refused', 'no_right_to_post'],
      [-4, null, 'planned', null],
      [-5, null, 'refused', 'no_right_to_post'],
    ])
    const everywhere = await world.start({ kind: 'announcement' })
    expect((await world.rows(everywhere)).map((row) => row.chat_id)).toEqual([-1, -4])
  })

  it('follows a group that became a supergroup, also when it does so between two plannings', async () => {
    const world = await createCampaignWorld(db)
    const old = await world.chat({ telegramId: -10, kind: 'group' })
    const id = await world.start({ kind: 'announcement', audience: { chats: [old] } })
    expect((await world.rows(id)).map((row) => row.chat_id)).toEqual([-10])
    await world.run((tx) => recordChatMigration(tx, -10, -1_000_010))
    const later = await world.start({ kind: 'announcement', audience: { chats: [old] } })
    expect((await world.rows(later)).map((row) => [row.chat_id, row.state])).toEqual([[-1_000_010, 'planned']])
  })

  it('chooses the chats with the best measured response, shows the numbers, and keeps to its choice', async () => {
    const world = await createCampaignWorld(db)
    const [quiet, lively, left] = [
      await world.chat({ telegramId: -21, title: 'Sessiz', memberCount: 100 }),
      await world.chat({ telegramId: -22, title: 'Canlı', memberCount: 100 }),
      await world.chat({ telegramId: -23, title: 'Eski', memberCount: 100, status: 'left' }),
    ]
    const former = await world.start({ kind: 'announcement', audience: { chats: [quiet, lively] } })
    await world.send(former, world.clock.now() - 3 * DAY_MS)
    const posts = await world.rows(former)
    const liveliest = posts.find((row) => row.chat_id === -22)
    for (let i = 0; i < 6; i += 1) {
      const contactId = await world.person()
      const at = world.clock.now() - 3 * DAY_MS + HOUR_MS
      const messageId = liveliest?.telegram_message_id ?? 0
      await world.run((tx) =>
        recordPostResponses(tx, [{ chatTelegramId: -22, messageId, contactId, kind: 'reaction', at }]),
      )
    }
    const wanted = { kind: 'announcement', audience: { chats: [quiet, lively, left] }, bestChats: 1 } as const
    const preview = await world.preview(await world.draft(wanted))
    expect(preview.chats?.map((row) => [row.title, row.isChosen, row.responders, row.posts])).toEqual([
      ['Canlı', true, 6, 1],
      ['Eski', false, 0, 0],
      ['Sessiz', false, 0, 1],
    ])
    const id = await world.start(wanted)
    expect((await world.rows(id)).map((row) => row.chat_id)).toEqual([-22])
    await db.updateTable('campaign').set({ planned_at: null }).where('id', '=', id).execute()
    await db.deleteFrom('post_response').where('tenant_id', '=', world.tenantId).execute()
    expect(await planCampaign(world.deps, world.tenantId, id)).toMatchObject({ audience: 1, written: 0 })
  })
})

describe('previewCampaign for an announcement', () => {
  it('says per reason what would not be posted, and what waits for the chat’s cooldown', async () => {
    const world = await createCampaignWorld(db, { limits: { group_post_cooldown_seconds: 300 } })
    const [fresh, busy, left] = [
      await world.chat({ telegramId: -31 }),
      await world.chat({ telegramId: -32 }),
      await world.chat({ telegramId: -33, status: 'kicked' }),
    ]
    const full = await world.chat({ telegramId: -34 })
    await db
      .updateTable('chat')
      .set({ over_package_since: toDate(0) })
      .where('id', '=', full)
      .execute()
    const before = await world.start({ kind: 'announcement', audience: { chats: [busy] } })
    await world.send(before, world.clock.now() - MINUTE_MS)
    const chats = [fresh, busy, left, full]
    const preview = await world.preview(await world.draft({ kind: 'announcement', audience: { chats } }))
    expect(preview.steps).toMatchObject([
      {
        total: 4,
        sent: 1,
        deferred: { group_post_cooldown: 1 },
        refused: { no_right_to_post: 1, group_over_package: 1 },
      },
    ])
    expect(preview.landing.landed).toBe(2)
    expect(preview.landing.lastAt).toBeGreaterThanOrEqual(world.clock.now() + 4 * MINUTE_MS)
  })
})

describe('recordPostResponses', () => {
  it('counts each person once a kind, of our own posts alone, and for a day', async () => {
    const world = await createCampaignWorld(db)
    const chat = await world.chat({ telegramId: -41 })
    const id = await world.start({ kind: 'announcement', audience: { chats: [chat] } })
    await world.send(id)
    const [post] = await world.rows(id)
    const messageId = post?.telegram_message_id ?? 0
    const contactId = await world.person()
    const base = { chatTelegramId: -41, messageId, contactId, at: world.clock.now() + 1 } as const
    const record = (over: object) => world.run((tx) => recordPostResponses(tx, [{ ...base, kind: 'reply', ...over }]))
    expect(await record({})).toBe(1)
    expect(await record({})).toBe(0)
    expect(await record({ kind: 'reaction' })).toBe(1)
    expect(await record({ messageId: messageId + 1 })).toBe(0)
    expect(await record({ chatTelegramId: -42 })).toBe(0)
    expect(await record({ kind: 'click', at: world.clock.now() + DAY_MS + 1 })).toBe(0)
    const report = await world.run((tx) => campaignReport(tx, id, world.clock.now()))
    expect(report.chats).toMatchObject([{ title: 'Grup', state: 'sent', reactions: 1, replies: 1, clicks: 0 }])
  })
})

describe('pinAnnouncements', () => {
  it('has each post pinned once, and says per chat how that ended', async () => {
    const world = await createCampaignWorld(db)
    const chats = [
      await world.chat({ telegramId: -51, title: 'A', status: 'administrator', rights: { can_pin_messages: true } }),
      await world.chat({ telegramId: -52, title: 'B' }),
    ]
    const id = await world.start({ kind: 'announcement', audience: { chats }, pins: true })
    const pin = () => world.run((tx) => pinAnnouncements(tx, world.clock.now()))
    expect(await pin()).toBe(0)
    await world.send(id)
    expect(await pin()).toBe(2)
    expect(await pin()).toBe(0)
    const { chats: results } = await world.run((tx) => campaignReport(tx, id, world.clock.now()))
    expect(results.map((row) => [row.title, row.pinState, row.pinReason])).toEqual([
      ['A', 'wanted', null],
      ['B', 'failed', 'no_admin_right'],
    ])
  })
})
