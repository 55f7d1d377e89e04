import { randomUUID } from 'node:crypto'

import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'

import { systemClock } from '#server/base/clock.ts'
import { hasRedis, startRedis } from '#server/testing/redis.ts'
import type { TestRedis } from '#server/testing/redis.ts'
import { itKeepsTheCacheContract } from '#server/testing/suites/cache.suite.ts'

import type { Cache } from '../../cache.ts'
import { createRedisCache } from './redis-cache.ts'

describe('createRedisCache, without a server', () => {
  it('misses, drops and does not count, and tells once', async () => {
    const states: boolean[] = []
    const cache = createRedisCache({ url: '/nowhere/redis.sock', onReachable: (state) => states.push(state) })
    await cache.set('a', '1', 1_000)
    expect(await cache.get('a')).toBeNull()
    expect(await cache.increment('n', 1_000)).toBeNull()
    await cache.delete('a')
    await cache.publish('c', 'm')
    const stop = await cache.subscribe('c', () => {})
    await stop()
    await cache.close()
    expect(states).toStrictEqual([false])
  })
})

describe.runIf(hasRedis())('with a Redis on this machine', () => {
  let redis: TestRedis
  const opened: Cache[] = []
  beforeAll(async () => {
    redis = await startRedis()
  })
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((cache) => cache.close()))
  })
  afterAll(() => redis.close())

  describe('createRedisCache', () => {
    itKeepsTheCacheContract(async () => ({
      cache: createRedisCache({ url: redis.url, prefix: `${randomUUID()}:` }),
      advance: (ms) => systemClock.sleep(ms),
    }))
  })

  describe('createRedisCache, losing its server', () => {
    it('misses while it is away, and serves and listens again when it is back', async () => {
      const changes: ((isReachable: boolean) => void)[] = []
      const turned = (wanted: boolean) =>
        new Promise<void>((resolve) => {
          changes.push((state) => {
            if (state === wanted) resolve()
          })
        })
      const cache = createRedisCache({
        url: redis.url,
        onReachable: (state) => {
          for (const change of changes) change(state)
        },
      })
      opened.push(cache)
      let hear: (message: string) => void = () => {}
      await cache.subscribe('live', (message) => hear(message))
      await cache.set('a', '1', 60_000)
      expect(await cache.get('a')).toBe('1')

      const lost = turned(false)
      await redis.kill()
      await lost
      expect(await cache.get('a')).toBeNull()
      expect(await cache.increment('n', 60_000)).toBeNull()

      const back = turned(true)
      await redis.start()
      await back
      await cache.set('a', '2', 60_000)
      expect(await cache.get('a')).toBe('2')

      const heard = new Promise<string>((resolve) => {
        hear = resolve
      })
      // The listening connection comes back on its own; until then nothing is heard.
      const telling = setInterval(() => void cache.publish('live', 'yine'), 20)
      expect(await heard).toBe('yine')
      clearInterval(telling)
    })

    it('shares counts and messages with another process', async () => {
      const [one, other] = [createRedisCache({ url: redis.url }), createRedisCache({ url: redis.url })]
      opened.push(one, other)
      const heard = Promise.withResolvers<string>()
      await other.subscribe('t1:live', heard.resolve)
      await one.publish('t1:live', 'merhaba')
      expect(await heard.promise).toBe('merhaba')
      expect([await one.increment('t1:n', 60_000), await other.increment('t1:n', 60_000)]).toStrictEqual([1, 2])
    })
  })
})
