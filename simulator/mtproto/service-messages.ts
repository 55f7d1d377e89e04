import { unzipSync } from 'node:zlib'
import type { Long } from '@mtcute/core'
import { systemSimulatorClock } from '#simulator/clock.ts'
import { readLong } from '#simulator/mtproto/envelope.ts'
import { createReader, createWriter, writeResult } from '#simulator/mtproto/schema.ts'

const CONTAINER = 0x73f1f8dc
const GZIPPED = 0x3072cfa1
const ACKS = 0x62d6b459
const PING = 0x7abe77ec
const PING_WITH_DEADLINE = 0xf3427b8c
const GET_FUTURE_SALTS = 0xb921bd04
const ASK_STATE = 0xda69fb52
const DROP_ANSWER = 0x58e4a740
const DESTROY_SESSION = 0xe7512126
const SESSION_DESTROYED = Buffer.from('fc4520e2', 'hex')
const SALT_LIFETIME_SECONDS = 86_400

/** What a client's message turns out to be. */
export type ClientMessage =
  | { readonly kind: 'call'; readonly messageId: Long; readonly body: Buffer }
  /** A service message with the answer to it, if it wants one. */
  | { readonly kind: 'service'; readonly answer: Buffer | null }

export type ServiceFacts = {
  readonly salt: Buffer
  /** Whether a call of the session has been answered, by its message id. */
  readonly isAnswered: (messageId: Long) => boolean
}

/** Takes a message apart: containers and compressed ones into their parts, service messages into their answers. */
export function readMessage(messageId: Long, body: Buffer, facts: ServiceFacts): readonly ClientMessage[] {
  switch (body.readUInt32LE(0)) {
    case CONTAINER:
      return readContainer(body, facts)
    case GZIPPED: {
      const reader = createReader(body, 4)
      return readMessage(messageId, unzipSync(reader.bytes()), facts)
    }
    case ACKS:
    case DROP_ANSWER:
      return [{ kind: 'service', answer: null }]
    case PING:
    case PING_WITH_DEADLINE:
      return [{ kind: 'service', answer: pong(messageId, body.subarray(4, 12)) }]
    case GET_FUTURE_SALTS:
      return [{ kind: 'service', answer: futureSalts(messageId, facts.salt) }]
    case ASK_STATE:
      return [{ kind: 'service', answer: messageStates(messageId, body, facts) }]
    case DESTROY_SESSION:
      return [{ kind: 'service', answer: Buffer.concat([SESSION_DESTROYED, body.subarray(4, 12)]) }]
    default:
      return [{ kind: 'call', messageId, body }]
  }
}

function readContainer(body: Buffer, facts: ServiceFacts): readonly ClientMessage[] {
  const parts: ClientMessage[] = []
  let position = 8
  for (let count = body.readUInt32LE(4); count > 0; count--) {
    const length = body.readUInt32LE(position + 12)
    const start = position + 16
    parts.push(...readMessage(readLong(body, position), body.subarray(start, start + length), facts))
    position = start + length
  }
  return parts
}

function pong(messageId: Long, pingId: Buffer): Buffer {
  const writer = createWriter(20)
  writer.uint(0x347773c5)
  writer.long(messageId)
  writer.raw(pingId)
  return Buffer.from(writer.result())
}

function futureSalts(messageId: Long, salt: Buffer): Buffer {
  const now = Math.floor(systemSimulatorClock.now() / 1000)
  const writer = createWriter(36)
  writer.uint(0xae500895)
  writer.long(messageId)
  writer.uint(now)
  writer.uint(1)
  writer.uint(now - 10)
  writer.uint(now + SALT_LIFETIME_SECONDS)
  writer.raw(salt)
  return Buffer.from(writer.result())
}

/** States of core.telegram.org/mtproto/service_messages_about_messages: never seen; received, and its answer is lost. */
const UNSEEN = 1
const ANSWERED = 4 + 64

function messageStates(messageId: Long, body: Buffer, { isAnswered }: ServiceFacts): Buffer {
  const count = body.readUInt32LE(8)
  const ids = Array.from({ length: count }, (_, index) => readLong(body, 12 + index * 8))
  const states = Buffer.from(ids.map((id) => (isAnswered(id) ? ANSWERED : UNSEEN)))
  const writer = createWriter(12 + 8 + count + 4)
  writer.uint(0x04deb57d)
  writer.long(messageId)
  writer.bytes(states)
  return Buffer.from(writer.result())
}

/** Tells a client that the server had not met this session before. */
export function newSession(firstMessageId: Long, session: Buffer, salt: Buffer): Buffer {
  const writer = createWriter(28)
  writer.uint(0x9ec20908)
  writer.long(firstMessageId)
  writer.raw(session)
  writer.raw(salt)
  return Buffer.from(writer.result())
}

/** Tells a client which salt to use, and thereby to send the message again. */
export function badServerSalt(messageId: Long, sequence: number, salt: Buffer): Buffer {
  const writer = createWriter(28)
  writer.uint(0xedab447b)
  writer.long(messageId)
  writer.uint(sequence)
  writer.uint(48)
  writer.raw(salt)
  return Buffer.from(writer.result())
}

export function rpcResult(messageId: Long, value: unknown): Buffer {
  const writer = createWriter(12)
  writer.uint(0xf35c6d01)
  writer.long(messageId)
  return Buffer.concat([writer.result(), writeResult(value)])
}

export function rpcError(messageId: Long, code: number, text: string): Buffer {
  const writer = createWriter(12 + 8 + Buffer.byteLength(text) + 8)
  writer.uint(0xf35c6d01)
  writer.long(messageId)
  writer.uint(0x2144ca19)
  writer.int(code)
  writer.string(text)
  return Buffer.from(writer.result())
}
