import { type TelegramClient as Client, TelegramClient, networkMiddlewares } from '@mtcute/node'
import { NodeCryptoProvider, addPublicKey } from '@mtcute/node/utils.js'

import { SECOND_MS } from '#server/base/duration.ts'

import type { UserSession, UserSessionStore } from '../../user-session.ts'
import { createSessionStorage } from './session-storage.ts'

export interface MtprotoOptions {
  /** From my.telegram.org; one pair for the installation. */
  readonly apiId: number
  readonly apiHash: string
  readonly store: UserSessionStore
  /** A call without an answer for this long is given up; 30 seconds unless told otherwise. */
  readonly callTimeoutMs?: number
}

/** Connected clients, one a session. */
export interface ClientPool {
  get(session: UserSession): Promise<Client>
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
  const open = new Map<number, Promise<Client>>()

  const connect = async (session: UserSession): Promise<Client> => {
    const client = new TelegramClient({
      apiId,
      apiHash,
      // Its messages quote what was sent and by whom.
      logLevel: 0,
      storage: createSessionStorage(session, store),
      crypto,
      updates: false,
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
    await client.connect()
    return client
  }
  const release = async ({ sessionId }: Pick<UserSession, 'sessionId'>): Promise<void> => {
    const client = open.get(sessionId)
    open.delete(sessionId)
    await (await client?.catch(() => undefined))?.destroy()
  }
  return {
    get(session) {
      const known = open.get(session.sessionId)
      if (known) return known
      const client = connect(session)
      open.set(session.sessionId, client)
      // A client that could not be opened is tried anew by the next caller.
      client.catch(() => open.delete(session.sessionId))
      return client
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
