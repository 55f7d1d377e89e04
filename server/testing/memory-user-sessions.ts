import type { SessionPeer, UserSession, UserSessionStore } from '#server/gateways/telegram/user-session.ts'

/** Sessions in memory, for tests that need no database; clients that share one share the sessions. */
export const createMemoryUserSessions = (): UserSessionStore => {
  const values = new Map<string, Uint8Array>()
  const keys = new Map<string, { readonly key: Uint8Array; readonly expiresAt: number }>()
  const peers = new Map<string, SessionPeer>()
  const named = ({ tenantId, sessionId }: UserSession, rest: string) => `${tenantId}/${sessionId}/${rest}`
  const deleteFrom = (map: Map<string, unknown>, prefix: string) => {
    for (const key of map.keys()) if (key.startsWith(prefix)) map.delete(key)
  }
  return {
    async readValues(session) {
      const prefix = named(session, '')
      return new Map(
        [...values].flatMap(([key, value]) => (key.startsWith(prefix) ? [[key.slice(prefix.length), value]] : [])),
      )
    },
    async writeValues(session, changes) {
      for (const [key, value] of changes) {
        if (value === null) values.delete(named(session, key))
        else values.set(named(session, key), value)
      }
    },
    readKey: async (session, { dc, index }) => keys.get(named(session, `${dc}/${index}`)) ?? null,
    async writeKey(session, { dc, index }, key, expiresAt) {
      if (key === null) keys.delete(named(session, `${dc}/${index}`))
      else keys.set(named(session, `${dc}/${index}`), { key, expiresAt })
    },
    deleteKeys: async (session, dc) => deleteFrom(keys, named(session, dc === null ? '' : `${dc}/`)),
    async findPeer(session, by) {
      if ('id' in by) return peers.get(named(session, String(by.id))) ?? null
      const own = [...peers].filter(([key]) => key.startsWith(named(session, '')))
      return own.find(([, peer]) => peer.usernames.includes(by.username))?.[1] ?? null
    },
    async writePeers(session, written) {
      for (const peer of written) peers.set(named(session, String(peer.peerId)), peer)
    },
    deletePeers: async (session) => deleteFrom(peers, named(session, '')),
  }
}
