import { describe, expect, it } from 'vitest'

import type { MemberRole } from '#contract/words.ts'
import { ManualClock } from '#server/base/clock.ts'
import { HOUR_MS } from '#server/base/duration.ts'
import { createDb } from '#server/db/pool.ts'
import { inTenant } from '#server/db/tenant-scope.ts'
import { createPipeline, recordConsent, touchContact } from '#server/modules/contacts/index.ts'
import { seedStrategies } from '#server/modules/delivery/index.ts'
import { openTestApi } from '#server/testing/api.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { NOON, createAccount, createDelivery, createTenant, ownerAt } from '#server/testing/factories.ts'

const db = createDb((await createTestDatabase()).pool)
const clock = new ManualClock(NOON)
const { addMember } = openTestApi(db, clock)

let serial = 50_000

type Answer = Readonly<Record<string, unknown>> & { readonly status: number }
type Items = readonly Readonly<Record<string, unknown>>[]

/** A tenant with strategies, somebody who wrote to its account and agreed to messages, and members by role. */
const openShop = async () => {
  const tenantId = await createTenant(db)
  const accountId = await createAccount(db, tenantId)
  const telegramId = (serial += 1)
  const id = await inTenant(db, tenantId, async (tx) => {
    await seedStrategies(tx, NOON)
    const person = { telegramId, username: 'aysesu', firstName: 'Ayşe', lastName: 'Su', isPremium: false, isBot: false }
    const touched = await touchContact(tx, {
      accountId,
      person,
      at: NOON - HOUR_MS,
      kind: 'message',
      text: 'Fiyat <b>ne</b> kadar?',
    })
    if (!touched) throw new Error('nobody wrote')
    const { contactId } = touched
    const consent = { contactId, purpose: 'marketing', granted: true, textVersion: 'v1', source: 'bot' } as const
    await recordConsent(tx, { ...consent, at: NOON - HOUR_MS / 2 })
    return contactId
  })
  const member = async (role: MemberRole) => (await addMember<Answer>(tenantId, role, { language: 'en' })).call
  return { tenantId, accountId, id, owner: await member('owner'), member }
}

describe('contacts', () => {
  it('are shown with what they allowed, when and where, and when they are best written to', async () => {
    const { id, owner } = await openShop()
    const profile = await owner('GET', `contacts/${id}`)
    expect(profile).toMatchObject({
      id,
      firstName: 'Ayşe',
      username: 'aysesu',
      consents: [
        { purpose: 'marketing', granted: true, changedAt: NOON - HOUR_MS / 2, source: 'bot', textVersion: 'v1' },
      ],
      reach: [{ reachability: 'reachable', lastInboundAt: NOON - HOUR_MS }],
    })
    expect(profile['hourShares']).toHaveLength(24)
    const { items } = (await owner('GET', `contacts/${id}/timeline`)) as unknown as { items: Items }
    expect(items).toMatchObject([
      { type: 'consent', kind: 'marketing', granted: true, source: 'bot' },
      { type: 'message', direction: 'in', text: 'Fiyat <b>ne</b> kadar?' },
    ])
  })

  it('keep who they are and what they wrote from those who do not talk to them', async () => {
    const { id, member } = await openShop()
    const analyst = await member('analyst')
    expect(await analyst('GET', `contacts/${id}`)).toMatchObject({ firstName: null, username: null, telegramId: null })
    const answer = await analyst('GET', `contacts/${id}/timeline`)
    expect(JSON.stringify(answer)).not.toContain('Fiyat')
    expect((await analyst('GET', `contacts/${id}/export`)).status).toBe(403)
  })

  it('have their segments explained, condition by condition', async () => {
    const { id, owner } = await openShop()
    const { segments } = (await owner('GET', `contacts/${id}/segments`)) as unknown as { segments: Items }
    expect(segments).toHaveLength(12)
    expect(segments.find(({ segment }) => segment === 'NEW_USER')).toMatchObject({
      confidence: expect.any(Number),
      source: 'rule',
      conditions: expect.arrayContaining([expect.objectContaining({ feature: 'daysKnown', passed: true })]),
    })
    // Nobody who never paid has paid some days ago.
    const loyal = segments.find(({ segment }) => segment === 'LOYAL_CUSTOMER')
    expect(loyal).toMatchObject({ confidence: null, source: null })
  })

  it('tell why something was not sent to them', async () => {
    const { tenantId, accountId, id, owner } = await openShop()
    const delivery = { contactId: id, accountId, chatId: 1 }
    await createDelivery(db, tenantId, { ...delivery, sentAt: NOON })
    await createDelivery(db, tenantId, { ...delivery, isHoldout: true })
    const { items } = (await owner('GET', `contacts/${id}/unsent`)) as unknown as { items: Items }
    expect(items).toMatchObject([
      { state: 'planned', recordedReason: null, now: { kind: 'refuse', reason: 'holdout' } },
    ])
  })

  it('take tags and notes, and give everything out', async () => {
    const { id, owner } = await openShop()
    await owner('POST', `contacts/${id}/tags`, { tags: ['VIP', 'Kampanya'] })
    await owner('POST', `contacts/${id}/tags/remove`, { tags: ['kampanya'] })
    expect(await owner('GET', `contacts/${id}`)).toMatchObject({ tags: ['vip'] })
    expect(await owner('POST', `contacts/${id}/notes`, { text: ' ' })).toMatchObject({ status: 400, field: 'text' })
    await owner('POST', `contacts/${id}/notes`, { text: 'Akşamları arar' })
    expect(await owner('GET', `contacts/${id}/notes`)).toMatchObject({ items: [{ text: 'Akşamları arar' }] })
    const exported = await owner('GET', `contacts/${id}/export`)
    expect(exported).toMatchObject({ format: 'gavatcore.contact.1', contactId: id })
    expect(JSON.stringify(exported)).toContain('Akşamları arar')
  })

  it('have tasks, due first, that are ticked off and opened again', async () => {
    const { id, owner, member } = await openShop()
    const agent = await member('agent')
    const path = `contacts/${id}/tasks`
    expect(await agent('POST', path, { title: ' ' })).toMatchObject({ status: 400, field: 'title' })
    expect(await agent('POST', path, { title: 'Ara', dueAt: NOON * 2 })).toMatchObject({ status: 400, field: 'dueAt' })
    await agent('POST', path, { title: 'Bir gün' })
    const call = await agent('POST', path, { title: 'Ara', dueAt: NOON + HOUR_MS })
    expect(call).toMatchObject({ status: 200, dueAt: NOON + HOUR_MS, createdBy: expect.stringMatching(/^member:/) })
    const titles = async (which: string) =>
      ((await owner('GET', `${path}?which=${which}`)) as unknown as { items: Items }).items.map(({ title }) => title)
    expect(await titles('open')).toEqual(['Ara', 'Bir gün'])
    const change = (by: typeof owner, body: object) => by('PATCH', `tasks/${String(call['id'])}`, body)
    expect(await change(await member('analyst'), { isDone: true })).toMatchObject({ status: 403, code: 'not_allowed' })
    expect(await change((await openShop()).owner, { isDone: true })).toMatchObject({ status: 404 })
    expect(await change(owner, { isDone: true })).toMatchObject({ doneAt: NOON, doneBy: expect.any(String) })
    expect([await titles('open'), await titles('done')]).toEqual([['Bir gün'], ['Ara']])
    expect(await change(owner, { isDone: false, dueAt: null })).toMatchObject({ doneAt: null, dueAt: null })
    expect(await titles('done')).toEqual([])
  })

  it('stand at a stage of each pipeline, are moved, and leave it', async () => {
    const { tenantId, id, owner, member } = await openShop()
    const path = `contacts/${id}/stages`
    expect(await owner('GET', path)).toMatchObject({ pipelines: [] })
    const given = { name: 'Satış', stages: ['Yeni', 'Görüşme'] }
    const { id: pipelineId, stages } = await inTenant(db, tenantId, (tx) => createPipeline(tx, given, ownerAt(NOON)))
    const move = (by: typeof owner, stageId: number | null) => by('PUT', `${path}/${pipelineId}`, { stageId })
    const last = stages.at(-1)?.id ?? 0
    expect(await move(await member('analyst'), last)).toMatchObject({ status: 403 })
    expect(await move(owner, last + 1_000)).toMatchObject({ status: 404 })
    expect(await move(await member('agent'), last)).toMatchObject({ status: 200, hasMoved: true })
    expect(await move(owner, last)).toMatchObject({ hasMoved: false })
    expect(await owner('GET', path)).toMatchObject({
      pipelines: [{ id: pipelineId, name: 'Satış', stages, standsAt: { stageId: last, since: NOON } }],
    })
    expect(await move(owner, null)).toMatchObject({ hasMoved: true })
    expect(await owner('GET', path)).toMatchObject({ pipelines: [{ standsAt: null }] })
    expect(await (await openShop()).owner('PUT', `${path}/${pipelineId}`, { stageId: last })).toMatchObject({
      status: 404,
    })
  })

  it('are forgotten by an owner alone, once their number is given twice', async () => {
    const { id, owner, member } = await openShop()
    const admin = await member('admin')
    expect((await admin('POST', `contacts/${id}/erase`, { confirm: id })).status).toBe(403)
    expect(await owner('POST', `contacts/${id}/erase`, { confirm: id + 1 })).toMatchObject({
      status: 400,
      field: 'confirm',
    })
    expect((await owner('GET', `contacts/${id}`)).status).toBe(200)
    expect((await owner('POST', `contacts/${id}/erase`, { confirm: id })).status).toBe(200)
    expect((await owner('GET', `contacts/${id}`)).status).toBe(404)
    expect((await owner('GET', `contacts/${id}/timeline`)).status).toBe(404)
  })
})

describe('strategies', () => {
  it('change as new versions, come back, and refuse what is out of bounds at its field', async () => {
    const { owner } = await openShop()
    const changed = await owner('PATCH', 'strategies/HOT_LEAD', { maxPerDay: 1, hours: [20, 9], expectedVersion: 1 })
    expect(changed).toMatchObject({ version: 2, maxPerDay: 1, hours: [9, 20], style: 'direct_sales' })
    expect(await owner('PATCH', 'strategies/HOT_LEAD', { maxPerDay: 9 })).toMatchObject({
      status: 400,
      field: 'maxPerDay',
    })
    expect(await owner('PATCH', 'strategies/HOT_LEAD', { hours: [] })).toMatchObject({ status: 400, field: 'hours' })
    expect(await owner('PATCH', 'strategies/HOT_LEAD', { maxPerDay: 2, expectedVersion: 1 })).toMatchObject({
      status: 409,
      code: 'strategy_moved_on',
    })
    expect(await owner('POST', 'strategies/HOT_LEAD/restore', { version: 1 })).toMatchObject({
      version: 3,
      maxPerDay: 3,
    })
    const { items } = (await owner('GET', 'strategies/HOT_LEAD/versions')) as unknown as { items: Items }
    expect(items.map(({ version }) => version)).toEqual([3, 2, 1])
    expect(items[0]?.['changedBy']).toMatch(/^member:\d+$/)
  })

  it('are put back by a preset, all twelve at once', async () => {
    const { owner } = await openShop()
    await owner('PATCH', 'strategies/LURKER', { enabled: false })
    expect(await owner('POST', 'strategies/preset', { preset: 'default' })).toMatchObject({ changed: 1 })
    expect(await owner('POST', 'strategies/preset', { preset: 'none' })).toMatchObject({ status: 400, field: 'preset' })
    const { items } = (await owner('GET', 'strategies')) as unknown as { items: Items }
    expect(items).toHaveLength(12)
    expect(items.find(({ segment }) => segment === 'LURKER')).toMatchObject({ enabled: true, version: 3 })
  })
})

describe('segments', () => {
  it('are compared by what came of what they were sent', async () => {
    const { owner } = await openShop()
    const { segments } = (await owner('GET', 'segments/report')) as unknown as { segments: Items }
    expect(segments).toHaveLength(12)
    expect(segments[0]).toMatchObject({ sent: 0, responseRatio: null })
  })
})
