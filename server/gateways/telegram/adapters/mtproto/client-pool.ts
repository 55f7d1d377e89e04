import { type TelegramClient as Client, TelegramClient, networkMiddlewares } from '@mtcute/node'
import type { tl } from '@mtcute/core'
import { NodeCryptoProvider, addPublicKey } from '@mtcute/node/utils.js'

import { SECOND_MS } from '#server/base/duration.ts'

import type { UserSession, UserSessionStore } from '../../user-session.ts'
import type { NamedPeers } from './present-update.ts'
import { createSessionStorage } from './session-storage.ts'

export interface MtprotoOptions {
  /** From my.telegram.org; one pair for the installation. */
  readonly apiId: number
  readonly apiHash: string
  readonly store: UserSessionStore
  /** A call without an answer for this long is given up; 30 seconds unless told otherwise. */
  readonly callTimeoutMs?: number
}

/** What a client that listens tells, and asks before it stores how far it has come. */
export interface Listening {
  readonly onUpdate: (update: tl.TypeUpdate, peers: NamedPeers) => void
  /** The connection is there, again perhaps. */
  readonly onConnected: () => void
  /** Resolves when everything told is safe; throws when it will not be. */
  readonly beforeSave: () => Promise<void>
}

/** Connected clients, one a session. */
export interface ClientPool {
  get(session: UserSession): Promise<Client>
  /** The session's client, listening: one that does not listen yet is closed and opened anew. */
  listen(session: UserSession, listening: Listening): Promise<Client>
  /** Closes the session's client, if it is open. */
  release(session: UserSession): Promise<void>
  close(): Promise<void>
}

/**
 * Opens clients when they are first needed. One session must be open in one process alone: Telegram destroys a key that
 * two use at once, which is why accounts are leased.
 */
export const createClientPool = async ({ apiId, apiHash, store }: MtprotoOptions): Promise<ClientPool> => {
  const crypto = new NodeCryptoProvider()
  await crypto.initialize()
  const open = new Map<number, { readonly client: Promise<Client>; readonly listens: boolean }>()

  const connect = async (session: UserSession, listening: Listening | null): Promise<Client> => {
    const client = new TelegramClient({
      apiId,
      apiHash,
      // Its messages quote what was sent and by whom.
      logLevel: 0,
      storage: createSessionStorage(session, store, listening?.beforeSave),
      crypto,
      updates: listening ? { catchUp: true } : false,
      initConnectionOptions: { deviceModel: 'Gavatcore', appVersion: '1.0' },
      ...ownServer(crypto, session.apiRoot),
      network: {
        middlewares: networkMiddlewares.basic({
          // Waits are ours to plan: nothing sleeps, and one chat's wait does not stop the others.
          floodWaiter: { maxWait: 0, maxRetries: 0, store: false },
          internalErrors: { maxRetries: 3, waitTime: 1, exceptErrors: ['RANDOM_ID_DUPLICATE'] },
        }),
      },
    })
    if (listening) {
      client.onRawUpdate.add(({ update, peers }) => listening.onUpdate(update, peers))
      client.onConnectionState.add((state) => {
        if (state === 'connected') listening.onConnected()
      })
    }
    await client.connect()
    return client
  }
  const begin = (session: UserSession, listening: Listening | null, before: Promise<void>): Promise<Client> => {
    const client = before.then(() => connect(session, listening))
    const entry = { client, listens: listening !== null }
    open.set(session.sessionId, entry)
    // A client that could not be opened is tried anew by the next caller.
    client.catch(() => {
      if (open.get(session.sessionId) === entry) open.delete(session.sessionId)
    })
    return client
  }
  const release = async ({ sessionId }: Pick<UserSession, 'sessionId'>): Promise<void> => {
    const entry = open.get(sessionId)
    open.delete(sessionId)
    const client = await entry?.client.catch(() => undefined)
    // What could not be stored is asked for again by whoever opens the session next.
    await client?.destroy().catch(() => undefined)
  }
  return {
    get: (session) => open.get(session.sessionId)?.client ?? begin(session, null, Promise.resolve()),
    listen(session, listening) {
      const known = open.get(session.sessionId)
      if (known?.listens) return known.client
      return begin(session, listening, known ? release(session) : Promise.resolve())
    },
    release,
    async close() {
      await Promise.all([...open.keys()].map((sessionId) => release({ sessionId })))
    },
  }
}

/** The data centre and public key of a server of one's own; nothing for Telegram's, which mtcute knows. */
const ownServer = (crypto: NodeCryptoProvider, apiRoot: string | null) => {
  if (apiRoot === null) return {}
  const { protocol, hostname, port, searchParams } = new URL(apiRoot)
  const der = searchParams.get('key')
  if (protocol !== 'mtproto:' || der === null) throw new Error('an MTProto server is named mtproto://host:port/?key=…')
  const lines =
    Buffer.from(der, 'base64url')
      .toString('base64')
      .match(/.{1,64}/g) ?? []
  addPublicKey(crypto, ['-----BEGIN RSA PUBLIC KEY-----', ...lines, '-----END RSA PUBLIC KEY-----'].join('\n'))
  const dc = { id: 2, ipAddress: hostname, port: Number(port) }
  return { defaultDcs: { main: dc, media: dc } }
}

export const DEFAULT_CALL_TIMEOUT_MS = 30 * SECOND_MS
