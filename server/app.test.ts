import { sql } from 'kysely'
import { describe, expect, it, onTestFinished } from 'vitest'

import type { App } from '#server/app.ts'
import { inTenant } from '#server/db/tenant-scope.ts'
import { addAccount, pauseAccount, setUpdateMode } from '#server/modules/accounts/index.ts'
import { setUpTenant } from '#server/modules/onboarding/index.ts'
import { createTestApp } from '#server/testing/app.ts'
import { type Simulator, startSimulator } from '#simulator/index.ts'

const simulate = async (): Promise<Simulator> => {
  const simulator = await startSimulator({ limits: false, seed: 11 })
  onTestFinished(() => simulator.close())
  return simulator
}

/** A tenant with one bot of the simulator, linked. */
const linkBot = async (app: App, simulator: Simulator, over: { updateMode?: 'polling' | 'webhook' } = {}) => {
  const bot = simulator.control.createBot({})
  const actor = { by: 'test', at: app.clock.now() }
  const slug = `t-${bot.id}`
  const tenant = await setUpTenant(app.database.db, { slug, name: 'Deneme', package: 'custom' }, actor)
  const account = await addAccount(
    app.accounts,
    { tenantId: tenant.id, token: bot.token, apiRoot: simulator.apiRoot, ...over },
    actor,
  )
  return { bot, tenant, account }
}

const textsTo = (simulator: Simulator, userId: number, botId: number): string[] =>
  simulator.control
    .getDialog({ userId, botId })
    .messages.flatMap((message) => (message.from?.id === botId ? [message.text ?? ''] : []))

const get = async (app: App, path: string, headers: Record<string, string> = {}) => {
  const response = await fetch(`${app.address()}${path}`, { headers })
  const text = await response.text()
  return { status: response.status, type: response.headers.get('content-type') ?? '', text }
}

describe('createApp', () => {
  it('answers a person on Telegram from end to end: greeting, consent, stop', async () => {
    const simulator = await simulate()
    const app = await createTestApp()
    const { bot, tenant } = await linkBot(app, simulator)
    await app.start()
    const user = simulator.control.createUser({ firstName: 'Ayşe', languageCode: 'tr' })
    const talk = { userId: user.id, botId: bot.id }
    simulator.control.sendText({ ...talk, text: '/start ilan-3' })
    await expect
      .poll(() => textsTo(simulator, user.id, bot.id), { timeout: 15_000 })
      .toEqual([expect.stringContaining('Merhaba')])
    simulator.control.press(talk)
    await expect.poll(() => textsTo(simulator, user.id, bot.id).length, { timeout: 15_000 }).toBe(2)
    const consents = () =>
      app.database.db
        .selectFrom('contact_consent')
        .select(['purpose', 'granted'])
        .where('tenant_id', '=', tenant.id)
        .execute()
    expect(await consents()).toEqual([{ purpose: 'marketing', granted: true }])
    simulator.control.sendText({ ...talk, text: 'DUR' })
    await expect.poll(consents, { timeout: 15_000 }).toContainEqual({ purpose: 'marketing', granted: false })
    await expect.poll(() => textsTo(simulator, user.id, bot.id).length, { timeout: 15_000 }).toBe(3)
    const segments = () =>
      app.database.db
        .selectFrom('segment_assignment')
        .select('primary_segment')
        .where('tenant_id', '=', tenant.id)
        .execute()
    await expect.poll(segments, { timeout: 15_000 }).toEqual([{ primary_segment: 'NEW_USER' }])
  }, 60_000)

  it('takes updates by webhook, acknowledges only what is stored, and refuses everybody else alike', async () => {
    const simulator = await simulate()
    const app = await createTestApp({ settings: { publicUrl: 'http://127.0.0.1:1' } })
    const { bot, account, tenant } = await linkBot(app, simulator, { updateMode: 'webhook' })
    await app.start()
    const webhook = { ...app.accounts, publicUrl: app.address() }
    await setUpdateMode(webhook, tenant.id, account.id, 'webhook', { by: 'test', at: 0 })
    const user = simulator.control.createUser({ firstName: 'Ayşe', languageCode: 'en' })
    simulator.control.sendText({ userId: user.id, botId: bot.id, text: '/privacy' })
    await expect
      .poll(() => textsTo(simulator, user.id, bot.id), { timeout: 15_000 })
      .toEqual([expect.stringContaining('Privacy')])
    const row = await app.database.db
      .selectFrom('account')
      .select('webhook_key')
      .where('id', '=', account.id)
      .executeTakeFirstOrThrow()
    const post = async (key: string, headers: Record<string, string>, body = '{"update_id":1}') => {
      const response = await fetch(`${app.address()}/telegram/${key}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body,
      })
      return { status: response.status, body: await response.text() }
    }
    const refusals = [
      await post(row.webhook_key, {}),
      await post(row.webhook_key, { 'x-telegram-bot-api-secret-token': 'wrong' }),
      await post('unknown-key', { 'x-telegram-bot-api-secret-token': 'wrong' }),
    ]
    expect(new Set(refusals.map((refusal) => JSON.stringify(refusal)))).toEqual(
      new Set(['{"status":401,"body":"{\\"ok\\":false}"}']),
    )
    expect((await post(row.webhook_key, {}, 'not json')).status).toBe(400)
    expect((await post(row.webhook_key, {}, `"${'x'.repeat(2_000_000)}"`)).status).toBe(413)
  }, 60_000)

  it('works an account that is linked while it runs, and lets go of one that is paused', async () => {
    const simulator = await simulate()
    const app = await createTestApp()
    await app.start()
    const { account, tenant } = await linkBot(app, simulator)
    const holders = async () => {
      const rows = await app.database.db
        .selectFrom('account_lease')
        .select('purpose')
        .where('account_id', '=', account.id)
        .where(sql<boolean>`expires_at > now()`)
        .execute()
      return rows.map((row) => row.purpose).toSorted()
    }
    await expect.poll(holders, { timeout: 15_000 }).toEqual(['polling', 'sending', 'updates'])
    await inTenant(app.database.db, tenant.id, (tx) => pauseAccount(tx, account.id, 'tatil', { by: 'test', at: 0 }))
    await expect.poll(holders, { timeout: 15_000 }).toEqual([])
  }, 60_000)

  it('notes a second poller on the account and clears the note when it is gone', async () => {
    const simulator = await simulate()
    const app = await createTestApp()
    const { account } = await linkBot(app, simulator)
    simulator.control.addFault({ kind: 'conflict', methods: ['getUpdates'], times: 3 })
    await app.start()
    const reason = async () =>
      (
        await app.database.db
          .selectFrom('account')
          .select('state_reason')
          .where('id', '=', account.id)
          .executeTakeFirstOrThrow()
      ).state_reason
    await expect.poll(reason, { timeout: 15_000 }).toBe('polled_elsewhere')
    simulator.control.clearFaults({})
    await expect.poll(reason, { timeout: 60_000 }).toBeNull()
  }, 60_000)

  it('disconnects an account whose token is revoked while it runs', async () => {
    const simulator = await simulate()
    const app = await createTestApp()
    const { account, bot } = await linkBot(app, simulator)
    await app.start()
    simulator.control.revokeToken({ botId: bot.id })
    const row = () =>
      app.database.db
        .selectFrom('account')
        .select(['state', 'state_reason'])
        .where('id', '=', account.id)
        .executeTakeFirstOrThrow()
    await expect.poll(row, { timeout: 15_000 }).toEqual({ state: 'disconnected', state_reason: 'token_revoked' })
  }, 60_000)

  it('goes on after the database dropped every connection, and loses no update', async () => {
    const simulator = await simulate()
    const app = await createTestApp()
    const { bot } = await linkBot(app, simulator)
    await app.start()
    const user = simulator.control.createUser({ firstName: 'Ayşe', languageCode: 'tr' })
    const talk = { userId: user.id, botId: bot.id }
    for (let round = 1; round <= 3; round += 1) {
      simulator.control.sendText({ ...talk, text: '/menu' })
      await sql`select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`
        .execute(app.database.db)
        .catch(() => undefined)
      simulator.control.sendText({ ...talk, text: '/fiyat' })
      await expect.poll(() => textsTo(simulator, user.id, bot.id).length, { timeout: 30_000 }).toBe(round * 2)
    }
    await expect
      .poll(async () => (await app.health()).filter((part) => part.fault !== null), { timeout: 30_000 })
      .toEqual([])
  }, 120_000)
})

describe('HTTP', () => {
  it('tells its health, readiness, version and metrics', async () => {
    const app = await createTestApp()
    await app.start()
    expect(await get(app, '/healthz')).toMatchObject({ status: 200, text: '{"status":"ok"}' })
    expect(JSON.parse((await get(app, '/version')).text)).toMatchObject({ name: 'gavatcore', version: '0.0.0-test' })
    const ready = await get(app, '/readyz')
    expect(ready.status).toBe(200)
    expect(JSON.parse(ready.text)).toMatchObject({ status: 'ready', database: 'ok' })
    const metrics = await get(app, '/metrics')
    expect(metrics.type).toContain('text/plain')
    for (const name of [
      'http_request_duration_seconds_bucket{le=',
      'queue_depth{queue="deliveries"} 0',
      'part_up{part="jobs"} 1',
      'messages_sent_total',
      'telegram_flood_wait_seconds',
    ]) {
      expect(metrics.text).toContain(name)
    }
  })

  it.each([
    ['api', ['http']],
    ['updates', ['inbox', 'polling', 'lookout', 'http']],
    ['worker', ['sending', 'sessions', 'jobs', 'events', 'schedule', 'notices', 'answers', 'lookout', 'http']],
    [
      'all',
      [
        'sending',
        'sessions',
        'jobs',
        'events',
        'schedule',
        'notices',
        'answers',
        'inbox',
        'polling',
        'lookout',
        'http',
      ],
    ],
  ] as const)('runs the parts of the role %s', async (role, parts) => {
    const app = await createTestApp({ settings: { role } })
    await app.start()
    expect((await app.health()).map((part) => part.name)).toEqual(parts)
    expect((await get(app, '/readyz')).status).toBe(200)
  })

  it('answers an unknown route with a problem in the language of the caller', async () => {
    const app = await createTestApp({ settings: { role: 'api' } })
    await app.start()
    const { status, type, text } = await get(app, '/nothing', { 'accept-language': 'tr-TR,tr;q=0.9' })
    expect(status).toBe(404)
    expect(type).toContain('application/problem+json')
    expect(JSON.parse(text)).toMatchObject({
      title: 'not_found',
      status: 404,
      code: 'not_found',
      detail: expect.stringMatching(/bulunamadı|yok/i),
    })
  })

  it('says which setting to change when the port is taken', async () => {
    const first = await createTestApp({ settings: { role: 'api' } })
    await first.start()
    const port = Number(new URL(first.address()).port)
    const second = await createTestApp({ settings: { role: 'api', port } })
    await expect(second.start()).rejects.toMatchObject({
      kind: 'unavailable',
      code: 'port_in_use',
      params: { field: 'PORT', port },
    })
  })

  it('is not ready without a database, and says so instead of crashing', async () => {
    const app = await createTestApp({ settings: { role: 'api' } })
    await app.start()
    await app.database.pool.end()
    const { status, text } = await get(app, '/readyz')
    expect(status).toBe(503)
    expect(JSON.parse(text)).toMatchObject({ status: 'unavailable' })
    expect((await get(app, '/healthz')).status).toBe(200)
  })
})
