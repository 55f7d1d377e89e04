import { describe, expect, it } from 'vitest'

import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '#server/base/duration.ts'
import { inTenant } from '#server/db/tenant-scope.ts'
import { pauseAccount } from '#server/modules/accounts/index.ts'
import { type PanelVisitor, openPanel } from '#server/testing/panel.ts'
import { INIT_DATA_PUBLIC_KEY } from '#simulator/world/launch-key.ts'

const PHONE = 'Mozilla/5.0 (Linux; Android 16) Telegram-Android/12.0'

interface Given {
  readonly method?: string
  readonly body?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly token?: string
}

/** The running server, its panel bot at a simulated Telegram, and somebody's Mini App. */
const openWorld = async () => {
  const world = await openPanel({ runs: true, settings: { telegramMiniAppKey: INIT_DATA_PUBLIC_KEY } })
  const { app, simulator, panel } = world
  const { telegramId: botId } = panel
  const launch = (visitor: PanelVisitor, extra: { authAt?: number; botId?: number } = {}) =>
    simulator.control.issueInitData({ userId: visitor.id, botId, ...extra }).initData
  const ask = async (path: string, { token, ...init }: Given = {}) => {
    const answer = await fetch(`${app.address()}/api/v1/${path}`, {
      ...init,
      headers: {
        'user-agent': PHONE,
        'accept-language': 'tr',
        ...(init.body !== undefined && { 'content-type': 'application/json' }),
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...init.headers,
      },
    })
    const said = (await answer.json()) as { token?: string; code?: string; detail?: string; tenants?: object[] }
    return { status: answer.status, cookie: answer.headers.get('set-cookie'), ...said }
  }
  const enter = (initData: string, device = PHONE) =>
    ask('session/mini-app', { method: 'POST', body: JSON.stringify({ initData }), headers: { 'user-agent': device } })
  return { ...world, launch, ask, enter }
}

describe('coming in by the Mini App', () => {
  it('opens one session for a member, by a token that no cookie carries, and lets it sleep after half a day', async () => {
    const world = await openWorld()
    const { launch, enter, ask, clock, app } = world
    const owner = world.person()
    const tenantId = await world.tenant({ owner })
    const initData = launch(owner)
    const first = await enter(initData)
    expect(first).toMatchObject({ status: 200, cookie: null, token: expect.stringMatching(/^gvt_app_[\w-]{43}$/) })
    expect(await ask('session', { token: first.token ?? '' })).toMatchObject({
      status: 200,
      tenants: [{ id: tenantId, role: 'owner' }],
    })
    // A page that is loaded again goes on; whoever held the former token does not.
    const again = await enter(initData)
    expect(again.token).not.toBe(first.token)
    expect((await ask('session', { token: first.token ?? '' })).status).toBe(401)
    const sessions = await app.database.db.selectFrom('web_session').selectAll().execute()
    expect(sessions).toMatchObject([{ telegram_id: owner.id, device: PHONE }])
    expect(JSON.stringify(sessions)).not.toContain(again.token)
    // It is a bearer's, and nothing that a cookie could carry in from another site.
    for (const name of ['gc_session', '__Host-gc_session'])
      expect((await ask('session', { headers: { cookie: `${name}=${again.token}` } })).status).toBe(401)
    await clock.advance(11 * HOUR_MS)
    expect((await ask('session', { token: again.token ?? '' })).status).toBe(200)
    await clock.advance(11 * HOUR_MS)
    expect((await ask('session', { token: again.token ?? '' })).status).toBe(200)
    await clock.advance(13 * HOUR_MS)
    expect((await ask('session', { token: again.token ?? '' })).status).toBe(401)
  })

  it('lets two who show the same launch at once hold one session', async () => {
    const world = await openWorld()
    const { launch, enter, ask, app } = world
    const owner = world.person()
    await world.tenant({ owner })
    const initData = launch(owner)
    const all = await Promise.all(Array.from({ length: 6 }, () => enter(initData)))
    expect(all.map(({ status }) => status)).toEqual(Array(6).fill(200))
    const answers = await Promise.all(all.map(({ token = '' }) => ask('session', { token })))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(await app.database.db.selectFrom('web_session').select('id').execute()).toHaveLength(1)
  })

  it('believes Telegram alone, in time, about this bot', async () => {
    const world = await openWorld()
    const { launch, enter, simulator, clock, app } = world
    const owner = world.person()
    await world.tenant({ owner })
    const now = clock.now()
    const other = simulator.control.createBot({ username: 'another_bot' })
    const good = launch(owner)
    const refused = [
      [launch(owner, { botId: other.id }), 'mini_app_unproved'],
      [good.replace(String(owner.id), String(owner.id + 1)), 'mini_app_unproved'],
      [good.replace(/&hash=.*$/, ''), 'mini_app_unproved'],
      ['user=x', 'mini_app_unproved'],
      [launch(owner, { authAt: now - 10 * MINUTE_MS }), 'mini_app_old'],
      [launch(owner, { authAt: now - 30 * DAY_MS }), 'mini_app_old'],
      [launch(owner, { authAt: now + 3 * MINUTE_MS }), 'mini_app_old'],
    ] as const
    for (const [initData, code] of refused)
      expect(await enter(initData)).toMatchObject({ status: 401, code, cookie: null })
    expect(await enter('')).toMatchObject({ status: 400 })
    expect(await app.database.db.selectFrom('web_session').select('id').execute()).toEqual([])
    const recent = launch(owner, { authAt: now - 10 * MINUTE_MS + SECOND_MS })
    expect((await enter(recent)).status).toBe(200)
    expect(await enter(recent, 'Mozilla/5.0 (X11; Linux) Firefox/150')).toMatchObject({
      status: 409,
      code: 'mini_app_used',
    })
  })

  it('says to strangers what brings them in, and lets operators in', async () => {
    const world = await openWorld()
    const { launch, enter, ask } = world
    const stranger = world.person({ name: 'Ali' })
    expect(await enter(launch(stranger))).toMatchObject({
      status: 403,
      code: 'mini_app_stranger',
      detail: expect.stringContaining('paket'),
    })
    const { token = '' } = await enter(launch(await world.operator()))
    expect((await ask('session', { token })).status).toBe(200)
  })

  it('stays out once signed out, and without a panel bot', async () => {
    const world = await openWorld()
    const { launch, enter, ask, app, panel, operatorTenantId, clock } = world
    const owner = world.person()
    await world.tenant({ owner })
    const initData = launch(owner)
    const { token = '' } = await enter(initData)
    expect((await ask('session', { token, method: 'DELETE' })).status).toBe(200)
    expect((await ask('session', { token })).status).toBe(401)
    expect(await enter(initData)).toMatchObject({ status: 409, code: 'mini_app_used' })
    await inTenant(app.database.db, operatorTenantId, (tx) =>
      pauseAccount(tx, panel.id, 'test', { by: 'test', at: clock.now() }),
    )
    expect(await enter(launch(owner))).toMatchObject({ status: 503, code: 'mini_app_off' })
  })

  it('counts tries: thirty a minute from one address', async () => {
    const world = await openWorld()
    const { enter } = world
    const tries = await Promise.all(Array.from({ length: 31 }, () => enter('user=x')))
    expect(tries.filter(({ status }) => status === 429)).toHaveLength(1)
  })
})
