import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'

import { ManualClock } from '#server/base/clock.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '#server/base/duration.ts'
import { silentLogger } from '#server/base/logger.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { NOON } from '#server/testing/factories.ts'

import { type Db, createDb } from './pool.ts'
import { type Duty, Schedule } from './schedule.ts'

let db: Db
let clock: ManualClock
const running: Schedule[] = []

beforeAll(async () => {
  db = createDb((await createTestDatabase()).pool)
})

beforeEach(async () => {
  clock = new ManualClock(NOON)
  await db.deleteFrom('schedule_run').execute()
})

afterEach(async () => {
  await Promise.all(running.splice(0).map((schedule) => schedule.stop()))
})

const counting = (everyMs: number, fail: () => boolean = () => false) => {
  const at: number[] = []
  const duty: Duty = {
    name: 'count',
    everyMs,
    async run(now) {
      at.push(now)
      if (fail()) throw new Error('failed')
    },
  }
  return { duty, at }
}

const scheduleOf = (...duties: Duty[]) => new Schedule({ db, clock, log: silentLogger, duties })

describe('Schedule', () => {
  it('takes a turn at once, then not before a period has passed', async () => {
    const { duty, at } = counting(HOUR_MS)
    const schedule = scheduleOf(duty)
    expect(await schedule.runDue()).toEqual(['count'])
    expect(await schedule.runDue()).toEqual([])
    await clock.advance(HOUR_MS - 1)
    expect(await schedule.runDue()).toEqual([])
    await clock.advance(1)
    expect(await schedule.runDue()).toEqual(['count'])
    expect(at).toEqual([NOON, NOON + HOUR_MS])
  })

  it('gives each turn to one of twenty processes', async () => {
    const { duty, at } = counting(HOUR_MS)
    const schedules = Array.from({ length: 20 }, () => scheduleOf(duty))
    for (let turn = 0; turn < 5; turn += 1) {
      await Promise.all(schedules.map((schedule) => schedule.runDue()))
      await clock.advance(HOUR_MS)
    }
    expect(at).toHaveLength(5)
  })

  it('remembers its turns over a restart', async () => {
    const { duty, at } = counting(HOUR_MS)
    await scheduleOf(duty).runDue()
    await clock.advance(HOUR_MS / 2)
    expect(await scheduleOf(duty).runDue()).toEqual([])
    expect(at).toHaveLength(1)
  })

  it('takes a failed turn again after a minute', async () => {
    let failures = 1
    const { duty, at } = counting(HOUR_MS, () => (failures -= 1) >= 0)
    const schedule = scheduleOf(duty)
    await schedule.runDue()
    await clock.advance(MINUTE_MS)
    await schedule.runDue()
    await clock.advance(MINUTE_MS)
    await schedule.runDue()
    expect(at).toEqual([NOON, NOON + MINUTE_MS])
  })

  it('is not held up by a last run that a faster clock left in the future', async () => {
    const { duty, at } = counting(HOUR_MS)
    await db
      .insertInto('schedule_run')
      .values({ name: 'count', last_run_at: new Date(NOON + 3 * DAY_MS) })
      .execute()
    await scheduleOf(duty).runDue()
    expect(at).toEqual([NOON])
  })

  it('runs by its clock once started', async () => {
    const { duty, at } = counting(10 * MINUTE_MS)
    const schedule = scheduleOf(duty)
    running.push(schedule)
    await schedule.start()
    for (let turns = 1; turns <= 3; turns += 1) {
      await expect.poll(() => at.length, { timeout: 10_000 }).toBe(turns)
      await new Promise((resolve) => setTimeout(resolve, 50))
      await clock.advance(10 * MINUTE_MS)
    }
    expect(at.slice(0, 3)).toEqual([NOON, NOON + 10 * MINUTE_MS, NOON + 20 * MINUTE_MS])
  })

  it('finishes a turn under way before it stops', async () => {
    let finish = () => {}
    let finished = false
    const duty: Duty = {
      name: 'slow',
      everyMs: HOUR_MS,
      run: () => new Promise((resolve) => (finish = () => ((finished = true), resolve()))),
    }
    const schedule = scheduleOf(duty)
    await schedule.start()
    await new Promise((resolve) => setTimeout(resolve, 100))
    const stopped = schedule.stop()
    finish()
    await stopped
    expect(finished).toBe(true)
  })
})
