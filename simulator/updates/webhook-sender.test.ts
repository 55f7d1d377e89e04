import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createManualSimulatorClock, type ManualSimulatorClock } from '#simulator/clock.ts'
import { type Receiver, startReceiver } from '#simulator/testing/receiver.ts'
import { createScene, type Scene } from '#simulator/testing/scene.ts'

const START = Date.UTC(2026, 10, 21)

describe('startWebhookSender', () => {
  let scene: Scene
  let clock: ManualSimulatorClock
  let receiver: Receiver

  beforeEach(async () => {
    clock = createManualSimulatorClock(START)
    scene = await createScene({ clock })
    receiver = await startReceiver()
  })
  afterEach(async () => {
    await scene.simulator.close()
    await receiver.close()
  })

  const eventually = (check: () => void | Promise<void>) => vi.waitFor(check, { timeout: 20_000, interval: 10 })
  const setWebhook = (more: object = {}) => scene.ok<true>('setWebhook', { url: receiver.url, ...more })
  const write = (text: string, userId = scene.user.id) => scene.control.sendText({ userId, botId: scene.bot.id, text })
  const texts = (): (string | undefined)[] => receiver.received.map(({ update }) => update.message?.text)
  const pending = (): number => scene.control.getBot({ botId: scene.bot.id }).pendingUpdates
  const untilPending = (count: number) => eventually(() => expect(pending()).toBe(count))
  const lastError = async () => (await scene.ok<{ last_error_message?: string }>('getWebhookInfo')).last_error_message

  it('posts updates with the secret and counts them as delivered on any 2xx', async () => {
    await setWebhook({ secret_token: 'gizli-1' })
    receiver.reply = () => ({ status: 204 })
    write('merhaba')
    await receiver.waitFor(1)
    expect(receiver.received[0]?.headers['x-telegram-bot-api-secret-token']).toBe('gizli-1')
    expect(receiver.received[0]?.update.message).toMatchObject({ text: 'merhaba', from: { id: scene.user.id } })
    await untilPending(0)
    expect(await scene.ok('getWebhookInfo')).toMatchObject({
      url: receiver.url,
      pending_update_count: 0,
      max_connections: 40,
    })
  })

  it('delivers what was pending before the webhook was set, unless told to drop it', async () => {
    write('önce')
    await setWebhook({ drop_pending_updates: true })
    write('sonra')
    await receiver.waitFor(1)
    expect(texts()).toEqual(['sonra'])
  })

  it('keeps the order within a chat and runs chats side by side', async () => {
    const other = scene.control.createUser({})
    scene.control.openDialog({ userId: other.id, botId: scene.bot.id })
    let release: (() => void) | undefined
    receiver.reply = (update) =>
      update.message?.text === 'a1' ? new Promise((resolve) => (release = () => resolve(undefined))) : undefined
    await setWebhook()
    write('a1')
    write('a2')
    write('b1', other.id)
    await receiver.waitFor(2)
    await untilPending(2)
    expect(texts()).toEqual(['a1', 'b1'])
    release?.()
    await receiver.waitFor(3)
    expect(texts()).toEqual(['a1', 'b1', 'a2'])
  })

  it('opens no more connections than allowed', async () => {
    const releases: (() => void)[] = []
    receiver.reply = () => new Promise((resolve) => releases.push(() => resolve(undefined)))
    await setWebhook({ max_connections: 2 })
    for (let index = 0; index < 4; index++) {
      const user = scene.control.createUser({})
      scene.control.openDialog({ userId: user.id, botId: scene.bot.id })
      write(`u${index}`, user.id)
    }
    await receiver.waitFor(2)
    await clock.advance(1000)
    expect(receiver.received).toHaveLength(2)
    releases.forEach((release) => release())
    await receiver.waitFor(4)
    releases.forEach((release) => release())
    await untilPending(0)
  })

  it('tries again at once and then after 2, 4 and 8 seconds, and says what went wrong', async () => {
    receiver.reply = () => ({ status: 500 })
    await setWebhook()
    write('olmadı')
    await receiver.waitFor(2)
    expect(await lastError()).toBe('Wrong response from the webhook: 500 Internal Server Error')
    for (const [index, seconds] of [2, 4, 8].entries()) {
      // The sender has taken the refusal in once it sleeps until the next try.
      await eventually(() => expect(clock.sleeping()).toBe(1))
      await clock.advance(seconds * 1000 - 1)
      expect(receiver.received).toHaveLength(index + 2)
      await clock.advance(1)
      await receiver.waitFor(index + 3)
    }
    receiver.reply = () => undefined
    await eventually(async () => {
      await clock.advance(16_000)
      expect(pending()).toBe(0)
    })
    expect(new Set(receiver.received.map(({ update }) => update.update_id)).size).toBe(1)
  })

  it('waits as long as Retry-After says', async () => {
    receiver.reply = () => ({ status: 503, headers: { 'retry-after': '100' } })
    await setWebhook()
    write('bekle')
    await receiver.waitFor(1)
    await eventually(async () => expect(await lastError()).toContain('503'))
    await clock.advance(99_000)
    expect(receiver.received).toHaveLength(1)
    await clock.advance(1000)
    await receiver.waitFor(2)
  })

  it('drops a button press after 150 seconds and goes on with what follows', async () => {
    const markup = { inline_keyboard: [[{ text: 'Evet', callback_data: 'yes' }]] }
    await scene.ok('sendMessage', { chat_id: scene.user.id, text: 'soru', reply_markup: markup })
    receiver.reply = (update) => (update.callback_query ? { status: 500 } : undefined)
    await setWebhook()
    scene.control.press({ userId: scene.user.id, botId: scene.bot.id })
    write('mesaj')
    await eventually(async () => {
      await clock.advance(10_000)
      expect(pending()).toBe(0)
    })
    expect(clock.now() - START).toBeGreaterThan(60_000)
    expect(texts()).toContain('mesaj')
    expect(scene.control.getBot({ botId: scene.bot.id }).expiredUpdates).toBe(1)
  })

  it('delivers an update a second time on demand', async () => {
    await setWebhook()
    write('iki kere')
    await receiver.waitFor(1)
    await untilPending(0)
    expect(await scene.control.duplicateDelivery({ botId: scene.bot.id })).toMatchObject({ status: 200 })
    expect(receiver.received[1]?.update).toEqual(receiver.received[0]?.update)
  })

  it('runs a method in the answer, but not one that reads', async () => {
    receiver.reply = (update) => ({
      body: JSON.stringify(
        update.message?.text === 'oku'
          ? { method: 'getMe' }
          : { method: 'sendMessage', chat_id: scene.user.id, text: 'cevap' },
      ),
    })
    await setWebhook()
    write('oku')
    write('yaz')
    await eventually(() => expect(scene.control.countMessages({ text: 'cevap' }).count).toBe(1))
    expect(scene.control.getStats({}).calls['getme']).toBeUndefined()
  })

  it('goes on with a receiver that was down', async () => {
    await setWebhook()
    await receiver.close()
    write('kapalı')
    await eventually(async () => expect(await lastError()).toBe('Connection refused'))
    expect(pending()).toBe(1)
  })

  it('refuses getUpdates while it is set, and bad addresses and secrets', async () => {
    const set = (params: object) => scene.refusal('setWebhook', { url: receiver.url, ...params })
    expect(await set({ url: 'nowhere' })).toBe('Bad Request: invalid webhook URL specified')
    expect(await set({ url: 'http://example.com/' })).toBe(
      'Bad Request: bad webhook: An HTTPS URL must be provided for webhook',
    )
    expect(await set({ url: 'https://example.com:99/' })).toBe(
      'Bad Request: bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443',
    )
    expect(await set({ secret_token: 'a b' })).toBe('Bad Request: secret token contains unallowed characters')
    expect(await set({ secret_token: 'a'.repeat(257) })).toBe('Bad Request: secret token is too long')
    await setWebhook()
    expect(await scene.refusal('getUpdates')).toBe(
      "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first",
    )
    await scene.ok('deleteWebhook')
    expect(await scene.ok('getUpdates')).toEqual([])
  })
})
