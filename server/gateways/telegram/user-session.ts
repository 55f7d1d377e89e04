/** A person's session with Telegram: which one, whose, and on which server. */
export interface UserSession {
  readonly tenantId: number
  readonly sessionId: number
  /**
   * Telegram's own servers when null; else `mtproto://host:port/?key=…` with the base64url of the server's public key
   * (DER, PKCS#1), as the simulator gives it.
   */
  readonly apiRoot: string | null
}

/** A key agreed on with one data centre; `index` is null for the permanent one. */
export interface SessionKeySlot {
  readonly dc: number
  readonly index: number | null
}

/** Whom a session can address: an id alone opens no door, the access hash does. */
export interface SessionPeer {
  /** As bots number chats: negative for groups and channels. */
  readonly peerId: number
  readonly accessHash: string
  /** In lower case. */
  readonly usernames: readonly string[]
}

/**
 * Keeps what a session needs to be resumed. Auth keys are as good as the account itself: implementations seal them, and
 * nobody logs them. Every write is durable when its promise resolves.
 */
export interface UserSessionStore {
  readValues(session: UserSession): Promise<ReadonlyMap<string, Uint8Array>>
  /** Null deletes. */
  writeValues(session: UserSession, values: ReadonlyMap<string, Uint8Array | null>): Promise<void>
  readKey(
    session: UserSession,
    slot: SessionKeySlot,
  ): Promise<{ readonly key: Uint8Array; readonly expiresAt: number } | null>
  /** Null deletes. `expiresAt` in epoch seconds, 0 for never. */
  writeKey(session: UserSession, slot: SessionKeySlot, key: Uint8Array | null, expiresAt: number): Promise<void>
  /** All keys of the data centre, or of every one. */
  deleteKeys(session: UserSession, dc: number | null): Promise<void>
  findPeer(
    session: UserSession,
    by: { readonly id: number } | { readonly username: string },
  ): Promise<SessionPeer | null>
  writePeers(session: UserSession, peers: readonly SessionPeer[]): Promise<void>
  deletePeers(session: UserSession): Promise<void>
}
