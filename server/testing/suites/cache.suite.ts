import { afterEach, beforeEach, expect, it } from 'vitest'

import type { Cache } from '#server/gateways/cache/cache.ts'

export interface CacheWorld {
  readonly cache: Cache
  /** Lets `ms` milliseconds of the cache's time go by. */
  advance(ms: number): Promise<void>
}

/** What every cache must do; called inside the `describe` of each adapter's own test. */
export const itKeepsTheCacheContract = (open: () => Promise<CacheWorld>): void => {
  let world: CacheWorld
  let cache: Cache
  beforeEach(async () => {
    world = await open()
    cache = world.cache
  })
  afterEach(() => cache.close())

  it('misses what nobody has set', async () => {
    expect(await cache.get('t1:a')).toBeNull()
  })

  it('keeps the newest value until its time is over', async () => {
    await cache.set('t1:a', 'eski', 60_000)
    await cache.set('t1:a', 'yeni ğüş', 100)
    expect(await cache.get('t1:a')).toBe('yeni ğüş')
    await world.advance(150)
    expect(await cache.get('t1:a')).toBeNull()
  })

  it('forgets what is deleted and leaves the rest', async () => {
    await cache.set('t1:a', '1', 60_000)
    await cache.set('t2:a', '2', 60_000)
    await cache.delete('t1:a')
    await cache.delete('t1:never-set')
    expect(await cache.get('t1:a')).toBeNull()
    expect(await cache.get('t2:a')).toBe('2')
  })

  it('counts within a window that starts with the first count', async () => {
    expect(await cache.increment('t1:n', 200)).toBe(1)
    await world.advance(120)
    expect(await cache.increment('t1:n', 200)).toBe(2)
    await world.advance(120)
    expect(await cache.increment('t1:n', 200)).toBe(1)
  })

  it('gives each of many simultaneous counts its own number', async () => {
    const counts = await Promise.all(Array.from({ length: 50 }, () => cache.increment('t1:n', 60_000)))
    expect(counts.sort((a, b) => a! - b!)).toStrictEqual(Array.from({ length: 50 }, (_, i) => i + 1))
  })

  it('tells every listener of a channel, and nobody else', async () => {
    const heard: string[] = []
    const arrived = Promise.withResolvers<void>()
    await cache.subscribe('t1:live', (message) => heard.push(`a ${message}`))
    await cache.subscribe('t2:live', (message) => heard.push(`other ${message}`))
    await cache.subscribe('t1:live', (message) => {
      heard.push(`b ${message}`)
      arrived.resolve()
    })
    await cache.publish('t1:live', 'merhaba')
    await arrived.promise
    expect(heard.sort()).toStrictEqual(['a merhaba', 'b merhaba'])
  })

  it('tells nothing to a listener that has stopped', async () => {
    const heard: string[] = []
    const stop = await cache.subscribe('t1:live', (message) => heard.push(message))
    await stop()
    const arrived = Promise.withResolvers<void>()
    await cache.subscribe('t1:done', () => arrived.resolve())
    await cache.publish('t1:live', 'geç')
    await cache.publish('t1:done', '')
    await arrived.promise
    expect(heard).toStrictEqual([])
  })
}
