import { randomBytes } from 'node:crypto'
import { createAesIgeForMessage, type ICryptoProvider } from '@mtcute/core/utils.js'
import { Long } from '@mtcute/core'
import { systemSimulatorClock } from '#simulator/clock.ts'
import { sha256 } from '#simulator/mtproto/arithmetic.ts'
import type { AuthKey } from '#simulator/mtproto/handshake.ts'

/** A message as it travels under an auth key (core.telegram.org/mtproto/description). */
export type Envelope = {
  /** Server salt and session id, 8 bytes each. */
  readonly salt: Buffer
  readonly session: Buffer
  readonly messageId: Long
  readonly sequence: number
  readonly body: Buffer
}

const HEADER_BYTES = 24

/** Opens a client's message. Throws when it was not sealed with this key. */
export function openEnvelope(crypto: ICryptoProvider, key: AuthKey, frame: Buffer): Envelope {
  const messageKey = frame.subarray(8, HEADER_BYTES)
  const cipher = createAesIgeForMessage(crypto, key.bytes, messageKey, true)
  const inner = Buffer.from(cipher.decrypt(frame.subarray(HEADER_BYTES)))
  if (!sha256(key.bytes.subarray(88, 120), inner).subarray(8, 24).equals(messageKey)) {
    throw new Error('the message key is wrong')
  }
  const length = inner.readUInt32LE(28)
  return {
    salt: inner.subarray(0, 8),
    session: inner.subarray(8, 16),
    messageId: readLong(inner, 16),
    sequence: inner.readUInt32LE(24),
    body: inner.subarray(32, 32 + length),
  }
}

/** Seals a server's message. */
export function sealEnvelope(crypto: ICryptoProvider, key: AuthKey, envelope: Envelope): Buffer {
  const header = Buffer.alloc(16)
  writeLong(header, envelope.messageId, 0)
  header.writeUInt32LE(envelope.sequence, 8)
  header.writeUInt32LE(envelope.body.length, 12)
  const plain = Buffer.concat([envelope.salt, envelope.session, header, envelope.body])
  // 12 to 27 bytes of padding, to a multiple of 16.
  const padded = Buffer.concat([plain, randomBytes(12 + ((16 - ((plain.length + 12) % 16)) % 16))])
  const messageKey = sha256(key.bytes.subarray(96, 128), padded).subarray(8, 24)
  const cipher = createAesIgeForMessage(crypto, key.bytes, messageKey, false)
  return Buffer.concat([Buffer.from(key.id, 'hex'), messageKey, cipher.encrypt(padded)])
}

export function readLong(bytes: Buffer, offset: number): Long {
  return Long.fromBits(bytes.readInt32LE(offset), bytes.readInt32LE(offset + 4))
}

function writeLong(bytes: Buffer, value: Long, offset: number): void {
  bytes.writeInt32LE(value.low, offset)
  bytes.writeInt32LE(value.high, offset + 4)
}

/** Numbers server messages: about 2^32 × Unix time, odd, always rising. */
export function createMessageIds(): () => Long {
  let last = 0n
  return () => {
    const fromTime = (((BigInt(systemSimulatorClock.now()) << 32n) / 1000n) & ~3n) | 1n
    last = fromTime > last ? fromTime : last + 4n
    return Long.fromString(last.toString())
  }
}
