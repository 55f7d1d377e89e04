import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'

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
