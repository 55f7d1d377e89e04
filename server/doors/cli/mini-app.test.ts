import { expect, it } from 'vitest'

import { makeLaunchKey, withLaunchKey } from '#server/demo-launch-key.ts'
import { createCliRunner } from '#server/testing/cli.ts'
import { openPanel } from '#server/testing/panel.ts'
import { INIT_DATA_PUBLIC_KEY } from '#simulator/world/launch-key.ts'

const launchOf = (address: string): string =>
  new URLSearchParams(new URL(address).hash.slice(1)).get('tgWebAppData') ?? ''

it('gives an address of the Mini App for people of a simulated Telegram alone, which opens a session once', async () => {
  const world = await openPanel({ runs: true, settings: { telegramMiniAppKey: INIT_DATA_PUBLIC_KEY } })
  const { app, clock } = world
  const { db } = app.database
  const owner = world.person()
  await world.tenant({ owner })
  const cli = createCliRunner(db, { panel: { url: () => app.address(), now: () => clock.now() } })
  const { address } = (await cli.json(['operators', 'mini-app', String(owner.id)])) as { address: string }
  expect(address.startsWith(`${app.address()}/mini/#tgWebAppData=`)).toBe(true)
  const enter = (initData: string) =>
    fetch(`${app.address()}/api/v1/session/mini-app`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ initData }),
    })
  expect((await enter(launchOf(address))).status).toBe(200)
  expect((await cli.run(['operators', 'mini-app', '4242'])).code).toBe(1)
  await db.updateTable('account').set({ api_root: 'https://api.example.com' }).where('purpose', '=', 'panel').execute()
  const refused = await cli.run(['operators', 'mini-app', String(owner.id)])
  expect([refused.code, refused.err]).toEqual([1, expect.stringContaining('simulated Telegram')])
})

it('gives a demo a key of its own, whose launches nobody else can sign, and leaves a real panel bot its own', async () => {
  const [one, other] = [makeLaunchKey(), makeLaunchKey()]
  expect(one.publicHex).toMatch(/^[0-9a-f]{64}$/)
  expect(one.publicHex).not.toBe(other.publicHex)
  const demo = await openPanel({ runs: true, settings: { telegramMiniAppKey: one.publicHex } })
  const owner = demo.person()
  await demo.tenant({ owner })
  const { initData } = demo.simulator.control.issueInitData({ userId: owner.id, botId: demo.panel.telegramId })
  const answer = await fetch(`${demo.app.address()}/api/v1/session/mini-app`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ initData }),
  })
  expect(await answer.json()).toMatchObject({ status: 401, code: 'mini_app_unproved' })
  const { config } = demo.app
  expect(withLaunchKey({ ...config, panelBotToken: null }, other.publicHex).telegramMiniAppKey).toBe(other.publicHex)
  expect(withLaunchKey({ ...config, panelBotToken: '1:AA' }, other.publicHex).telegramMiniAppKey).toBe(one.publicHex)
})
