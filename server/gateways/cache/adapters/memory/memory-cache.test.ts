import { describe, expect, it } from 'vitest'

import { ManualClock } from '#server/base/clock.ts'
import { itKeepsTheCacheContract } from '#server/testing/suites/cache.suite.ts'

import { createMemoryCache } from './memory-cache.ts'

describe('createMemoryCache', () => {
  itKeepsTheCacheContract(async () => {
    const clock = new ManualClock(0)
    return { cache: createMemoryCache({ clock }), advance: (ms) => clock.advance(ms) }
  })
})

describe('createMemoryCache, full', () => {
  it('drops what was written longest ago', async () => {
    const cache = createMemoryCache({ clock: new ManualClock(0), maxEntries: 2 })
    await cache.set('a', '1', 1_000)
    await cache.set('b', '2', 1_000)
    await cache.set('a', '3', 1_000)
    await cache.set('c', '4', 1_000)
    expect([await cache.get('a'), await cache.get('b'), await cache.get('c')]).toStrictEqual(['3', null, '4'])
  })
})
