import { once } from 'node:events'
import { type IncomingMessage, get } from 'node:http'

import { describe, expect, it } from 'vitest'

import { createDb } from '#server/db/pool.ts'
import { createCampaignWorld } from '#server/modules/delivery/plan/campaign-world.suite.ts'
import { openTestApi } from '#server/testing/api.ts'
import { createTestDatabase } from '#server/testing/db.ts'

import { listen } from '../../index.ts'

const db = createDb((await createTestDatabase()).pool)
const world = await createCampaignWorld(db)
const { clock, tenantId } = world
const { addMember, createServer } = openTestApi(db, clock)

interface Counts {
  readonly states: Readonly<Record<string, number>>
  readonly clicked: number
}
interface Answer {
  readonly code?: string
  readonly state?: string
  readonly counts?: Counts
  readonly items?: readonly { readonly id: number; readonly counts: Counts; readonly deliveryId: number }[]
  readonly nextCursor?: string | null
  readonly [more: string]: unknown
}

let serial = 0
const { cookie, call: ask } = await addMember<Answer>(tenantId, 'owner')

describe('campaigns', () => {
  it('are listed from new to old, a page at a time, with how far each came', async () => {
    await world.person()
    await world.person()
    const [older, newer] = [await world.start(), await world.draft()]
    const first = await ask('GET', 'campaigns?limit=1')
    expect(first).toMatchObject({
      status: 200,
      items: [{ id: newer, state: 'draft', counts: { states: { planned: 0 } } }],
    })
    const second = await ask('GET', `campaigns?limit=1&cursor=${first.nextCursor}`)
    expect(second.items).toMatchObject([{ id: older, state: 'running', counts: { states: { planned: 2 } } }])
    expect((await ask('GET', 'campaigns?state=draft')).items).toMatchObject([{ id: newer }])
    expect(await ask('GET', 'campaigns?cursor=x')).toMatchObject({ status: 400, field: 'cursor' })
  })

  it('tell whom they are for, what they say and why somebody is left out', async () => {
    await world.person({ consents: [] })
    const id = await world.start()
    expect(await ask('GET', `campaigns/${id}`)).toMatchObject({
      steps: [{ afterHours: 0, template: expect.stringContaining('Şablon') }],
      audience: { segments: [], tags: [], chats: [] },
      needsApproval: false,
    })
    const draft = await world.draft()
    expect(await ask('GET', `campaigns/${draft}/preview`)).toMatchObject({
      steps: [{ refused: { no_consent: 1 } }],
      samples: expect.arrayContaining([expect.stringContaining('#reklam')]),
    })
    // Whoever may not see who people are reads what is said to nobody in particular.
    const { call: asAnalyst } = await addMember<Answer>(tenantId, 'analyst')
    const shown = await ask('GET', `campaigns/${draft}/preview`)
    const hidden = await asAnalyst('GET', `campaigns/${draft}/preview`)
    expect((shown['samples'] as string[]).length).toBeGreaterThan(1)
    expect(hidden['samples']).toHaveLength(1)
    const waiting = (await ask('GET', `campaigns/${id}/recipients?state=planned&limit=2`)).items ?? []
    expect(waiting).toHaveLength(2)
    const last = waiting.at(-1)?.deliveryId
    const { items, nextCursor } = await ask('GET', `campaigns/${id}/recipients?limit=2&cursor=${last}`)
    expect([items?.length, nextCursor]).toEqual([1, null])
    expect(await ask('GET', `deliveries/${items?.[0]?.deliveryId}/why`)).toMatchObject({
      state: 'planned',
      recordedReason: null,
      nowSays: { kind: 'refuse', reason: 'no_consent', until: null },
      isCampaignPaused: false,
    })
    expect(await ask('POST', `campaigns/${id}/cancel`)).toMatchObject({ counts: { states: { cancelled: 3 } } })
    expect(await ask('GET', `campaigns/${id}/report`)).toMatchObject({
      funnel: { planned: 3, sent: 0 },
      failures: [{ state: 'cancelled', reason: 'campaign_cancelled', count: 3 }],
      goal: null,
    })
    expect(await ask('GET', 'deliveries/999999/why')).toMatchObject({ status: 404 })
  })

  it('are started, held, let go on and ended, each once', async () => {
    const id = await world.draft()
    expect(await ask('POST', `campaigns/${id}/pause`)).toMatchObject({ status: 409, code: 'campaign_state' })
    expect(await ask('POST', `campaigns/${id}/start`)).toMatchObject({ status: 200, state: 'running' })
    expect(await ask('POST', `campaigns/${id}/pause`)).toMatchObject({ status: 200, state: 'paused' })
    expect(await ask('POST', `campaigns/${id}/resume`)).toMatchObject({ status: 200, state: 'running' })
    const both = await Promise.all([ask('POST', `campaigns/${id}/cancel`), ask('POST', `campaigns/${id}/cancel`)])
    expect(both.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 409])
    const reviewed = await world.draft()
    expect(await ask('POST', `campaigns/${reviewed}/submit`)).toMatchObject({ state: 'in_review' })
    expect(await ask('POST', `campaigns/${reviewed}/return`)).toMatchObject({ state: 'draft' })
    expect(await ask('POST', `campaigns/${reviewed}/test`, {})).toMatchObject({ code: 'test_send_not_started' })
  })
})

describe('a campaign that is made here', () => {
  const settings = async (over: object = {}) => ({
    name: `Yaz ${(serial += 1)}`,
    kind: 'broadcast',
    accountId: world.accountId,
    steps: [{ templateId: await world.template() }],
    ...over,
  })

  it('is foretold before it exists: how many, who is left out and why, and what limits it', async () => {
    await world.person({ tags: ['vip'] })
    await world.person({ tags: ['vip'], consents: [] })
    const outline = { kind: 'broadcast', accountId: world.accountId, audience: { tags: ['vip'] }, steps: [] }
    expect(await ask('POST', 'campaigns/forecast', outline)).toMatchObject({
      status: 200,
      steps: [{ total: 2, sent: 1, refused: { no_consent: 1 } }],
      samples: [],
      limits: { quietFromHour: expect.any(Number), timeZone: expect.any(String) },
    })
    const withMessage = { ...outline, steps: [{ templateId: await world.template('#reklam Merhaba {{first_name|siz}} {{sender}} {{opt_out}}') }] } // prettier-ignore
    expect(await ask('POST', 'campaigns/forecast', withMessage)).toMatchObject({
      steps: [{ total: 2, sent: 1 }],
      samples: expect.arrayContaining([expect.stringContaining('Merhaba')]),
    })
    expect(await ask('POST', 'campaigns/forecast', { ...outline, audience: { segments: ['HIGH'] } })).toMatchObject({
      status: 400,
      code: 'unknown_segment',
      field: 'audience.segments[0]',
    })
    expect(await ask('POST', 'campaigns/forecast', { ...outline, accountId: 999_999 })).toMatchObject({ status: 404 })
    const { items: before } = await ask('GET', 'campaigns?limit=100')
    expect(before?.every(({ id }) => id > 0)).toBe(true)
  })

  it('foretells what happens to a draft whose message nobody approved yet', async () => {
    const { id } = await ask('POST', 'templates', {
      name: `taslak ${(serial += 1)}`,
      messageClass: 'commercial',
      variants: [{ name: 'a', locale: 'tr', text: 'Selam {{sender}} {{opt_out}}' }],
    })
    const outline = { kind: 'broadcast', accountId: world.accountId, audience: { tags: ['vip'] }, steps: [{ templateId: id }] } // prettier-ignore
    expect(await ask('POST', 'campaigns/forecast', outline)).toMatchObject({ status: 200, steps: [{ total: 2 }] })
    const made = await ask('POST', 'campaigns', await settings({ steps: [{ templateId: id }] }))
    expect(await ask('POST', `campaigns/${made['id'] as number}/start`)).toMatchObject({
      status: 409,
      code: 'template_not_approved',
    })
  })

  it('is made once under its name, even when it is asked for twice at once', async () => {
    const input = await settings()
    const both = await Promise.all([ask('POST', 'campaigns', input), ask('POST', 'campaigns', input)])
    expect(both.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 409])
    expect(both.find(({ status }) => status === 409)).toMatchObject({ code: 'campaign_name_taken', field: 'name' })
  })

  it('names the part that is wrong', async () => {
    for (const [over, field] of [
      [{ name: ' ' }, 'name'],
      [{ kind: 'promo', goal: { kind: 'order', target: 5, stops: true } }, 'endsAt'],
      [{ steps: [{ templateId: 999_999 }] }, 'steps[0].templateId'],
      [{ audience: { chats: [999_999] } }, 'audience.chats'],
      [{ startsAt: clock.now() + 2_000, endsAt: clock.now() + 1_000 }, 'endsAt'],
      [{ goal: { kind: 'order', target: 0, stops: false } }, 'goal.target'],
      [{ bestChats: 3 }, 'bestChats'],
      [{ kind: 'everything' }, 'kind'],
    ] as const)
      expect([field, await ask('POST', 'campaigns', await settings(over))]).toMatchObject([
        field,
        { field, status: field.startsWith('audience') || field.startsWith('steps') ? 404 : 400 },
      ])
  })

  it('is changed by whoever saw it as it is, and by nobody who saw an older one', async () => {
    const made = await ask('POST', 'campaigns', await settings({ audience: { tags: ['vip'] } }))
    const path = `campaigns/${made['id'] as number}`
    const { version, ...seen } = await ask('GET', path)
    expect(seen).toMatchObject({ audience: { tags: ['vip'] }, pins: false, bestChats: null, takesLateJoiners: true })
    const input = await settings({ name: 'Yazın sonu' })
    expect(await ask('PUT', path, { ...input, expectedVersion: version })).toMatchObject({ status: 200, name: 'Yazın sonu' }) // prettier-ignore
    expect(await ask('PUT', path, { ...input, name: 'Eski', expectedVersion: version })).toMatchObject({
      status: 409,
      code: 'campaign_moved_on',
    })
    expect(await ask('GET', path)).toMatchObject({ name: 'Yazın sonu' })
    await ask('POST', `${path}/start`)
    const { version: now } = await ask('GET', path)
    expect(await ask('PUT', path, { ...input, expectedVersion: now })).toMatchObject({ code: 'campaign_not_draft' })
  })

  it('is made of what the tenant has, and of nothing of another one', async () => {
    const chat = await world.chat({ telegramId: -100_900, title: 'Kahveciler' })
    const other = await createCampaignWorld(db)
    await other.person({ tags: ['yabancı'] })
    const { tags, chats, accounts } = await ask('GET', 'campaigns/choices')
    expect(tags).toEqual([{ tag: 'vip', people: 2 }])
    expect(chats).toEqual([{ id: chat, title: 'Kahveciler', kind: 'supergroup' }])
    expect(accounts).toMatchObject([{ id: world.accountId, kind: 'bot', state: 'active' }])
    expect(await ask('POST', 'campaigns', await settings({ accountId: other.accountId }))).toMatchObject({
      status: 404,
    })
  })
})

describe('the live stream', () => {
  /** The events that arrive, as they arrive; it ends when the server ends it. */
  const openStream = async (address: string, path: string) => {
    const request = get(new URL(`/api/v1/${path}`, address), {
      headers: { cookie, accept: 'text/event-stream', 'last-event-id': '41' },
    })
    const [answer] = (await once(request, 'response')) as [IncomingMessage]
    answer.setEncoding('utf8')
    const events = (async function* () {
      let text = ''
      for await (const chunk of answer) {
        text += String(chunk)
        const parts = text.split('\n\n')
        text = parts.pop() ?? ''
        for (const part of parts) {
          const data = /^data: (.*)$/m.exec(part)?.[1]
          if (data !== undefined) yield JSON.parse(data) as { state: string; counts: Counts }
        }
      }
    })()
    return { status: answer.statusCode, type: answer.headers['content-type'], events }
  }

  it('says how a campaign stands and what changes, to each tenant its own, and ends with the server', async () => {
    const id = await world.start()
    const server = createServer()
    const address = await listen(server, '127.0.0.1', 0)
    const [one, two] = [
      await openStream(address, `campaigns/${id}/live?tenant=${tenantId}`),
      await openStream(address, `campaigns/${id}/live?tenant=${tenantId}`),
    ]
    expect([one.status, one.type]).toEqual([200, 'text/event-stream'])
    for (const { events } of [one, two])
      expect((await events.next()).value).toMatchObject({ state: 'running', counts: { clicked: 0 } })
    expect(await ask('POST', `campaigns/${id}/pause`)).toMatchObject({ status: 200 })
    for (const { events } of [one, two]) expect((await events.next()).value).toMatchObject({ state: 'paused' })
    expect((await openStream(address, 'campaigns/999999/live')).status).toBe(404)
    expect((await openStream(address, `campaigns/${id}/live?tenant=nobodys`)).status).toBe(404)
    await server.close()
    expect((await one.events.next()).done).toBe(true)
    expect((await two.events.next()).done).toBe(true)
  })
})
