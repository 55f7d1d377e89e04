import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createManualSimulatorClock, type ManualSimulatorClock } from '#simulator/clock.ts'
import { createScene, type Scene } from '#simulator/testing/scene.ts'

describe('faults', () => {
  let scene: Scene
  let clock: ManualSimulatorClock
  beforeEach(async () => {
    clock = createManualSimulatorClock(Date.UTC(2026, 10, 21))
    scene = await createScene({ clock, latencyMs: 1 })
  })
  afterEach(() => scene.simulator.close())

  const send = (chatId = scene.user.id) => scene.call('sendMessage', { chat_id: chatId, text: 'kampanya' })
  const accepted = (): number => scene.control.countMessages({ chatId: scene.user.id, text: 'kampanya' }).count

  it('cut the connection before the message is accepted', async () => {
    scene.control.addFault({ kind: 'drop_before', times: 1 })
    await expect(send()).rejects.toThrow('fetch failed')
    expect(accepted()).toBe(0)
    expect((await send()).ok).toBe(true)
  })

  it('cut the connection after the message is accepted, so that a blind retry shows as a duplicate', async () => {
    scene.control.addFault({ kind: 'drop_after', times: 1 })
    await expect(send()).rejects.toThrow('fetch failed')
    expect(accepted()).toBe(1)
    expect(scene.control.findDuplicates({})).toEqual([])
    await send()
    expect(scene.control.findDuplicates({})).toMatchObject([{ chatId: scene.user.id, count: 2 }])
  })

  it('leave the connection silent', async () => {
    scene.control.addFault({ kind: 'hang_after', times: 1 })
    const url = `${scene.simulator.apiRoot}/bot${scene.bot.token}/sendMessage?chat_id=${scene.user.id}&text=kampanya`
    const abort = new AbortController()
    const request = fetch(url, { signal: abort.signal })
    await vi.waitFor(() => expect(accepted()).toBe(1), { timeout: 20_000 })
    abort.abort(new Error('no answer'))
    await expect(request).rejects.toThrow('no answer')
  })

  it('answer an HTML page, and a restart', async () => {
    scene.control.addFault({ kind: 'bad_gateway', times: 1 })
    const response = await fetch(`${scene.simulator.apiRoot}/bot${scene.bot.token}/getMe`)
    expect(response.status).toBe(502)
    expect(await response.text()).toContain('502 Bad Gateway')
    scene.control.addFault({ kind: 'restart', times: 1 })
    expect(await send()).toEqual({ ok: false, error_code: 500, description: 'Internal Server Error: restart' })
    expect(accepted()).toBe(0)
  })

  it('answer a 429 of any length and enforce it', async () => {
    scene.control.addFault({ kind: 'too_many_requests', times: 1, retryAfter: 10_072 })
    expect(await send()).toEqual({
      ok: false,
      error_code: 429,
      description: 'Too Many Requests: retry after 10072',
      parameters: { retry_after: 10_072 },
    })
    await clock.advance(72_000)
    expect(await send()).toMatchObject({ parameters: { retry_after: 10_000 } })
    expect(scene.control.getStats({}).prematureRetries).toBe(1)
    await clock.advance(10_000_000)
    expect((await send()).ok).toBe(true)
  })

  it('strike only the methods, chats and calls they are meant for', async () => {
    const other = scene.control.createUser({})
    scene.control.openDialog({ userId: other.id, botId: scene.bot.id })
    scene.control.addFault({ kind: 'blocked', methods: ['sendMessage'], chatId: other.id, skip: 1, times: 1 })
    expect((await send(other.id)).ok).toBe(true)
    expect((await send()).ok).toBe(true)
    expect(await send(other.id)).toMatchObject({ description: 'Forbidden: bot was blocked by the user' })
    expect((await send(other.id)).ok).toBe(true)
  })

  it('strike with the given probability, the same calls for the same seed', async () => {
    const run = async (): Promise<string> => {
      const again = await createScene({ seed: 'chance' })
      again.control.addFault({ kind: 'restart', probability: 0.3 })
      let pattern = ''
      for (let index = 0; index < 100; index++) pattern += (await again.call('getMe')).ok ? '.' : 'x'
      await again.simulator.close()
      return pattern
    }
    const pattern = await run()
    expect(pattern.replaceAll('.', '').length).toBeGreaterThan(15)
    expect(pattern.replaceAll('.', '').length).toBeLessThan(45)
    expect(await run()).toBe(pattern)
  })

  it('end a poll as if a second program polled, and refuse the token', async () => {
    scene.control.addFault({ kind: 'conflict', methods: ['getUpdates'], times: 1 })
    expect(await scene.call('getUpdates')).toEqual({
      ok: false,
      error_code: 409,
      description: 'Conflict: terminated by other getUpdates request; make sure that only one bot instance is running',
    })
    scene.control.addFault({ kind: 'unauthorized', times: 1 })
    expect(await send()).toEqual({ ok: false, error_code: 401, description: 'Unauthorized' })
  })
})
