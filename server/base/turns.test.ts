import { describe, expect, it } from 'vitest'

import { Turns } from './turns.ts'

describe('Turns', () => {
  it('lets so many work at once, and the others in the order in which they asked', async () => {
    const turns = new Turns(2)
    const begun: number[] = []
    const ends: (() => void)[] = []
    const all = [0, 1, 2, 3].map((n) =>
      turns.take(async () => {
        begun.push(n)
        await new Promise<void>((resolve) => ends.push(resolve))
        return n
      }),
    )
    const settle = () => new Promise((resolve) => setImmediate(resolve))
    await settle()
    expect(begun).toEqual([0, 1])
    ends[1]?.()
    await settle()
    expect(begun).toEqual([0, 1, 2])
    ends[0]?.()
    ends[2]?.()
    await settle()
    ends[3]?.()
    expect(await Promise.all(all)).toEqual([0, 1, 2, 3])
    expect(begun).toEqual([0, 1, 2, 3])
  })

  it('gives the turn on when work fails', async () => {
    const turns = new Turns(1)
    const failed = turns.take(() => Promise.reject(new Error('no')))
    const next = turns.take(() => Promise.resolve('done'))
    await expect(failed).rejects.toThrow('no')
    expect(await next).toBe('done')
    expect(await turns.take(() => Promise.resolve('free'))).toBe('free')
  })
})
