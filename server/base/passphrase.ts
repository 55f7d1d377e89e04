import { createCipheriv, createDecipheriv, randomBytes, scrypt } from 'node:crypto'
import { promisify } from 'node:util'

import { z } from 'zod'

import { invalid } from './errors.ts'

const FORMAT = 'gavatcore-archive'
const VERSION = 1
/** About a tenth of a second and 128 MiB a guess (OWASP's cheat sheet on storing passwords asks for no less than this N). */
const COST = { N: 131_072, r: 8, p: 1 } as const
const MEMORY_MAX = 256 * 1024 * 1024
const PASSPHRASE_MIN = 12

const derive = promisify<string, Buffer, number, object, Buffer>(scrypt)

const headerShape = z.strictObject({
  format: z.literal(FORMAT),
  version: z.literal(VERSION),
  kdf: z.strictObject({
    name: z.literal('scrypt'),
    N: z.literal(COST.N),
    r: z.literal(COST.r),
    p: z.literal(COST.p),
    salt: z.base64(),
  }),
  iv: z.base64(),
})
const archiveShape = z.strictObject({ header: headerShape, tag: z.base64(), body: z.base64() })

const keyOf = (passphrase: string, salt: Buffer): Promise<Buffer> =>
  derive(passphrase.normalize('NFKC'), salt, 32, { ...COST, maxmem: MEMORY_MAX })

/**
 * Seals `plain` so that the passphrase alone opens it: scrypt, then AES-256-GCM over the body and the header. The
 * archive is a JSON text. Errors: `invalid/passphrase_short` for fewer than 12 characters.
 */
export const sealWithPassphrase = async (plain: Uint8Array, passphrase: string): Promise<string> => {
  if (Array.from(passphrase).length < PASSPHRASE_MIN) {
    throw invalid('passphrase_short', 'passphrase', { min: PASSPHRASE_MIN })
  }
  const salt = randomBytes(16)
  const iv = randomBytes(12)
  const kdf = { name: 'scrypt', ...COST, salt: salt.toString('base64') } as const
  const header = { format: FORMAT, version: VERSION, kdf, iv: iv.toString('base64') } as const
  const cipher = createCipheriv('aes-256-gcm', await keyOf(passphrase, salt), iv).setAAD(
    Buffer.from(JSON.stringify(header)),
  )
  const body = Buffer.concat([cipher.update(plain), cipher.final()])
  return `${JSON.stringify({ header, tag: cipher.getAuthTag().toString('base64'), body: body.toString('base64') })}\n`
}

/**
 * Opens what {@link sealWithPassphrase} sealed. Errors: `invalid/archive_malformed` for what is no archive,
 * `invalid/archive_refused` for another passphrase or a changed archive, which look the same.
 */
export const openWithPassphrase = async (archive: string, passphrase: string): Promise<Buffer> => {
  const { header, tag, body } = readArchive(archive)
  const key = await keyOf(passphrase, Buffer.from(header.kdf.salt, 'base64'))
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, Buffer.from(header.iv, 'base64'), { authTagLength: 16 })
      .setAAD(Buffer.from(JSON.stringify(header)))
      .setAuthTag(Buffer.from(tag, 'base64'))
    return Buffer.concat([decipher.update(Buffer.from(body, 'base64')), decipher.final()])
  } catch {
    throw invalid('archive_refused', 'passphrase')
  }
}

const readArchive = (archive: string): z.infer<typeof archiveShape> => {
  try {
    return archiveShape.parse(JSON.parse(archive))
  } catch {
    throw invalid('archive_malformed', 'file')
  }
}
