import { describe, expect, it } from 'vitest'

import type { UserUpdate } from '../../user-feed.ts'
import { createDeliveryQueue } from './delivery-queue.ts'

const update = (key: string): UserUpdate => ({ key, kind: 'message', body: {} })
const keysOf = (updates: readonly UserUpdate[]) => updates.map(({ key }) => key)

describe('createDeliveryQueue', () => {
  it('passes everything on in order, whenever it is pushed', async () => {
    const stored: string[] = []
    const deliver = async (updates: readonly UserUpdate[]) => {
      await Promise.resolve()
      stored.push(...keysOf(updates))
    }
    const queue = createDeliveryQueue({ deliver, signal: new AbortController().signal })
    const pushed: string[] = []
    for (let n = 0; n < 200; n++) {
      pushed.push(String(n))
      queue.push(update(String(n)))
      // As many turns of the loop as it takes for a push to fall between the end of a batch and the next.
      for (let turn = 0; turn < n % 7; turn++) await Promise.resolve()
    }
    await queue.settled()
    expect(stored).toEqual(pushed)
  })

  it('says so when what was pushed will not be stored, and keeps it from being taken for safe', async () => {
    const abort = new AbortController()
    const queue = createDeliveryQueue({
      deliver: () => {
        abort.abort()
        return Promise.reject(new Error('no database'))
      },
      signal: abort.signal,
    })
    queue.push(update('a'))
    await expect(queue.settled()).rejects.toThrow('not stored')
    queue.push(update('b'))
    await expect(queue.settled()).rejects.toThrow('not stored')
  })

  it('tries again until it is stored', async () => {
    const troubles: string[] = []
    let tries = 0
    const queue = createDeliveryQueue({
      deliver: () => (++tries < 2 ? Promise.reject(new Error('later')) : Promise.resolve()),
      signal: new AbortController().signal,
      onTrouble: (what) => troubles.push(what),
    })
    queue.push(update('a'))
    await queue.settled()
    expect([tries, troubles.length]).toEqual([2, 1])
  })
})
