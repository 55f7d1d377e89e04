import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { type AddressInfo, createServer } from 'node:net'
import { parsePublicKey } from '@mtcute/core/utils.js'
import { NodeCryptoProvider } from '@mtcute/node/utils.js'
import { type Connection, openConnection } from '#simulator/mtproto/connection.ts'
import { createMessageIds } from '#simulator/mtproto/envelope.ts'
import { type AuthKey, createHandshake } from '#simulator/mtproto/handshake.ts'
import { toSeconds } from '#simulator/mtproto/methods/context.ts'
import { presentUserEvent } from '#simulator/mtproto/present-event.ts'
import { runCall } from '#simulator/mtproto/run-call.ts'
import type { UserAccounts, UserEvent } from '#simulator/user-accounts/types.ts'

export type MtprotoServerOptions = {
  readonly accounts: UserAccounts
  readonly host: string
  /** 0 takes any free port. */
  readonly port: number
  /** PKCS#1 or PKCS#8 PEM of an RSA key; a new one of 2048 bits when absent. */
  readonly privateKey?: string | undefined
  readonly onBug: (error: unknown) => void
}

export type MtprotoServer = {
  readonly host: string
  readonly port: number
  /** PKCS#1 PEM: what a client has to trust. */
  readonly publicKey: string
  readonly close: () => Promise<void>
}

type Client = { connection: Connection; userId: number | null; wantsUpdates: boolean; isCalling: boolean }

/** Listens for people's clients; resolves once it does. */
export async function startMtprotoServer(options: MtprotoServerOptions): Promise<MtprotoServer> {
  const { accounts, onBug } = options
  const crypto = new NodeCryptoProvider()
  await crypto.initialize()
  const { privateKey, publicKey, fingerprint } = readServerKey(crypto, options.privateKey)
  const keys = new Map<string, AuthKey>()
  const sessions = new Map<string, Set<string>>()
  const clients = new Set<Client>()
  const nextMessageId = createMessageIds()
  const address = { host: options.host, port: options.port }

  const server = createServer((socket) => {
    const connection = openConnection(socket, {
      crypto,
      findKey: (keyId) => keys.get(keyId),
      shakeHands: createHandshake({ crypto, privateKey, fingerprint, onKey: (key) => keys.set(key.id, key) }),
      nextMessageId,
      meetSession(name) {
        const known = sessions.get(name)
        const answered = known ?? new Set()
        if (!known) sessions.set(name, answered)
        return { isNew: !known, answered }
      },
      onCall: (caller, messageId, request) => call(client, caller, messageId, request),
      onBug,
    })
    const client: Client = { connection, userId: null, wantsUpdates: false, isCalling: false }
    clients.add(client)
    socket.on('close', () => clients.delete(client))
  })

  function call(client: Client, ...[connection, messageId, request]: Parameters<CallHandler>): boolean {
    client.isCalling = true
    const ran = runCall({ accounts, address, siblings, onBug }, connection, messageId, request)
    client.isCalling = false
    client.userId = accounts.keys.get(connection.keyId())?.authorization?.account.user.id ?? null
    // Whoever reads the state of the updates goes on listening to them.
    if (ran.wantsUpdates && client.userId !== null) client.wantsUpdates = true
    return ran.isAccepted
  }

  /** Connections that have worked under the same key as a logged-in client. */
  function siblings(connection: Connection): readonly Connection[] {
    return [...clients]
      .filter((other) => other.userId !== null && other.connection.keyId() === connection.keyId())
      .map((other) => other.connection)
  }

  function tell(event: UserEvent): void {
    if (event.kind === 'login_token_accepted') {
      const date = toSeconds(accounts.world.clock.now())
      for (const { connection } of clients) {
        if (connection.keyId() !== event.keyId) continue
        connection.push({ _: 'updateShort', update: { _: 'updateLoginToken' }, date } as { readonly _: string })
      }
      return
    }
    for (const { connection, userId, wantsUpdates, isCalling } of clients) {
      if (userId === null || !wantsUpdates) continue
      // The answer to the call says the same.
      const updates = isCalling ? null : presentUserEvent(accounts, userId, event)
      if (updates) connection.push(updates)
    }
  }

  accounts.listeners.add(tell)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port, options.host, resolve)
  })
  address.port = (server.address() as AddressInfo).port
  return {
    ...address,
    publicKey,
    async close() {
      accounts.listeners.delete(tell)
      for (const { connection } of clients) connection.cut()
      await new Promise<void>((resolve) => {
        server.close(() => resolve())
      })
    },
  }
}

type ServerKey = { readonly privateKey: KeyObject; readonly publicKey: string; readonly fingerprint: string }

function readServerKey(crypto: NodeCryptoProvider, given: string | undefined): ServerKey {
  const privateKey =
    given === undefined ? generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey : createPrivateKey(given)
  const publicKey = createPublicKey(privateKey).export({ type: 'pkcs1', format: 'pem' }).toString()
  const { fingerprint } = parsePublicKey(crypto, publicKey)
  if (!fingerprint.startsWith('0')) return { privateKey, publicKey, fingerprint }
  // mtcute 0.30 looks keys up without leading zeros and so never finds such a one.
  if (given === undefined) return readServerKey(crypto, undefined)
  throw new RangeError(`privateKey: the fingerprint ${fingerprint} begins with 0; take another key`)
}

type CallHandler = Parameters<typeof openConnection>[1]['onCall']
