import { createHmac, generateKeyPairSync, sign } from 'node:crypto'
import { describe, expect, it } from 'vitest'

import { isHashedFor, isSignedFor, readInitData } from './mini-app-launch.ts'

const TELEGRAM_KEY = 'e7bf03a2fa4602af4580703d88dda5bb59f32ed8b02a56c187fe7d34caed242d'

/** What Telegram itself once made, as the tests of @tma.js/init-data-node publish it: with a token, and with a signature. */
const HASHED = {
  token: '5768337691:AAH5YkoiEuPk8-FZa32hStHTqXiLPtAEhx8',
  initData:
    'query_id=AAHdF6IQAAAAAN0XohDhrOrc&user=%7B%22id%22%3A279058397%2C%22first_name%22%3A%22Vladislav%22%2C%22last_name%22%3A%22Kibenko%22%2C%22username%22%3A%22vdkfrost%22%2C%22language_code%22%3A%22ru%22%2C%22is_premium%22%3Atrue%7D&auth_date=1662771648&hash=c501b71e775f74ce10e377dea85a7ea24ecd640b223ea86dfe453e0eaed2e2b2',
}
const SIGNED = {
  botId: '7342037359',
  initData:
    'user=%7B%22id%22%3A279058397%2C%22first_name%22%3A%22Vladislav%20%2B%20-%20%3F%20%5C%2F%22%2C%22last_name%22%3A%22Kibenko%22%2C%22username%22%3A%22vdkfrost%22%2C%22language_code%22%3A%22ru%22%2C%22is_premium%22%3Atrue%2C%22allows_write_to_pm%22%3Atrue%2C%22photo_url%22%3A%22https%3A%5C%2F%5C%2Ft.me%5C%2Fi%5C%2Fuserpic%5C%2F320%5C%2F4FPEE4tmP3ATHa57u6MqTDih13LTOiMoKoLDRG4PnSA.svg%22%7D&chat_instance=8134722200314281151&chat_type=private&auth_date=1733584787&hash=2174df5b000556d044f3f020384e879c8efcab55ddea2ced4eb752e93e7080d6&signature=zL-ucjNyREiHDE8aihFwpfR9aggP2xiAo3NSpfe-p7IbCisNlDKlo7Kb6G4D0Ao2mBrSgEk4maLSdv6MLIlADQ',
}

describe('what Telegram made', () => {
  it('has the hash of its bot’s token, and of no other', () => {
    expect(isHashedFor(HASHED.token, HASHED.initData)).toBe(true)
    expect(isHashedFor(HASHED.token.replace('x8', 'x9'), HASHED.initData)).toBe(false)
    expect(isHashedFor(HASHED.token, HASHED.initData.replace('279058397', '279058398'))).toBe(false)
    expect(isHashedFor(HASHED.token, HASHED.initData.replace(/&hash=.*/, ''))).toBe(false)
  })

  it('is signed for its bot by Telegram’s key, and by no other', () => {
    expect(isSignedFor(SIGNED.botId, SIGNED.initData, TELEGRAM_KEY)).toBe(true)
    expect(isSignedFor('7342037350', SIGNED.initData, TELEGRAM_KEY)).toBe(false)
    expect(isSignedFor(SIGNED.botId, SIGNED.initData.replace('1733584787', '1733584788'), TELEGRAM_KEY)).toBe(false)
    const testKey = '40055058a4ee38156a06562e52eece92a771bcd8346a8c4615cb7376eddf72ec'
    expect(isSignedFor(SIGNED.botId, SIGNED.initData, testKey)).toBe(false)
  })
})

describe('readInitData', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const check = {
    token: '7100000003:TEST-token-of-a-panel-bot-AAAAAAAAAA',
    publicKey: Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url').toString('hex'),
  }
  const lines = (fields: object) =>
    Object.entries(fields)
      .map(([name, value]) => `${name}=${String(value)}`)
      .toSorted()
      .join('\n')

  /** A launch with both proofs, or with one of them made for something else. */
  const issue = (fields: object, { hashToken = check.token, signBotId = '7100000003' } = {}): string => {
    const signature = sign(null, Buffer.from(`${signBotId}:WebAppData\n${lines(fields)}`), privateKey)
    const signed = { ...fields, signature: signature.toString('base64url') }
    const secret = createHmac('sha256', 'WebAppData').update(hashToken).digest()
    const hash = createHmac('sha256', secret).update(lines(signed)).digest('hex')
    return new URLSearchParams({ ...signed, hash } as Record<string, string>).toString()
  }
  const fields = {
    query_id: 'AAx',
    user: JSON.stringify({ id: 910_001, first_name: 'Ayşe & "Su"' }),
    auth_date: '1700000000',
  }

  it('says who opened it and when', () => {
    const initData = issue(fields)
    expect(readInitData(initData, check)).toEqual({
      telegramId: 910_001,
      openedAt: 1_700_000_000_000,
      hash: Buffer.from(new URLSearchParams(initData).get('hash') ?? '', 'hex'),
    })
  })

  it('wants both proofs: whoever has the token alone, or was signed for another bot, is not believed', () => {
    expect(readInitData(issue(fields, { hashToken: '7100000004:another' }), check)).toBeNull()
    expect(readInitData(issue(fields, { signBotId: '7100000004' }), check)).toBeNull()
    const stranger = Buffer.from(
      generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' }).x ?? '',
      'base64url',
    )
    expect(readInitData(issue(fields), { ...check, publicKey: stranger.toString('hex') })).toBeNull()
  })

  it.each([
    ['another person', (given: string) => given.replace('910001', '910002')],
    ['another time', (given: string) => given.replace('1700000000', '1800000000')],
    ['one more field', (given: string) => `${given}&start_param=x`],
    ['a field twice', (given: string) => `${given}&auth_date=1700000000`],
    ['no hash', (given: string) => given.replace(/&hash=[^&]*/, '')],
    ['no signature', (given: string) => given.replace(/&signature=[^&]*/, '')],
    ['nothing', () => ''],
    ['no query at all', () => 'javascript:alert(1)'],
  ])('refuses %s', (_, change) => {
    expect(readInitData(change(issue(fields)), check)).toBeNull()
  })

  it.each([
    ['nobody', { auth_date: '1700000000' }],
    ['a broken person', { ...fields, user: '{' }],
    ['a bot', { ...fields, user: JSON.stringify({ id: 5, is_bot: true }) }],
    ['a number as text', { ...fields, user: JSON.stringify({ id: '910001' }) }],
    ['no time', { user: fields.user }],
  ])('refuses %s even when it is proved', (_, given) => {
    expect(readInitData(issue(given), check)).toBeNull()
  })
})
