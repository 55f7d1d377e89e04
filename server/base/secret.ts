import {
  createCipheriv,
  createDecipheriv,
  createHash,
  hkdfSync,
  randomBytes,
  randomInt,
  timingSafeEqual,
} from 'node:crypto'

import { AppError } from './errors.ts'

const VERSION = 1
const KEY_BYTES = 32
const IV_BYTES = 12
const TAG_BYTES = 16

/** Seals and opens small secrets. `context` (tenant, column, row) is authenticated: moved elsewhere, a value does not open. */
export interface SecretBox {
  seal(plain: string, context: string): Buffer
  open(sealed: Uint8Array, context: string): string
  sealBytes(plain: Uint8Array, context: string): Buffer
  openBytes(sealed: Uint8Array, context: string): Buffer
}

/**
 * AES-256-GCM; layout version(1) | iv(12) | tag(16) | ciphertext. `key` is 32 bytes, a sub-key is derived per context.
 * Errors of opening: `internal/secret_unreadable` for another key, another context or a changed byte.
 */
export const secretBox = (key: Uint8Array): SecretBox => {
  if (key.length !== KEY_BYTES) {
    throw new AppError('invalid', 'secret_key_length', { field: 'APP_KEK', bytes: key.length })
  }
  const subKey = (context: string) => deriveKey(key, context)
  const sealBytes = (plain: Uint8Array, context: string): Buffer => {
    const iv = randomBytes(IV_BYTES)
    const cipher = createCipheriv('aes-256-gcm', subKey(context), iv).setAAD(Buffer.from(context))
    const body = Buffer.concat([cipher.update(plain), cipher.final()])
    return Buffer.concat([Buffer.from([VERSION]), iv, cipher.getAuthTag(), body])
  }
  const openBytes = (sealed: Uint8Array, context: string): Buffer => {
    const bytes = Buffer.from(sealed)
    if (bytes[0] !== VERSION || bytes.length < 1 + IV_BYTES + TAG_BYTES) {
      throw new AppError('internal', 'secret_unreadable', { context })
    }
    const iv = bytes.subarray(1, 1 + IV_BYTES)
    const tag = bytes.subarray(1 + IV_BYTES, 1 + IV_BYTES + TAG_BYTES)
    const decipher = createDecipheriv('aes-256-gcm', subKey(context), iv).setAAD(Buffer.from(context)).setAuthTag(tag)
    try {
      return Buffer.concat([decipher.update(bytes.subarray(1 + IV_BYTES + TAG_BYTES)), decipher.final()])
    } catch (cause) {
      throw new AppError('internal', 'secret_unreadable', { context }, { cause })
    }
  }
  return {
    seal: (plain, context) => sealBytes(Buffer.from(plain), context),
    open: (sealed, context) => openBytes(sealed, context).toString('utf8'),
    sealBytes,
    openBytes,
  }
}

/** A key of 32 bytes for one purpose, from which `key` cannot be told. */
export const deriveKey = (key: Uint8Array, purpose: string): Buffer =>
  Buffer.from(hkdfSync('sha256', key, '', purpose, KEY_BYTES))

/** A new key for {@link secretBox}. */
export const randomKey = (): Buffer => randomBytes(KEY_BYTES)

/** Compares two secrets without telling by its duration where they differ. */
export const equalSecrets = (a: string, b: string): boolean => {
  const left = Buffer.from(a)
  const right = Buffer.from(b)
  return left.length === right.length && timingSafeEqual(left, right)
}

/** A random URL-safe string of `bytes` bytes of chance. */
export const randomToken = (bytes = 32): string => randomBytes(bytes).toString('base64url')

const WORD_LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789'

/** `length` random letters and digits, for names that are looked up and read aloud. */
export const randomWord = (length: number): string =>
  Array.from({ length }, () => WORD_LETTERS[randomInt(WORD_LETTERS.length)]).join('')

/** SHA-256, enough for secrets of 32 random bytes: there is nothing to guess that a slow hash would slow down. */
export const hashSecret = (secret: string): Buffer => createHash('sha256').update(secret).digest()

/** {@link equalSecrets} for hashes. */
export const equalHashes = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && timingSafeEqual(a, b)
