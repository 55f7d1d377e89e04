import { Redis } from 'ioredis'

import { SECOND_MS } from '#server/base/duration.ts'

import type { Cache } from '../../cache.ts'
import { createListeners } from '../listeners.ts'

export interface RedisCacheOptions {
  /** redis:// or rediss:// address; may hold a password, so it is never logged. */
  readonly url: string
  /** Set before every key and channel; `gavatcore:`. */
  readonly prefix?: string
  /** Told once when the server is lost and once when it is back. */
  readonly onReachable?: (isReachable: boolean) => void
  /** A slower answer counts as a miss; 250 ms. */
  readonly commandTimeoutMs?: number
}

const INCREMENT = `
local count = redis.call('INCR', KEYS[1])
if count == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return count`

const CONNECTION = {
  retryStrategy: (times: number) => Math.min(times * 100, 5 * SECOND_MS),
  connectTimeout: 2 * SECOND_MS,
}

/**
 * A cache shared by all processes. Connects in the background and for ever; while Redis is away reads miss, writes are
 * dropped and counts are unknown, at once and without an error.
 */
export const createRedisCache = (options: RedisCacheOptions): Cache => {
  const prefix = options.prefix ?? 'gavatcore:'
  const commandTimeout = options.commandTimeoutMs ?? 250
  const commands = new Redis(options.url, {
    ...CONNECTION,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    commandTimeout,
  })
  let isReachable = true
  let isClosed = false
  const report = (now: boolean) => {
    if (now !== isReachable && !isClosed) options.onReachable?.(now)
    isReachable = now
  }
  commands.on('ready', () => report(true))
  commands.on('close', () => report(false))
  // Reported by `close`; without a listener the event would end the process.
  commands.on('error', () => report(false))
  // The first commands wait for the first connection instead of missing while it is being made.
  const connected = new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, commandTimeout)
    const settle = () => {
      clearTimeout(timer)
      resolve()
    }
    commands.once('ready', settle)
    commands.once('error', settle)
  })

  const attempt = async <T>(otherwise: T, act: () => Promise<T>): Promise<T> => {
    try {
      await connected
      return await act()
    } catch {
      return otherwise
    }
  }

  const subscriptions = createSubscriptions(options.url, commandTimeout)
  return {
    get: (key) => attempt<string | null>(null, () => commands.get(prefix + key)),
    set: (key, value, ttlMs) =>
      attempt<void>(undefined, async () => void (await commands.set(prefix + key, value, 'PX', Math.ceil(ttlMs)))),
    delete: (key) => attempt<void>(undefined, async () => void (await commands.del(prefix + key))),
    increment: (key, windowMs) =>
      attempt<number | null>(null, async () =>
        Number(await commands.eval(INCREMENT, 1, prefix + key, Math.ceil(windowMs))),
      ),
    publish: (channel, message) =>
      attempt<void>(undefined, async () => void (await commands.publish(prefix + channel, message))),
    subscribe: (channel, listener) => subscriptions.subscribe(prefix + channel, listener),
    async close() {
      isClosed = true
      commands.disconnect()
      subscriptions.close()
    },
  }
}

/** A connection of its own, opened with the first listener: Redis takes no other command on one that listens. */
const createSubscriptions = (url: string, timeoutMs: number) => {
  const listeners = createListeners()
  let connection: Redis | undefined

  const open = (): Redis => {
    // Subscribing waits in the client's queue until Redis is there, and is repeated by it after each reconnect.
    const opened = new Redis(url, { ...CONNECTION, maxRetriesPerRequest: null })
    opened.on('error', () => {})
    opened.on('message', (channel: string, message: string) => listeners.tell(channel, message))
    return opened
  }

  return {
    async subscribe(channel: string, listener: (message: string) => void): Promise<() => Promise<void>> {
      connection ??= open()
      const { promise: late, resolve } = Promise.withResolvers<void>()
      const timer = setTimeout(resolve, timeoutMs)
      if (listeners.add(channel, listener)) {
        const subscribed = connection.subscribe(channel).catch(() => {})
        await Promise.race([subscribed, late])
      }
      clearTimeout(timer)
      return async () => {
        // Not waited for: without a server it stays in the client's queue, and nobody listens any more.
        if (listeners.remove(channel, listener)) void connection?.unsubscribe(channel).catch(() => {})
      }
    },
    close() {
      listeners.clear()
      connection?.disconnect()
    },
  }
}
