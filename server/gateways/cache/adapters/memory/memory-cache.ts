import type { Clock } from '#server/base/clock.ts'

import type { Cache } from '../../cache.ts'
import { createListeners } from '../listeners.ts'

export interface MemoryCacheOptions {
  readonly clock: Clock
  /** The oldest entries give way beyond this many; 100 000. */
  readonly maxEntries?: number
}

interface Entry {
  readonly value: string
  readonly expiresAt: number
}

/** A cache of this process alone, for a single process without Redis. */
export const createMemoryCache = ({ clock, maxEntries = 100_000 }: MemoryCacheOptions): Cache => {
  const entries = new Map<string, Entry>()
  const listeners = createListeners()

  const find = (key: string): Entry | null => {
    const entry = entries.get(key)
    if (!entry) return null
    if (entry.expiresAt > clock.now()) return entry
    entries.delete(key)
    return null
  }
  const put = (key: string, entry: Entry) => {
    // Deleted first, so that the map's order is the order of writing.
    entries.delete(key)
    entries.set(key, entry)
    if (entries.size <= maxEntries) return
    for (const [oldest] of entries) {
      entries.delete(oldest)
      break
    }
  }

  return {
    async get(key) {
      return find(key)?.value ?? null
    },
    async set(key, value, ttlMs) {
      put(key, { value, expiresAt: clock.now() + ttlMs })
    },
    async delete(key) {
      entries.delete(key)
    },
    async increment(key, windowMs) {
      const before = find(key)
      const count = Number(before?.value ?? 0) + 1
      put(key, { value: String(count), expiresAt: before?.expiresAt ?? clock.now() + windowMs })
      return count
    },
    async publish(channel, message) {
      listeners.tell(channel, message)
    },
    async subscribe(channel, listener) {
      listeners.add(channel, listener)
      return async () => void listeners.remove(channel, listener)
    },
    async close() {
      entries.clear()
      listeners.clear()
    },
  }
}
