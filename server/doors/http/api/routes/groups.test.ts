import { beforeAll, describe, expect, it } from 'vitest'

import { ManualClock } from '#server/base/clock.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '#server/base/duration.ts'
import { createDb } from '#server/db/pool.ts'
import { inTenant } from '#server/db/tenant-scope.ts'
import { type ContactActivity, touchContact } from '#server/modules/contacts/index.ts'
import { recordChat, recordChatMigration } from '#server/modules/groups/index.ts'
import { openTestApi } from '#server/testing/api.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { NOON, createAccount, createTenant } from '#server/testing/factories.ts'

const db = createDb((await createTestDatabase()).pool)
const clock = new ManualClock(NOON)
const { addMember } = openTestApi(db, clock)

type Answer = Readonly<Record<string, unknown>> & { readonly status: number }
type Items = Answer & { readonly items: readonly Readonly<Record<string, unknown>>[] }

const BUSY = { telegramId: -500, kind: 'group', title: 'Moda Severler', username: null } as const
const SILENT = { telegramId: -600, kind: 'supergroup', title: 'Sessiz', username: null } as const

describe('groups', () => {
  let tenantId: number
  let busyId: number
  let owner: Awaited<ReturnType<typeof addMember<Answer>>>['call']

  beforeAll(async () => {
    tenantId = await createTenant(db)
    const accountId = await createAccount(db, tenantId)
    let messageId = 0
    await inTenant(db, tenantId, async (tx) => {
      await recordChat(tx, { chat: BUSY, at: NOON - 20 * DAY_MS, memberCount: 120 })
      await recordChat(tx, { chat: SILENT, at: NOON - 20 * DAY_MS, memberCount: 8 })
      const does = (telegramId: number, over: Partial<ContactActivity> & Pick<ContactActivity, 'kind' | 'at'>) =>
        touchContact(tx, {
          accountId,
          person: { telegramId, firstName: `Kişi ${telegramId}`, lastName: '', isPremium: false, isBot: false },
          chat: BUSY,
          ...over,
        })
      const writes = (telegramId: number, at: number, messageKind: 'text' | 'photo' = 'text') =>
        does(telegramId, { kind: 'group_message', at, text: 'selam', messageKind, messageId: (messageId += 1) })
      await does(901, { kind: 'joined_chat', at: NOON - 2 * DAY_MS })
      await does(902, { kind: 'joined_chat', at: NOON - HOUR_MS })
      await does(902, { kind: 'left_chat', at: NOON - MINUTE_MS })
      await writes(901, NOON - 2 * HOUR_MS)
      await writes(901, NOON - 2 * HOUR_MS + MINUTE_MS, 'photo')
      await writes(903, NOON - 2 * DAY_MS)
      await writes(903, NOON - 40 * DAY_MS)
      // What was seen before it became a supergroup stays its own.
      await recordChatMigration(tx, BUSY.telegramId, -1_000_500)
    })
    owner = (await addMember<Answer>(tenantId, 'owner')).call
    const { items } = (await owner('GET', 'groups?days=7')) as Items
    busyId = Number(items.find(({ title }) => title === 'Moda Severler')?.['id'])
  })

  it('are listed with what was seen in each, those nobody writes in marked', async () => {
    const { items } = (await owner('GET', 'groups?days=7')) as Items
    expect(items).toMatchObject([
      { title: 'Moda Severler', kind: 'supergroup', memberCount: 120, messages: 3, active: 2, joined: 2, left: 1, isQuiet: false }, // prettier-ignore
      { title: 'Sessiz', memberCount: 8, messages: 0, joined: 0, left: 0, lastMessageAt: null, isQuiet: true },
    ])
    expect((await owner('GET', 'groups?days=90&search=moda')) as Items).toMatchObject({ items: [{ messages: 4 }] })
  })

  it('are shown by day, hour of the week, kind of message, and who wrote most', async () => {
    const report = await owner('GET', `groups/${busyId}?days=7`)
    expect(report).toMatchObject({
      status: 200,
      group: { title: 'Moda Severler', messages: 3 },
      timeZone: 'Europe/Istanbul',
      kinds: [
        { kind: 'text', messages: 2 },
        { kind: 'photo', messages: 1 },
      ],
      members: [
        { firstName: 'Kişi 901', messages: 2 },
        { firstName: 'Kişi 903', messages: 1 },
      ],
    })
    const days = report['days'] as readonly object[]
    expect(days).toHaveLength(7)
    expect(days.at(-1)).toEqual({ on: '2026-06-01', messages: 2, active: 1, joined: 1, left: 1 })
    expect(days.at(-3)).toEqual({ on: '2026-05-30', messages: 1, active: 1, joined: 1, left: 0 })
    expect(report['slots']).toEqual([
      { weekday: 1, hour: 10, messages: 2 },
      { weekday: 6, hour: 12, messages: 1 },
    ])
  })

  it('name nobody to those who may not see names, and are nobody else’s', async () => {
    const analyst = await addMember<Answer>(tenantId, 'analyst')
    const report = await analyst.call('GET', `groups/${busyId}?days=7`)
    expect(report['members']).toMatchObject([{ firstName: null, messages: 2 }, { firstName: null }])
    const stranger = await addMember<Answer>(await createTenant(db), 'owner')
    expect(await stranger.call('GET', `groups/${busyId}`)).toMatchObject({ status: 404 })
    expect(await stranger.call('GET', 'groups')).toMatchObject({ items: [] })
    const billing = await addMember<Answer>(tenantId, 'billing')
    expect(await billing.call('GET', 'groups')).toMatchObject({ status: 403 })
    expect(await owner('GET', 'groups?days=900')).toMatchObject({ status: 400, field: 'days' })
  })
})
