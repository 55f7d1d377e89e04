/**
 * Short-lived copies of what PostgreSQL or Telegram knows. Everything in it may vanish at any moment, and no operation
 * fails because the cache does: an unreachable one answers as if it were empty. Keys begin with the tenant or account
 * they belong to; values are strings of the caller's own making.
 */
export interface Cache {
  /** Null when absent, expired or unreachable. */
  get(key: string): Promise<string | null>
  /** Keeps `value` for `ttlMs` milliseconds (1 and more); the newest value wins. */
  set(key: string, value: string, ttlMs: number): Promise<void>
  delete(key: string): Promise<void>
  /**
   * Adds one and answers the new count, from 1. The window starts with the first count and ends `windowMs` later.
   * Null when the count is unknown: a caller that guards something with it must then refuse, or ask the database.
   */
  increment(key: string, windowMs: number): Promise<number | null>
  /** Reaches whoever listens at this moment, in this process and others; nothing is kept for the rest. */
  publish(channel: string, message: string): Promise<void>
  /** Resolves when the listener hears; returns how to stop. A listener must not throw. */
  subscribe(channel: string, listener: (message: string) => void): Promise<() => Promise<void>>
  close(): Promise<void>
}
