import { describe, expect, it } from 'vitest'
import { createAlarm, createManualSimulatorClock } from '#simulator/clock.ts'

describe('createManualSimulatorClock', () => {
  it('wakes sleepers in order of their due time, each before time moves on', async () => {
    const clock = createManualSimulatorClock(1000)
    const seen: string[] = []
    const sleep = async (name: string, ms: number): Promise<void> => {
      await clock.sleep(ms)
      seen.push(`${name}@${clock.now()}`)
    }
    void sleep('b', 20)
    void sleep('a', 10).then(() => sleep('c', 5))
    await clock.advance(100)
    expect(seen).toEqual(['a@1010', 'c@1015', 'b@1020'])
    expect(clock.now()).toBe(1100)
  })

  it('ends a sleep at once when its signal aborts', async () => {
    const abort = new AbortController()
    const sleep = createManualSimulatorClock(0).sleep(1000, abort.signal)
    abort.abort()
    await expect(sleep).resolves.toBeUndefined()
  })
})

describe('createAlarm', () => {
  it('rings only for the instant it was set to last', async () => {
    const clock = createManualSimulatorClock(0)
    const rings: number[] = []
    const alarm = createAlarm(clock, () => void rings.push(clock.now()))
    alarm.set(100)
    alarm.set(50)
    await clock.advance(200)
    expect(rings).toEqual([50])
    alarm.set(300)
    alarm.set(null)
    await clock.advance(200)
    expect(rings).toEqual([50])
  })
})
