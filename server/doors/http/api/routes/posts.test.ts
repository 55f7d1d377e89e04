import { beforeEach, describe, expect, it } from 'vitest'

import { ManualClock } from '#server/base/clock.ts'
import { HOUR_MS } from '#server/base/duration.ts'
import { createDb } from '#server/db/pool.ts'
import { openTestApi } from '#server/testing/api.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { NOON, createTenant } from '#server/testing/factories.ts'
import { type GroupsWorld, createGroupsWorld } from '#server/testing/groups-world.ts'

const db = createDb((await createTestDatabase()).pool)
const { addMember } = openTestApi(db, new ManualClock(NOON))

interface Answer {
  readonly id?: number
  readonly items?: readonly { readonly id: number; readonly state: string; readonly upcoming: readonly number[] }[]
  readonly [more: string]: unknown
}

let world: GroupsWorld
let owner: Awaited<ReturnType<typeof addMember<Answer>>>

beforeEach(async () => {
  world = await createGroupsWorld(db, { group_post_cooldown_seconds: 180 })
  owner = await addMember<Answer>(world.tenantId, 'owner')
})

const path = () => `groups/${world.chatId}/posts`
const post = (over: object = {}) => ({
  accountId: world.accountId,
  name: 'sabah',
  content: { text: 'Günaydın!' },
  schedule: { kind: 'every', hours: 6 },
  ...over,
})
const plan = (over: object = {}) => owner.call('POST', path(), post(over))

describe('posts', () => {
  it('are listed with what comes, who may make them and what bounds them', async () => {
    expect(await owner.call('GET', path())).toMatchObject({
      items: [],
      isOn: false,
      accounts: [{ id: world.accountId, isInstalled: true }],
      pauseSeconds: 180,
      usage: [{ name: 'messages_month' }, { name: 'messages_day' }],
    })
    const { id } = await plan({ endsOn: '2026-06-01', pins: true })
    expect((await owner.call('GET', path())).items).toMatchObject([
      {
        id,
        name: 'sabah',
        state: 'active',
        pins: true,
        endsOn: '2026-06-01',
        upcoming: [NOON + 6 * HOUR_MS],
        runs: [],
      },
    ])
  })

  it('are held, let go on and cancelled, and opened for the group, all of it audited', async () => {
    const { id } = await plan()
    expect(await owner.call('POST', `posts/${id}/pause`)).toMatchObject({ status: 200 })
    expect((await owner.call('GET', path())).items).toMatchObject([{ state: 'paused', pauseReason: 'by_hand', upcoming: [] }]) // prettier-ignore
    expect(await owner.call('POST', `posts/${id}/resume`)).toMatchObject({ status: 200 })
    expect((await owner.call('GET', path())).items).toMatchObject([{ state: 'active' }])
    const turn = (body: object) => owner.call('PUT', `groups/${world.chatId}/posting`, body)
    expect(await turn({ isOn: true })).toMatchObject({ status: 400, field: 'accountId', code: 'chat_account_needed' })
    expect(await turn({ isOn: true, accountId: world.accountId })).toMatchObject({ isOn: true })
    expect(await owner.call('GET', path())).toMatchObject({ isOn: true })
    expect(await turn({ isOn: false })).toMatchObject({ isOn: false })
    expect(await owner.call('DELETE', `posts/${id}`)).toMatchObject({ status: 200 })
    expect(await owner.call('DELETE', `posts/${id}`)).toMatchObject({ status: 404 })
    const audit = await db
      .selectFrom('audit_log')
      .select('action')
      .where('tenant_id', '=', world.tenantId)
      .where('target', '=', `chat:${world.chatId}`)
      .orderBy('id')
      .execute()
    expect(audit.map(({ action }) => action)).toEqual([
      'post.created',
      'post.paused',
      'post.resumed',
      'chat_voice.updated',
      'chat_voice.updated',
      'post.removed',
    ])
  })

  it('say which field is wrong, in words', async () => {
    for (const [over, field, code] of [
      [{ name: ' ' }, 'name', 'text_length'],
      [{ content: { text: '<b>açık' } }, 'text', 'post_text'],
      [{ content: { text: 'Selam {{first_name}}' } }, 'text', 'post_text'],
      [{ schedule: { kind: 'every', hours: 0 } }, 'hours', 'post_schedule'],
      [{ schedule: { kind: 'daily', times: [] } }, 'times', 'post_schedule'],
      [{ startsOn: '2026-02-30' }, 'startsOn', 'post_day'],
      [{ endsOn: '2026-05-01' }, 'endsOn', 'post_never'],
    ] as const)
      expect([over, await plan(over)]).toMatchObject([over, { status: 400, field, code }])
    expect((await plan({ content: { text: 'Selam {{adi}}' } }))['detail']).toContain('"adi"')
    await plan()
    expect(await plan()).toMatchObject({ status: 409, field: 'name', code: 'post_name_taken' })
    await world.place('left', { at: NOON })
    expect(await plan({ name: 'b' })).toMatchObject({ status: 409, field: 'accountId', code: 'not_in_chat' })
    expect(await owner.call('GET', path())).toMatchObject({ accounts: [] })
  })

  it('of another tenant are not there, and are planned by those who may start campaigns', async () => {
    const { id } = await plan()
    const there = await addMember<Answer>(await createTenant(db), 'owner')
    const agent = await addMember<Answer>(world.tenantId, 'agent')
    for (const [method, address, body] of [
      ['GET', path(), undefined],
      ['POST', path(), post({ name: 'b' })],
      ['PUT', `groups/${world.chatId}/posting`, { isOn: false }],
      ['POST', `posts/${id}/pause`, undefined],
      ['POST', `posts/${id}/resume`, undefined],
      ['DELETE', `posts/${id}`, undefined],
    ] as const) {
      expect([address, await there.call(method, address, body)]).toMatchObject([address, { status: 404 }])
      const status = method === 'GET' ? 200 : 403
      expect([address, await agent.call(method, address, body)]).toMatchObject([address, { status }])
    }
    expect((await owner.call('GET', path())).items).toMatchObject([{ id, state: 'active' }])
  })
})
