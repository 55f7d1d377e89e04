import { createHmac, createPublicKey, verify } from 'node:crypto'

import { z } from 'zod'

import { equalHashes } from '#server/base/secret.ts'

/** The bot whose Mini App was opened, and whose word is asked for. */
export interface InitDataCheck {
  readonly token: string
  /** Ed25519 key that Telegram signs launches with, 64 hexadecimal digits. */
  readonly publicKey: string
}

/** Who opened a Mini App, and when, as Telegram vouches for it. */
export interface MiniAppLaunch {
  readonly telegramId: number
  /** Epoch milliseconds, whole seconds. */
  readonly openedAt: number
  /** Telegram's own hash of the launch: the same launch has the same 32 bytes. */
  readonly hash: Buffer
}

const shape = z.object({
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  signature: z.string().regex(/^[\w-]{86}(?:==)?$/),
  auth_date: z.string().regex(/^\d{1,12}$/),
  user: z.string(),
})
const user = z.object({ id: z.number().int().positive(), is_bot: z.literal(false).optional() })

/** What is proved: `name=value` lines in alphabetical order. */
const linesOf = (initData: string, without: readonly string[]): string =>
  [...new URLSearchParams(initData)]
    .flatMap(([name, value]) => (without.includes(name) ? [] : [`${name}=${value}`]))
    .toSorted()
    .join('\n')

/** Whether this is Telegram's hash for the bot of the token: HMAC-SHA256 over every field but `hash`. */
export const isHashedFor = (token: string, initData: string): boolean => {
  const hash = Buffer.from(new URLSearchParams(initData).get('hash') ?? '', 'hex')
  const secret = createHmac('sha256', 'WebAppData').update(token).digest()
  const own = createHmac('sha256', secret)
    .update(linesOf(initData, ['hash']))
    .digest()
  return equalHashes(own, hash)
}

/** Whether the key signed this for the bot: Ed25519 over its number and every field but `hash` and `signature`. */
export const isSignedFor = (botId: string, initData: string, publicKey: string): boolean => {
  const x = Buffer.from(publicKey, 'hex').toString('base64url')
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' })
  const signature = Buffer.from(new URLSearchParams(initData).get('signature') ?? '', 'base64url')
  return verify(null, Buffer.from(`${botId}:WebAppData\n${linesOf(initData, ['hash', 'signature'])}`), key, signature)
}

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/**
 * Reads what Telegram gives a Mini App at its launch; null unless both proofs hold. Each of them alone is not enough: a
 * bot's token may leak, and a signature says nothing about the token we know. Says nothing about age.
 */
export const readInitData = (initData: string, { token, publicKey }: InitDataCheck): MiniAppLaunch | null => {
  const fields = [...new URLSearchParams(initData)]
  const named = Object.fromEntries(fields)
  const parsed = shape.safeParse(named)
  // A field given twice would be proved in one sense and read in another.
  if (!parsed.success || Object.keys(named).length !== fields.length) return null
  const [botId = ''] = token.split(':')
  if (!isHashedFor(token, initData) || !isSignedFor(botId, initData, publicKey)) return null
  const who = user.safeParse(parseJson(parsed.data.user))
  if (!who.success) return null
  const hash = Buffer.from(parsed.data.hash, 'hex')
  return { telegramId: who.data.id, openedAt: Number(parsed.data.auth_date) * 1_000, hash }
}
