import { createHmac, createPublicKey, verify } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createManualSimulatorClock, type ManualSimulatorClock } from '#simulator/clock.ts'
import { createScene, type Scene } from '#simulator/testing/scene.ts'

/** Telegram's published rules, written here anew so that issuer and check share nothing. */
const checkHash = (initData: string, token: string): boolean => {
  const params = [...new URLSearchParams(initData)]
  const given = params.find(([key]) => key === 'hash')?.[1]
  const text = params
    .filter(([key]) => key !== 'hash')
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map((pair) => pair.join('='))
    .join('\n')
  const secret = createHmac('sha256', 'WebAppData').update(token).digest()
  return createHmac('sha256', secret).update(text).digest('hex') === given
}

const checkSignature = (initData: string, botId: number, publicKey: string): boolean => {
  const params = [...new URLSearchParams(initData)]
  const signature = Buffer.from(params.find(([key]) => key === 'signature')?.[1] ?? '', 'base64url')
  const lines = params
    .filter(([key]) => key !== 'hash' && key !== 'signature')
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map((pair) => pair.join('='))
  const x = Buffer.from(publicKey, 'hex').toString('base64url')
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' })
  return verify(null, Buffer.from([`${botId}:WebAppData`, ...lines].join('\n')), key, signature)
}

describe('issueInitData', () => {
  let scene: Scene
  let clock: ManualSimulatorClock
  beforeEach(async () => {
    clock = createManualSimulatorClock(Date.UTC(2026, 10, 21))
    scene = await createScene({ clock })
  })
  afterEach(() => scene.simulator.close())

  const issue = (extra: object = {}) =>
    scene.control.issueInitData({ userId: scene.user.id, botId: scene.bot.id, ...extra })

  it('is proved by the bot token alone', () => {
    const { initData } = issue()
    expect(checkHash(initData, scene.bot.token)).toBe(true)
    expect(checkHash(initData, scene.control.createBot({}).token)).toBe(false)
    expect(checkHash(initData.replace(String(scene.user.id), String(scene.user.id + 1)), scene.bot.token)).toBe(false)
  })

  it('is proved to third parties by the public key, for this bot only', () => {
    const { initData, publicKey } = issue({ startParam: 'davet-42' })
    expect(publicKey).toMatch(/^[\da-f]{64}$/)
    expect(checkSignature(initData, scene.bot.id, publicKey)).toBe(true)
    expect(checkSignature(initData, scene.bot.id + 1, publicKey)).toBe(false)
    expect(checkSignature(initData.replace('davet-42', 'davet-43'), scene.bot.id, publicKey)).toBe(false)
    expect(
      checkSignature(initData, scene.bot.id, 'e7bf03a2fa4602af4580703d88dda5bb59f32ed8b02a56c187fe7d34caed242d'),
    ).toBe(false)
  })

  it('covers the signature by the hash', () => {
    const params = new URLSearchParams(issue().initData)
    params.delete('signature')
    expect(checkHash(params.toString(), scene.bot.token)).toBe(false)
  })

  it('says who opened it, when by the world’s clock, and what the link carried', async () => {
    await clock.advance(90_000)
    const params = new URLSearchParams(issue({ startParam: 'odeme' }).initData)
    expect(params.get('auth_date')).toBe(String(Date.UTC(2026, 10, 21) / 1000 + 90))
    expect(params.get('start_param')).toBe('odeme')
    expect(JSON.parse(params.get('user') ?? '')).toMatchObject({ id: scene.user.id, username: 'ayse' })
    expect(new URLSearchParams(issue({ authAt: 1_000 }).initData).get('auth_date')).toBe('1')
  })

  it('refuses a start parameter that no link can carry, and people who are gone', () => {
    expect(() => issue({ startParam: 'a b' })).toThrow('start parameter')
    scene.control.deleteUser({ userId: scene.user.id })
    expect(() => issue()).toThrow('is deleted')
  })
})
