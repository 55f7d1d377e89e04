import { describe, expect, it } from 'vitest'

import { GatheredCalls } from './gathered-calls.ts'

describe('GatheredCalls', () => {
  it('does at once what arrived meanwhile, in its order, one run at a time for each key', async () => {
    const runs: (readonly [string, readonly number[]])[] = []
    let running = 0
    const calls = new GatheredCalls<string, number, number>(async (key, inputs) => {
      running += 1
      expect(running).toBeLessThanOrEqual(2)
      runs.push([key, inputs])
      await new Promise((resolve) => setImmediate(resolve))
      running -= 1
      return inputs.map((n) => n * 10)
    }, 3)
    const outputs = await Promise.all([1, 2, 3, 4, 5].map((n) => calls.call('a', n)).concat(calls.call('b', 9)))
    expect(outputs).toEqual([10, 20, 30, 40, 50, 90])
    expect(runs).toEqual([
      ['a', [1]],
      ['b', [9]],
      ['a', [2, 3, 4]],
      ['a', [5]],
    ])
  })

  it('tells everybody of a run that failed, and goes on', async () => {
    let isBroken = true
    const calls = new GatheredCalls<string, number, number>(async (_, inputs) => {
      await Promise.resolve()
      if (isBroken) throw new Error('kopuk')
      return inputs
    }, 10)
    const failed = await Promise.allSettled([calls.call('a', 1), calls.call('a', 2)])
    expect(failed.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    isBroken = false
    expect(await calls.call('a', 3)).toBe(3)
  })
})
