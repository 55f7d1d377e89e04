import { sql } from 'kysely'

import { type Clock, toDate } from '#server/base/clock.ts'
import { MINUTE_MS } from '#server/base/duration.ts'
import type { Logger } from '#server/base/logger.ts'

import type { Db } from './pool.ts'

/** Something done again and again. Runs in one process at a time for each turn; a turn may be repeated after a fault. */
export interface Duty {
  readonly name: string
  readonly everyMs: number
  /** `at` is the clock's instant the turn was taken at. */
  run(at: number): Promise<void>
}

export interface ScheduleOptions {
  readonly db: Db
  readonly clock: Clock
  readonly log: Logger
  readonly duties: readonly Duty[]
}

/** A turn that failed is taken again after a minute, or a whole period where that is shorter. */
const RETRY_MS = MINUTE_MS
/** Another process may have taken a turn early or the clock may have been set: never trust a wait for longer. */
const LONGEST_WAIT_MS = 10 * MINUTE_MS

/** Takes the turns of the duties by the clock it is given, so a rehearsal's fast clock drives them, too. */
export class Schedule {
  readonly #options: ScheduleOptions
  readonly #dueAt = new Map<string, number>()
  readonly #underWay = new Map<string, Promise<void>>()
  #abort = new AbortController()
  #loop: Promise<void> = Promise.resolve()

  constructor(options: ScheduleOptions) {
    this.#options = options
  }

  async start(): Promise<void> {
    this.#abort = new AbortController()
    this.#loop = this.#keepRunning()
  }

  /** Waits for the duties under way. */
  async stop(): Promise<void> {
    this.#abort.abort()
    await this.#loop
    await Promise.all(this.#underWay.values())
  }

  /** Takes every turn that is due now and waits for all of them. Returns the names of the duties that ran. */
  async runDue(): Promise<readonly string[]> {
    const ran = await Promise.all(this.#options.duties.map((duty) => this.#take(duty)))
    await Promise.all(ran.flatMap((turn) => turn?.done ?? []))
    return ran.flatMap((turn) => turn?.name ?? [])
  }

  async #keepRunning(): Promise<void> {
    const { clock, duties, log } = this.#options
    while (!this.#abort.signal.aborted) {
      const now = clock.now()
      try {
        await Promise.all(
          duties.filter((duty) => (this.#dueAt.get(duty.name) ?? 0) <= now).map((duty) => this.#take(duty)),
        )
      } catch (error) {
        log.error({ err: error }, 'the schedule could not be read')
        await clock.sleep(RETRY_MS, this.#abort.signal)
        continue
      }
      const nextAt = Math.min(now + LONGEST_WAIT_MS, ...duties.map((duty) => this.#dueAt.get(duty.name) ?? now))
      await clock.sleep(Math.max(1, nextAt - clock.now()), this.#abort.signal)
    }
  }

  async #take(duty: Duty): Promise<{ readonly name: string; readonly done: Promise<void> } | null> {
    if (this.#underWay.has(duty.name)) {
      this.#dueAt.set(duty.name, this.#options.clock.now() + duty.everyMs)
      return null
    }
    const now = this.#options.clock.now()
    const { taken, lastRunAt } = await takeTurn(this.#options.db, duty, now)
    this.#dueAt.set(duty.name, Math.min(lastRunAt, now) + duty.everyMs)
    if (!taken) return null
    const done = this.#run(duty, now).finally(() => this.#underWay.delete(duty.name))
    this.#underWay.set(duty.name, done)
    return { name: duty.name, done }
  }

  async #run(duty: Duty, at: number): Promise<void> {
    try {
      await duty.run(at)
    } catch (error) {
      this.#options.log.error({ duty: duty.name, err: error }, 'a duty failed')
      const retryAt = at + Math.min(duty.everyMs, RETRY_MS)
      this.#dueAt.set(duty.name, retryAt)
      await giveBackTurn(this.#options.db, duty, at, retryAt).catch((fault: unknown) =>
        this.#options.log.warn({ duty: duty.name, err: fault }, 'a turn could not be given back'),
      )
    }
  }
}

/** One process gets the turn. A last run far in the future is the trace of a faster clock and does not hold anyone up. */
const takeTurn = async (
  db: Db,
  duty: Duty,
  now: number,
): Promise<{ readonly taken: boolean; readonly lastRunAt: number }> => {
  const { rows } = await sql`
    insert into schedule_run as r (name, last_run_at) values (${duty.name}, ${toDate(now)})
    on conflict (name) do update set last_run_at = excluded.last_run_at
      where r.last_run_at <= ${toDate(now - duty.everyMs)} or r.last_run_at > ${toDate(now + duty.everyMs)}
    returning name`.execute(db)
  if (rows.length > 0) return { taken: true, lastRunAt: now }
  const row = await db.selectFrom('schedule_run').select('last_run_at').where('name', '=', duty.name).executeTakeFirst()
  return { taken: false, lastRunAt: row?.last_run_at.getTime() ?? now }
}

const giveBackTurn = async (db: Db, duty: Duty, takenAt: number, retryAt: number): Promise<void> => {
  await db
    .updateTable('schedule_run')
    .set({ last_run_at: toDate(retryAt - duty.everyMs) })
    .where('name', '=', duty.name)
    .where('last_run_at', '=', toDate(takenAt))
    .execute()
}

/** The newest turn ever taken, in epoch milliseconds: a clock that must not run backwards starts there. */
export const findLatestRun = async (db: Db): Promise<number | null> => {
  const row = await db
    .selectFrom('schedule_run')
    .select((e) => e.fn.max('last_run_at').as('latest'))
    .executeTakeFirst()
  return row?.latest?.getTime() ?? null
}
