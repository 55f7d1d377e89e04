import type { Socket } from 'node:net'
import type { ICryptoProvider } from '@mtcute/core/utils.js'
import type { Long } from '@mtcute/core'
import { openEnvelope, sealEnvelope } from '#simulator/mtproto/envelope.ts'
import { createFrameReader, frameOf } from '#simulator/mtproto/frames.ts'
import type { AuthKey } from '#simulator/mtproto/handshake.ts'
import { createReader, readRequest, type TlRequest, writeObject } from '#simulator/mtproto/schema.ts'
import { badServerSalt, newSession, readMessage } from '#simulator/mtproto/service-messages.ts'

/** What a connection needs of its server. */
export type ConnectionDeps = {
  readonly crypto: ICryptoProvider
  readonly findKey: (keyId: string) => AuthKey | undefined
  /** Answers the plain messages of a key exchange. */
  readonly shakeHands: (message: TlRequest) => Buffer
  readonly nextMessageId: () => Long
  /** What is remembered of a session, and whether it is met for the first time. */
  readonly meetSession: (name: string) => { readonly isNew: boolean; readonly answered: Set<string> }
  /** Runs a call; false when it was lost before it was accepted. */
  readonly onCall: (connection: Connection, messageId: Long, request: TlRequest) => boolean
  readonly onBug: (error: unknown) => void
}

/** One client's connection: the intermediate transport, encryption and sessions of MTProto 2.0. */
export type Connection = {
  readonly keyId: () => string
  readonly session: () => string
  /** Sends a message under the key of the last message received. */
  readonly send: (body: Buffer, isContent?: boolean) => void
  readonly push: (updates: { readonly _: string }) => void
  readonly cut: () => void
}

const KEY_UNKNOWN = -404
const KEEP_ANSWERED = 1000

/** Speaks MTProto on a socket until it closes. */
export function openConnection(socket: Socket, deps: ConnectionDeps): Connection {
  let key: AuthKey | null = null
  let session: Buffer = Buffer.alloc(8)
  let sequence = 0

  const connection: Connection = {
    keyId: () => key?.id ?? '',
    session: () => session.toString('hex'),
    send(body, isContent = true) {
      if (!key || socket.destroyed) return
      const messageId = deps.nextMessageId()
      const numbered = sequence * 2 + (isContent ? 1 : 0)
      if (isContent) sequence += 1
      socket.write(
        frameOf(sealEnvelope(deps.crypto, key, { salt: key.salt, session, messageId, sequence: numbered, body })),
      )
    },
    push: (updates) => connection.send(writeObject(updates)),
    cut: () => socket.destroy(),
  }

  function receive(frame: Buffer): void {
    if (frame.readBigUInt64LE(0) === 0n) {
      const answer = deps.shakeHands(readRequest(createReader(frame, 20)))
      socket.write(frameOf(plainFrame(deps.nextMessageId(), answer)))
      return
    }
    const found = deps.findKey(frame.subarray(0, 8).toString('hex'))
    if (!found) {
      const refusal = Buffer.alloc(4)
      refusal.writeInt32LE(KEY_UNKNOWN)
      socket.write(frameOf(refusal))
      return
    }
    key = found
    const envelope = openEnvelope(deps.crypto, found, frame)
    session = Buffer.from(envelope.session)
    if (!envelope.salt.equals(found.salt)) {
      connection.send(badServerSalt(envelope.messageId, envelope.sequence, found.salt), false)
      return
    }
    const { isNew, answered } = deps.meetSession(`${found.id}/${connection.session()}`)
    if (isNew) connection.send(newSession(envelope.messageId, session, found.salt))
    const facts = { salt: found.salt, isAnswered: (id: Long) => answered.has(id.toString()) }
    for (const message of readMessage(envelope.messageId, envelope.body, facts)) {
      if (message.kind === 'call') {
        const isAccepted = deps.onCall(connection, message.messageId, readRequest(createReader(message.body)))
        if (isAccepted) remember(answered, message.messageId.toString())
      } else if (message.answer) connection.send(message.answer, false)
    }
  }

  const readFrames = createFrameReader(receive)
  socket.setNoDelay(true)
  socket.on('error', () => socket.destroy())
  socket.on('data', (bytes) => {
    try {
      readFrames(bytes)
    } catch (error) {
      deps.onBug(error)
      socket.destroy()
    }
  })
  return connection
}

/** The oldest of too many are forgotten. */
function remember(answered: Set<string>, messageId: string): void {
  answered.add(messageId)
  if (answered.size <= KEEP_ANSWERED) return
  for (const oldest of answered) {
    answered.delete(oldest)
    return
  }
}

function plainFrame(messageId: Long, body: Buffer): Buffer {
  const header = Buffer.alloc(20)
  header.writeInt32LE(messageId.low, 8)
  header.writeInt32LE(messageId.high, 12)
  header.writeInt32LE(body.length, 16)
  return Buffer.concat([header, body])
}
