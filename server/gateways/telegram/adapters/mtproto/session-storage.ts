import type { IStorageDriver, ITelegramStorageProvider, tl } from '@mtcute/core'
import { __tlWriterMap, longFromFastString, parseMarkedPeerId, TlBinaryWriter } from '@mtcute/core/utils.js'

import type { SessionPeer, UserSession, UserSessionStore } from '../../user-session.ts'

/** Kept in memory per session; the rest is read from the store when it is needed. */
const PEERS_WAITING_MAX = 200

/**
 * The storage mtcute asks for, on our session store: auth keys are written at once, small values and peers with the next
 * save,
 * after `beforeSave`. Of a peer only the access hash and public names are kept, nothing about the person.
 */
export const createSessionStorage = (
  session: UserSession,
  store: UserSessionStore,
  beforeSave: () => Promise<void> = () => Promise.resolve(),
): ITelegramStorageProvider => {
  let values = new Map<string, Uint8Array>()
  const dirty = new Map<string, Uint8Array | null>()
  const peers = new Map<number, SessionPeer>()

  const flush = async (): Promise<void> => {
    if (dirty.size > 0) {
      const changes = new Map(dirty)
      dirty.clear()
      try {
        await beforeSave()
        await store.writeValues(session, changes)
      } catch (error) {
        for (const [key, value] of changes) if (!dirty.has(key)) dirty.set(key, value)
        throw error
      }
    }
    if (peers.size > 0) {
      const waiting = [...peers.values()]
      peers.clear()
      await store.writePeers(session, waiting)
    }
  }
  const driver: IStorageDriver = {
    async load() {
      values = new Map(await store.readValues(session))
    },
    save: flush,
    destroy: flush,
  }

  return {
    driver,
    kv: {
      get: (key) => values.get(key) ?? null,
      set(key, value) {
        values.set(key, value)
        dirty.set(key, value)
      },
      delete(key) {
        values.delete(key)
        dirty.set(key, null)
      },
      deleteAll() {
        for (const key of values.keys()) dirty.set(key, null)
        values.clear()
      },
    },
    authKeys: keysOf(session, store),
    peers: {
      async store({ id, accessHash, usernames, isMin }) {
        // A "min" peer's access hash opens nothing by itself.
        if (isMin || accessHash === '') return
        peers.set(id, { peerId: id, accessHash, usernames })
        if (peers.size >= PEERS_WAITING_MAX) await flush()
      },
      getById: async (id) => asPeerInfo(peers.get(id) ?? (await store.findPeer(session, { id }))),
      getByUsername: async (username) =>
        asPeerInfo(
          [...peers.values()].find((peer) => peer.usernames.includes(username)) ??
            (await store.findPeer(session, { username })),
        ),
      getByPhone: () => null,
      async deleteAll() {
        peers.clear()
        await store.deletePeers(session)
      },
    },
    refMessages: createReferences(),
  }
}

/** Messages by which an unknown person could be named; only useful until the next restart. */
const createReferences = (): ITelegramStorageProvider['refMessages'] => {
  const references = new Map<number, readonly [number, number]>()
  return {
    store: (peerId, chatId, messageId) => void references.set(peerId, [chatId, messageId]),
    getByPeer(peerId) {
      const found = references.get(peerId)
      return found ? [...found] : null
    },
    delete(chatId, messageIds) {
      for (const [peerId, [chat, message]] of references) {
        if (chat === chatId && messageIds.includes(message)) references.delete(peerId)
      }
    },
    deleteByPeer: (peerId) => void references.delete(peerId),
    deleteAll: () => references.clear(),
  }
}

const keysOf = (session: UserSession, store: UserSessionStore): ITelegramStorageProvider['authKeys'] => ({
  set: (dc, key) => store.writeKey(session, { dc, index: null }, key, 0),
  get: async (dc) => (await store.readKey(session, { dc, index: null }))?.key ?? null,
  setTemp: (dc, index, key, expires) => store.writeKey(session, { dc, index }, key, expires),
  async getTemp(dc, index, now) {
    const found = await store.readKey(session, { dc, index })
    return found && found.expiresAt > now ? found.key : null
  },
  deleteByDc: (dc) => store.deleteKeys(session, dc),
  deleteAll: () => store.deleteKeys(session, null),
})

const asPeerInfo = (peer: SessionPeer | null) => {
  if (!peer) return null
  const complete = TlBinaryWriter.serializeObject(__tlWriterMap, bareObject(peer))
  const { peerId: id, accessHash, usernames } = peer
  return { id, accessHash, isMin: false, usernames: [...usernames], updated: Number.MAX_SAFE_INTEGER, complete }
}

/** What mtcute wants to have received of a peer, without what we do not keep. */
const bareObject = ({ peerId, accessHash }: SessionPeer): tl.TypeUser | tl.TypeChat => {
  const [type, id] = parseMarkedPeerId(peerId)
  const hash = longFromFastString(accessHash)
  return type === 'user'
    ? { _: 'user', id, accessHash: hash }
    : { _: 'channel', id, accessHash: hash, title: '', photo: { _: 'chatPhotoEmpty' }, date: 0 }
}
