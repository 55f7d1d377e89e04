import { describe, expect, it } from 'vitest'

import { ManualClock, toDate } from '#server/base/clock.ts'
import { HOUR_MS } from '#server/base/duration.ts'
import { createDb } from '#server/db/pool.ts'
import { asOperator, inTenant } from '#server/db/tenant-scope.ts'
import { listAudit, setTenantState } from '#server/modules/tenancy/index.ts'
import { openTestApi } from '#server/testing/api.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { NOON, createAccount, createContact, createDelivery, createTenant, ownerAt } from '#server/testing/factories.ts'

const db = createDb((await createTestDatabase()).pool)
const clock = new ManualClock(NOON)
const { addMember } = openTestApi(db, clock)

interface Answer {
  readonly status: number
  readonly code?: string
  readonly field?: string
  readonly cancelled?: number
  readonly items?: readonly { readonly id: number; readonly [name: string]: unknown }[]
}

/** A tenant whose account has three messages that wait, one of them because of quiet hours, and two that were refused. */
const openShop = async () => {
  const tenantId = await createTenant(db)
  const accountId = await createAccount(db, tenantId)
  const contactId = await createContact(db, tenantId, { accountId, firstName: 'Ayşe' })
  const shared = { accountId, contactId, chatId: contactId }
  const add = async (row: object | null) => {
    const id = await createDelivery(db, tenantId, shared)
    if (row !== null) await db.updateTable('delivery').set(row).where('id', '=', id).execute()
    return id
  }
  const waits = [await add(null), await add(null)]
  const deferred = await add({ state: 'deferred', reason: 'quiet_hours' })
  for (const _ of waits) await add({ state: 'refused', reason: 'no_consent', finished_at: toDate(NOON - HOUR_MS) })
  const member = async (role: Parameters<typeof addMember>[1]) => (await addMember<Answer>(tenantId, role)).call
  return { tenantId, accountId, waits, deferred, owner: await member('owner'), member }
}

describe('accounts', () => {
  it('are shown with the figures they are judged by, their pace and what stops them', async () => {
    const { owner, accountId } = await openShop()
    expect(await owner('GET', 'accounts')).toMatchObject({
      status: 200,
      items: [
        {
          id: accountId,
          kind: 'bot',
          state: 'active',
          health: { state: 'normal', reason: null, warmUp: null, evidence: expect.any(Array) },
          pace: { perSecond: 25, perMinute: 1_500, commercialPerDay: null },
        },
      ],
      sending: { stopped: null, stoppedForAll: null },
      usage: expect.arrayContaining([{ name: 'accounts', limit: null, used: 1, resetAt: null }]),
    })
  })

  it('stop and start by whoever may, with a reason that everybody sees, and with a line in the audit log', async () => {
    const { owner, member, accountId, tenantId } = await openShop()
    const agent = await member('agent')
    expect(await agent('POST', `accounts/${accountId}/pause`, { reason: 'x' })).toMatchObject({ status: 403 })
    expect(await owner('POST', `accounts/${accountId}/pause`, { reason: ' ' })).toMatchObject({
      status: 400,
      field: 'reason',
    })
    expect((await owner('POST', `accounts/${accountId}/pause`, { reason: 'bakım' })).status).toBe(200)
    expect((await owner('GET', 'accounts')).items).toMatchObject([{ state: 'paused', stateReason: 'bakım' }])
    expect((await owner('POST', `accounts/${accountId}/resume`)).status).toBe(200)
    expect((await owner('GET', 'accounts')).items).toMatchObject([{ state: 'active', stateReason: null }])
    expect(await owner('POST', `accounts/${accountId}/review`)).toMatchObject({ code: 'health_not_strained' })
    const lines = await inTenant(db, tenantId, (tx) => listAudit(tx, tenantId, 10))
    expect(lines.map(({ action }) => action)).toEqual(expect.arrayContaining(['account.paused', 'account.resumed']))
  })

  it('of another tenant, and the bot of the panel, are nobody’s to stop', async () => {
    const [mine, theirs] = [await openShop(), await openShop()]
    const stop = (id: number) => mine.owner('POST', `accounts/${id}/pause`, { reason: 'x' })
    expect(await stop(theirs.accountId)).toMatchObject({ status: 404 })
    const panel = await createAccount(db, mine.tenantId)
    await db.updateTable('account').set({ purpose: 'panel' }).where('id', '=', panel).execute()
    expect(await stop(panel)).toMatchObject({ status: 404 })
    expect((await mine.owner('GET', 'accounts')).items).toHaveLength(1)
    await db.updateTable('account').set({ purpose: 'contacts' }).where('id', '=', panel).execute()
  })

  it('all stop sending at once by anybody who may answer, and go on by fewer', async () => {
    const { owner, member } = await openShop()
    const agent = await member('agent')
    expect(await agent('POST', 'sending/stop', { reason: 'yanlış metin' })).toMatchObject({
      status: 200,
      stopped: 'yanlış metin',
    })
    expect(await agent('POST', 'sending/resume')).toMatchObject({ status: 403 })
    expect(await owner('GET', 'accounts')).toMatchObject({ sending: { stopped: 'yanlış metin' } })
    expect(await owner('POST', 'sending/resume')).toMatchObject({ stopped: null })
  })

  it('have limits that can be held tighter and never looser', async () => {
    const { owner, tenantId } = await openShop()
    await db.updateTable('tenant_limits').set({ per_minute_max: 4 }).where('tenant_id', '=', tenantId).execute()
    expect(await owner('PUT', 'accounts/limits', { limits: { perMinuteMax: 2 } })).toMatchObject({
      code: 'protection_level',
    })
    expect(await owner('PUT', 'accounts/limits', { level: 'custom', limits: { perMinuteMax: 2 } })).toMatchObject({
      level: 'custom',
      ofPackage: { perMinuteMax: 4 },
      own: { perMinuteMax: 2 },
      mayTighten: expect.arrayContaining(['outreachDailyMax']),
    })
    expect(await owner('PUT', 'accounts/limits', { limits: { perMinuteMax: 5 } })).toMatchObject({
      status: 400,
      code: 'protection_weaker',
      field: 'perMinuteMax',
    })
    expect((await owner('GET', 'accounts')).items).toMatchObject([{ pace: { perMinute: 2 } }])
    expect(await owner('PUT', 'accounts/limits', { limits: { perMinuteMax: null } })).toMatchObject({
      own: { perMinuteMax: null },
    })
  })
})

describe('the queue', () => {
  it('says what waits and why, and what was held back', async () => {
    const { owner, member, deferred, waits } = await openShop()
    expect(await owner('GET', 'deliveries/queue')).toMatchObject({
      waiting: [
        { reason: null, count: 2 },
        { reason: 'quiet_hours', count: 1 },
      ],
      heldBack: [{ state: 'refused', reason: 'no_consent', count: 2 }],
      failedCampaigns: [],
    })
    const page = await owner('GET', 'deliveries/waiting?limit=2')
    expect(page).toMatchObject({ items: waits.map((id) => ({ id, firstName: 'Ayşe' })), nextCursor: String(waits[1]) })
    const rest = await owner('GET', `deliveries/waiting?limit=2&cursor=${waits[1]}`)
    expect(rest).toMatchObject({ items: [{ id: deferred, reason: 'quiet_hours' }], nextCursor: null })
    const analyst = await member('analyst')
    expect((await analyst('GET', 'deliveries/waiting?reason=quiet_hours')).items).toMatchObject([
      { id: deferred, firstName: null },
    ])
  })

  it('lets one message or all of a reason be taken back, once', async () => {
    const { owner, member, waits, deferred, tenantId } = await openShop()
    const analyst = await member('analyst')
    expect(await analyst('POST', `deliveries/${waits[0]}/cancel`)).toMatchObject({ status: 403 })
    expect(await owner('POST', `deliveries/${waits[0]}/cancel`)).toMatchObject({ cancelled: 1 })
    expect(await owner('POST', `deliveries/${waits[0]}/cancel`)).toMatchObject({ code: 'delivery_not_waiting' })
    expect(await owner('POST', 'deliveries/cancel', { reason: 'quiet_hours' })).toMatchObject({ cancelled: 1 })
    expect(await owner('POST', 'deliveries/cancel', { reason: 'no_consent' })).toMatchObject({ cancelled: 0 })
    expect(await owner('POST', 'deliveries/cancel', { reason: null })).toMatchObject({ cancelled: 1 })
    const rows = await db
      .selectFrom('delivery')
      .select(['id', 'state', 'reason'])
      .where('tenant_id', '=', tenantId)
      .where('reason', '=', 'cancelled_by_member')
      .execute()
    expect(rows.map(({ id }) => id).toSorted((a, b) => a - b)).toEqual([...waits, deferred])
    const other = await openShop()
    expect(await owner('POST', `deliveries/${other.waits[0]}/cancel`)).toMatchObject({ code: 'delivery_not_waiting' })
  })

  it('hands over what was paid for, whatever else is taken back', async () => {
    const { owner, waits } = await openShop()
    await db
      .updateTable('delivery')
      .set({ source: 'order' })
      .where('id', '=', waits[0] ?? 0)
      .execute()
    expect(await owner('POST', 'deliveries/cancel', { reason: null })).toMatchObject({ cancelled: 1 })
    expect((await owner('GET', 'deliveries/waiting')).items?.map(({ id }) => id)).toContain(waits[0])
  })

  it('of a suspended tenant is looked at and not changed', async () => {
    const { owner, tenantId, accountId } = await openShop()
    const state = { state: 'suspended', reason: 'test' } as const
    await asOperator(db, 'test', (tx) => setTenantState(tx, tenantId, state, ownerAt(NOON)))
    expect((await owner('GET', 'accounts')).status).toBe(200)
    expect((await owner('GET', 'deliveries/queue')).status).toBe(200)
    for (const path of [`accounts/${accountId}/resume`, 'sending/resume'])
      expect(await owner('POST', path)).toMatchObject({ status: 403, code: 'tenant_suspended' })
  })
})
