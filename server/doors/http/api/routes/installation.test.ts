import { randomUUID } from 'node:crypto'

import { beforeAll, describe, expect, it } from 'vitest'

import { ManualClock } from '#server/base/clock.ts'
import { DAY_MS, HOUR_MS } from '#server/base/duration.ts'
import { secretBox } from '#server/base/secret.ts'
import { createDb } from '#server/db/pool.ts'
import { asOperator, inTenant } from '#server/db/tenant-scope.ts'
import { createFakeTelegram } from '#server/gateways/telegram/adapters/fake/create-fake-telegram.ts'
import { linkPanelAccount } from '#server/modules/accounts/index.ts'
import { openTicket, recordFaults } from '#server/modules/admin/index.ts'
import { claimPayment, createPayment, getSubscription } from '#server/modules/billing/index.ts'
import { addOperator, addOwner } from '#server/modules/tenancy/index.ts'
import { openTestApi } from '#server/testing/api.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { NOON, createAccount, createContact, createDelivery } from '#server/testing/factories.ts'

const db = createDb((await createTestDatabase()).pool)
const clock = new ManualClock(NOON)
const { callAs, signIn, addMember } = openTestApi(db, clock)

type Answer = Readonly<Record<string, unknown>> & { readonly status: number }
type Row = Readonly<Record<string, unknown>> & { readonly id: number }
interface Page {
  readonly items: readonly Row[]
  readonly nextCursor: string | null
}

const BOT = {
  username: 'panel_bot',
  displayName: 'Panel',
  canJoinGroups: false,
  readsAllGroupMessages: false,
  canConnectToBusiness: false,
}
const OPERATOR = 7_001
const SUPPORT = 7_002
let operator: ReturnType<typeof callAs<Answer>>
let support: ReturnType<typeof callAs<Answer>>
let serial = 0

beforeAll(async () => {
  const actor = { by: 'test', at: NOON }
  await asOperator(db, 'test', async (tx) => {
    await addOperator(tx, { telegramId: OPERATOR, name: 'Deniz', role: 'operator' }, actor)
    await addOperator(tx, { telegramId: SUPPORT, name: 'Ece', role: 'support' }, actor)
  })
  operator = callAs<Answer>(await signIn(OPERATOR))
  support = callAs<Answer>(await signIn(SUPPORT), 'en')
})

interface Groups {
  readonly groups: readonly Row[]
}

const pageOf = async (path: string): Promise<Page> => (await operator('GET', path)) as unknown as Page

/** A tenant made on the web, and the owner it gets. */
const newTenant = async (packageName = 'starter') => {
  const slug = `dukkan-${(serial += 1)}`
  const made = await operator('POST', 'installation/tenants', { slug, name: `Dükkân ${serial}`, package: packageName })
  expect(made).toMatchObject({ status: 200, slug })
  const id = Number(made['id'])
  return { id, slug }
}

/** A claim that waits, with what somebody said about it. */
const claimed = async (tenantId: number, file: { readonly evidenceFileId?: string | null } = {}) =>
  inTenant(db, tenantId, async (tx) => {
    const price = { periodDays: 30, amountMinor: 50_000, currency: 'TRY' } as const
    const order = { package: 'professional', provider: 'transfer', ...price } as const
    const { reference } = await createPayment(tx, order, { by: 'telegram:7', at: NOON })
    return claimPayment(tx, { reference, by: 'telegram:7', evidenceText: 'dekont 42', ...file, at: NOON })
  })

describe('evidence of a claim', () => {
  const PNG = Buffer.from('89504e470d0a1a0a0000', 'hex')
  const telegram = createFakeTelegram({ clock })
  const { app, signIn: enter } = openTestApi(db, clock, { files: telegram.files })
  const read = async (id: number, telegramId = OPERATOR) =>
    app.inject({ url: `/api/v1/installation/payments/${id}/evidence`, headers: { cookie: await enter(telegramId) } })
  const claimWith = async (bytes: Uint8Array | null) => {
    const { id: tenantId } = await newTenant()
    const evidenceFileId = bytes === null ? null : telegram.files.addFile(bytes)
    return (await claimed(tenantId, { evidenceFileId })).id
  }

  it('is shown to those who see payments, as what its first bytes say and as nothing that runs', async () => {
    const { id: tenantId } = await newTenant()
    const token = '7000000009:AApanel_of_the_installation_0123456'
    const box = secretBox(Buffer.alloc(32, 5))
    telegram.updateFeed.addBot(token, { ...BOT, telegramId: 7_000_000_009 })
    const accounts = { db, box, feed: telegram.updateFeed, publicUrl: null }
    const panel = await linkPanelAccount(accounts, { tenantId, token, apiRoot: null }, { by: 'test', at: NOON })
    const photo = await read(await claimWith(PNG), SUPPORT)
    expect([photo.statusCode, photo.rawPayload]).toEqual([200, PNG])
    expect(photo.headers).toMatchObject({
      'content-type': 'image/png',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; sandbox",
      'content-disposition': 'inline',
    })
    const pdf = await read(await claimWith(Buffer.from('%PDF-1.7 …')))
    expect(pdf.headers).toMatchObject({ 'content-type': 'application/pdf', 'content-disposition': 'attachment' })
    const page = await read(await claimWith(Buffer.from('<svg onload="x()"/>')))
    expect([page.statusCode, page.json()]).toEqual([409, expect.objectContaining({ code: 'evidence_type' })])
    const large = await read(await claimWith(Buffer.concat([PNG, Buffer.alloc(10 * 1024 * 1024)])))
    expect(large.json()).toMatchObject({ status: 409, code: 'evidence_size', params: { max: 10 } })
    expect((await read(await claimWith(null))).statusCode).toBe(404)
    const id = await claimWith(PNG)
    telegram.refuseToken(token, 'token_revoked')
    expect((await read(id)).json()).toMatchObject({ status: 503, code: 'evidence_unreadable' })
    const { cookie } = await addMember(tenantId, 'owner')
    const owner = await app.inject({ url: `/api/v1/installation/payments/${id}/evidence`, headers: { cookie } })
    expect(owner.statusCode).toBe(403)
    await db.deleteFrom('account').where('id', '=', panel.id).execute()
  })
})

describe('the installation', () => {
  it('is shown at a glance; what was earned only to who may see it', async () => {
    await newTenant()
    const seen = await operator('GET', 'installation')
    expect(seen).toMatchObject({
      status: 200,
      sendingStopped: null,
      tenants: { active: expect.any(Number), suspended: expect.any(Number) },
      waiting: { payments: expect.any(Number) },
      revenue: { currency: 'TRY', mrrMinor: expect.any(Number) },
      onboarding: { started: 0, steps: [] },
    })
    expect(await support('GET', 'installation')).toMatchObject({ status: 200, revenue: null })
  })

  it('stops and lets send again, with a reason, for those who may', async () => {
    expect(await support('POST', 'installation/stop', { reason: 'x' })).toMatchObject({ status: 403 })
    expect(await operator('POST', 'installation/stop', { reason: ' ' })).toMatchObject({ status: 400, field: 'reason' })
    await operator('POST', 'installation/stop', { reason: 'taşınıyoruz' })
    expect(await operator('GET', 'installation')).toMatchObject({ sendingStopped: 'taşınıyoruz' })
    await operator('POST', 'installation/resume')
    expect(await operator('GET', 'installation')).toMatchObject({ sendingStopped: null })
  })

  it('says what is wrong as far as it is recorded', async () => {
    const fault = { cause: 'part:sending:a', what: 'part', params: { part: 'sending', detail: 'no way out' } } as const
    await asOperator(db, 'test', (tx) => recordFaults(tx, [fault], NOON))
    const { id: tenantId } = await newTenant()
    const accountId = await createAccount(db, tenantId)
    const contactId = await createContact(db, tenantId, { accountId, firstName: 'Ayşe', at: NOON })
    for (const sentAt of [NOON, NOON, NOON - 2 * DAY_MS])
      await createDelivery(db, tenantId, { accountId, contactId, chatId: 1, sentAt })
    const failed = { state: 'failed', reason: 'blocked' } as const
    await db.updateTable('delivery').set(failed).where('contact_id', '=', contactId).execute()
    const seen = await operator('GET', 'installation/errors?days=3')
    const perDay = [1, 0, 2]
    expect(seen).toMatchObject({
      days: ['2026-05-30', '2026-05-31', '2026-06-01'],
      groups: [
        { category: 'fault', key: 'part:sending:a', state: 'open', count: 1, firstAt: NOON, perDay: [0, 0, 1] },
        { category: 'message', key: 'blocked', count: 3, firstAt: NOON - 2 * DAY_MS, lastAt: NOON, perDay },
      ],
    })
    expect(await operator('GET', 'installation')).toMatchObject({ openFaults: 1 })
  })

  it('takes what was done about a fault, which is over then and told again when it is back', async () => {
    const fault = { cause: 'part:intake:a', what: 'part', params: { part: 'intake' } } as const
    const look = (at: number) => asOperator(db, 'test', (tx) => recordFaults(tx, [fault], at))
    await look(NOON)
    const resolve = (note: string, by = operator) =>
      by('POST', 'installation/errors/resolve', { cause: fault.cause, note })
    expect(await resolve('x', support)).toMatchObject({ status: 403, code: 'not_allowed' })
    expect(await resolve(' ')).toMatchObject({ status: 400, field: 'note' })
    expect(await resolve('yeniden başlattım')).toMatchObject({ status: 200 })
    const unknown = { cause: 'part:nothing', note: 'x' }
    expect(await operator('POST', 'installation/errors/resolve', unknown)).toMatchObject({ status: 404 })
    const lineOf = async (which: string) => {
      const { groups } = (await operator('GET', `installation/errors?which=${which}`)) as unknown as Groups
      return groups.find(({ key }) => key === fault.cause)
    }
    const resolution = { at: NOON, by: `operator:${OPERATOR}`, note: 'yeniden başlattım' }
    expect([await lineOf('open'), await lineOf('ended')]).toEqual([
      undefined,
      expect.objectContaining({ state: 'resolved', resolution }),
    ])
    const [line] = (await pageOf('installation/audit?action=fault.')).items
    expect(line).toMatchObject({ target: fault.cause, tenantId: null, detail: { note: 'yeniden başlattım' } })
    expect(await look(NOON + 60_000)).toMatchObject({ opened: 1 })
    expect(await lineOf('open')).toMatchObject({ state: 'open', count: 2, resolution })
  })

  it('tells who did what, narrowed to a tenant, a person and an act, page by page', async () => {
    const { id } = await newTenant()
    for (const state of ['suspended', 'active', 'suspended'])
      await operator('POST', `installation/tenants/${id}/state`, { state, reason: 'ödeme' })
    const path = `installation/audit?tenantId=${id}&actor=operator:&action=tenant.&limit=2`
    const first = await pageOf(path)
    expect(first.items).toMatchObject([
      { action: 'tenant.suspended', tenantId: id, actor: `operator:${OPERATOR}`, detail: { reason: 'ödeme' } },
      { action: 'tenant.activated', tenantName: expect.stringContaining('Dükkân') },
    ])
    const rest = await pageOf(`${path}&cursor=${first.nextCursor}`)
    expect(rest.items.map(({ action }) => action)).toEqual(['tenant.suspended', 'tenant.created'])
    expect((await pageOf(`installation/audit?tenantId=${id}&action=payment.`)).items).toEqual([])
    expect(await support('GET', 'installation/audit')).toMatchObject({ status: 403, code: 'not_allowed' })
  })
})

describe('tenants', () => {
  it('are made once a name, and found with package, use and health', async () => {
    const { id, slug } = await newTenant()
    const again = { slug, name: 'Başka', package: 'trial' }
    expect(await operator('POST', 'installation/tenants', again)).toMatchObject({ status: 409, field: 'slug' })
    const odd = { slug: 'İ', name: 'Başka', package: 'trial' }
    expect(await operator('POST', 'installation/tenants', odd)).toMatchObject({ status: 400, field: 'slug' })
    expect(await support('POST', 'installation/tenants', odd)).toMatchObject({ status: 403 })
    expect((await pageOf(`installation/tenants?search=${slug}`)).items).toMatchObject([
      { id, package: 'starter', state: 'active', accounts: 0, messagesMonth: { used: 0, limit: expect.any(Number) } },
    ])
    expect(await operator('GET', `installation/tenants/${id}`)).toMatchObject({
      slug,
      usage: expect.arrayContaining([{ name: 'accounts', used: 0, limit: expect.any(Number) }]),
      members: [],
      failures: [],
    })
    expect(await operator('GET', 'installation/tenants/987654')).toMatchObject({ status: 404 })
  })

  it('are listed whole, page by page', async () => {
    for (let i = 0; i < 3; i += 1) await newTenant()
    const ids: number[] = []
    for (let cursor: string | null = '0'; cursor !== null;) {
      const page: Page = await pageOf(`installation/tenants?limit=2&cursor=${cursor}`)
      ids.push(...page.items.map(({ id }) => id))
      cursor = page.nextCursor
    }
    const all = await db.selectFrom('tenant').select('id').execute()
    expect(new Set(ids)).toEqual(new Set(all.map(({ id }) => id)))
    expect(ids).toHaveLength(all.length)
  })

  it('are suspended and let work again; their people are told and can change nothing meanwhile', async () => {
    const { id } = await newTenant()
    const owner = await addMember<Answer>(id, 'owner')
    const set = (state: string, reason: string) =>
      operator('POST', `installation/tenants/${id}/state`, { state, reason })
    expect(await set('suspended', '')).toMatchObject({ status: 400, field: 'reason' })
    expect(await set('suspended', 'ödeme yok')).toMatchObject({ state: 'suspended', isChanged: true })
    expect(await set('suspended', 'ödeme yok')).toMatchObject({ isChanged: false })
    expect(await owner.call('GET', 'session')).toMatchObject({ tenants: [{ isSuspended: true }] })
    expect(await owner.call('POST', 'campaigns/1/start')).toMatchObject({ status: 403, code: 'tenant_suspended' })
    const told = await db.selectFrom('panel_notice').select('kind').where('recipient', '=', owner.telegramId).execute()
    expect(told).toEqual([{ kind: 'tenant_suspended' }])
    expect(await set('active', 'ödendi')).toMatchObject({ state: 'active', isChanged: true })
    expect(await support('POST', `installation/tenants/${id}/state`, { state: 'active', reason: 'x' })).toMatchObject({
      status: 403,
    })
  })

  it('are given days, once for one request', async () => {
    const { id } = await newTenant('trial')
    const before = Number((await operator('GET', `installation/tenants/${id}`))['periodEndsAt'])
    const gift = { days: 10, requestId: randomUUID() }
    const give = () => operator('POST', `installation/tenants/${id}/days`, gift)
    const both = await Promise.all([give(), give()])
    expect(both.filter(({ isNew }) => isNew)).toHaveLength(1)
    expect(await operator('GET', `installation/tenants/${id}`)).toMatchObject({ periodEndsAt: before + 10 * DAY_MS })
    expect(await operator('POST', `installation/tenants/${id}/days`, { ...gift, days: 0 })).toMatchObject({
      status: 400,
      field: 'days',
    })
  })

  it('keep a line of each visit of an operator who is no member, not of each call', async () => {
    const { id, slug } = await newTenant()
    const visits = () =>
      db
        .selectFrom('audit_log')
        .select(['actor', 'target'])
        .where('tenant_id', '=', id)
        .where('action', '=', 'tenant.opened_by_operator')
        .execute()
    await Promise.all(['campaigns', 'segments', 'strategies'].map((path) => operator('GET', `${path}?tenant=${id}`)))
    expect(await visits()).toEqual([{ actor: `operator:${OPERATOR}`, target: slug }])
    await clock.advance(HOUR_MS)
    await operator('GET', `campaigns?tenant=${id}`)
    expect(await visits()).toHaveLength(2)
    const owner = await addMember<Answer>(id, 'owner')
    expect(await owner.call('GET', 'campaigns')).toMatchObject({ status: 200 })
    expect(await visits()).toHaveLength(2)
  })
})

describe('payments', () => {
  it('wait with their evidence until somebody believes them, and begin the package once', async () => {
    const { id } = await newTenant()
    const { id: paymentId } = await claimed(id)
    const waiting = async () => (await pageOf('installation/payments')).items.filter((row) => row['tenantId'] === id)
    expect(await waiting()).toMatchObject([
      {
        id: paymentId,
        state: 'claimed',
        evidenceText: 'dekont 42',
        hasEvidenceFile: false,
        asked: { amountMinor: 50_000 },
      },
    ])
    expect(await support('POST', `installation/payments/${paymentId}/approve`)).toMatchObject({ status: 403 })
    const approve = () => operator('POST', `installation/payments/${paymentId}/approve`)
    const both = await Promise.all([approve(), approve()])
    expect(both).toMatchObject([{ state: 'approved', decidedBy: `operator:${OPERATOR}` }, { state: 'approved' }])
    expect(await inTenant(db, id, getSubscription)).toMatchObject({ package: 'professional' })
    expect(await waiting()).toEqual([])
    expect((await pageOf('installation/payments?which=all')).items.map((row) => row.id)).toContain(paymentId)
  })

  it('are turned down with a reason alone', async () => {
    const { id } = await newTenant()
    const { id: paymentId } = await claimed(id)
    const reject = (reason: string) => operator('POST', `installation/payments/${paymentId}/reject`, { reason })
    expect(await reject('')).toMatchObject({ status: 400, field: 'reason' })
    expect(await reject('hesapta yok')).toMatchObject({ state: 'rejected', decisionNote: 'hesapta yok' })
    expect(await operator('POST', `installation/payments/${paymentId}/approve`)).toMatchObject({ status: 409 })
  })

  it('go back in the books once somebody has sent them back by hand', async () => {
    const { id } = await newTenant()
    const { id: paymentId } = await claimed(id)
    await operator('POST', `installation/payments/${paymentId}/approve`)
    const refund = (isSentByHand: boolean) =>
      operator('POST', `installation/payments/${paymentId}/refund`, { isSentByHand })
    expect((await refund(false)).status).not.toBe(200)
    expect(await refund(true)).toMatchObject({ state: 'refunded' })
  })
})

describe('tickets', () => {
  it('are answered by who helps, once for one request, and closed', async () => {
    const { id: tenantId } = await newTenant()
    const asker = (serial += 1) + 9_000
    await inTenant(db, tenantId, (tx) => addOwner(tx, { telegramId: asker, name: 'Ayşe' }, { by: 'test', at: NOON }))
    const now = clock.now()
    const words = { telegramId: asker, tenantId, kind: 'support', text: 'Bot durdu', reference: `t:${asker}` } as const
    const { id } = await asOperator(db, 'test', (tx) => openTicket(tx, words, now))
    expect((await pageOf('installation/tickets?state=open')).items).toContainEqual(
      expect.objectContaining({ id, subject: 'Bot durdu', isOverdue: false }),
    )
    const answer = { text: 'Bakıyoruz', requestId: randomUUID() }
    for (let i = 0; i < 2; i += 1)
      expect(await support('POST', `installation/tickets/${id}/answer`, answer)).toMatchObject({ state: 'answered' })
    expect(await support('GET', `installation/tickets/${id}`)).toMatchObject({
      messages: [
        { isFromAsker: true, text: 'Bot durdu' },
        { isFromAsker: false, text: 'Bakıyoruz' },
      ],
    })
    const empty = { text: ' ', requestId: randomUUID() }
    expect(await support('POST', `installation/tickets/${id}/answer`, empty)).toMatchObject({
      status: 400,
      field: 'text',
    })
    expect(await support('POST', `installation/tickets/${id}/close`)).toMatchObject({ state: 'closed' })
    expect(await support('GET', 'installation/tickets/987654')).toMatchObject({ status: 404 })
  })
})
