import { createHmac, createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto'
import { createName } from '#simulator/world/create-world.ts'
import type { SimBot, SimUser, World } from '#simulator/world/types.ts'

export type InitDataInput = {
  /** What the link t.me/<bot>?startapp=… carried. */
  readonly startParam?: string | undefined
  /** Epoch ms; now unless told otherwise. */
  readonly authAt?: number | undefined
}

/** PKCS #8 of an Ed25519 key, up to its 32 secret bytes (RFC 8410). */
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex')
/** SubjectPublicKeyInfo of an Ed25519 key, up to its 32 bytes. */
const SPKI_PREFIX_BYTES = 12

/** The simulator's own, the same in every world that is given no other: whoever checks signatures is told its public half. */
export const INIT_DATA_KEY: KeyObject = createPrivateKey({
  key: Buffer.concat([PKCS8_PREFIX, Buffer.alloc(32, 'gavatcore simulator init data')]),
  format: 'der',
  type: 'pkcs8',
})

/** Public half of an Ed25519 key, as hex like Telegram publishes its own. */
export const publicHexOf = (key: KeyObject): string =>
  createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(SPKI_PREFIX_BYTES).toString('hex')

/** Of the key that signs for third parties where no other is given. */
export const INIT_DATA_PUBLIC_KEY: string = publicHexOf(INIT_DATA_KEY)

/**
 * What a Mini App of `bot` gets when `user` opens it: a query string that the bot proves with its token (`hash`, which
 * covers `signature`) and anybody with the public key (`signature`, which covers neither).
 */
export function issueInitData(world: World, bot: SimBot, user: SimUser, input: InitDataInput = {}): string {
  if (user.isDeleted) throw new RangeError(`user ${user.id} is deleted`)
  const startParam = input.startParam ?? ''
  if (!/^[\w-]{0,512}$/.test(startParam)) {
    throw new RangeError('a start parameter is up to 512 characters of A-Z a-z 0-9 _ -')
  }
  const fields = new Map<string, string>([
    ['query_id', `AA${createName(world, 22)}`],
    ['user', JSON.stringify(presentUser(user))],
    ['auth_date', String(Math.floor((input.authAt ?? world.clock.now()) / 1000))],
  ])
  if (startParam !== '') fields.set('start_param', startParam)
  const signed = `${bot.id}:WebAppData\n${linesOf(fields)}`
  fields.set('signature', sign(null, Buffer.from(signed), world.settings.initDataKey).toString('base64url'))
  const secret = createHmac('sha256', 'WebAppData').update(bot.token).digest()
  fields.set('hash', createHmac('sha256', secret).update(linesOf(fields)).digest('hex'))
  return new URLSearchParams([...fields]).toString()
}

function linesOf(fields: ReadonlyMap<string, string>): string {
  return [...fields]
    .map(([key, value]) => `${key}=${value}`)
    .sort()
    .join('\n')
}

/** A person as Mini Apps see them (WebAppUser). */
function presentUser(user: SimUser): object {
  return {
    id: user.id,
    first_name: user.firstName,
    last_name: user.lastName ?? '',
    ...(user.username !== undefined && { username: user.username }),
    ...(user.languageCode !== undefined && { language_code: user.languageCode }),
    ...(user.isPremium && { is_premium: true }),
    allows_write_to_pm: true,
  }
}
