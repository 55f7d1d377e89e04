/**
 * What segmentation costs beside the bare SQL that computes and writes the same scores: a full pass, a pass that finds
 * nothing to do, one per cent of the contacts changed, and micro-batches of 500. The bare pass knows no difference, no
 * history, no primary segment, no stored reasons, no events and no locks; it is given just-in-time compilation or not,
 * whichever is faster. Passes alternate and the best of each counts, so that a busy machine disturbs both alike.
 */
import { sql } from 'kysely'

import { toDate } from '#server/base/clock.ts'
import type { Db } from '#server/db/pool.ts'
import { assignSegments, recomputeSegments } from '#server/modules/segments/index.ts'

import { type Bench, type BenchOptions, Bounds } from '../bench.ts'
import { type BenchDatabase, startBenchDatabase } from '../rig/rig.ts'
import { createBareTable, runBareBatch, runBarePass } from './bare-pass.ts'
import { POPULATION_AT, asSuperuser, disturb, pickContacts, populate } from './population.ts'

const SIZES = [10_000, 100_000, 1_000_000]
const ROUNDS = 3
const BATCH_ROUNDS = 40
const BATCH = 500

const clock = { now: () => POPULATION_AT, sleep: () => Promise.resolve() }

const timed = async (work: () => Promise<unknown>): Promise<number> => {
  const start = performance.now()
  await work()
  return performance.now() - start
}

const least = (values: readonly number[]): number => Math.min(...values)
const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN

const createTenant = async (db: Db, size: number): Promise<number> => {
  const at = toDate(POPULATION_AT)
  const row = { slug: `bench-${size}`, name: 'Ölçüm', sender_name: 'Ölçüm', observe_until: at, created_at: at }
  return (await db.insertInto('tenant').values(row).returning('id').executeTakeFirstOrThrow()).id
}

interface Figures {
  readonly bareMs: number
  readonly fullMs: number
  readonly unchangedMs: number
  readonly onePercentMs: number
  readonly bareBatchMs: number
  readonly batchMs: number
}

/** Full passes beside bare ones, then a pass without changes. */
const measurePasses = async ({ db, superuserConnectionString }: BenchDatabase, tenantId: number) => {
  const bare: number[] = []
  const full: number[] = []
  const unchanged: number[] = []
  const settle = (statement: string) => asSuperuser(superuserConnectionString, statement)
  for (let round = 0; round < ROUNDS; round++) {
    for (const jit of [true, false]) {
      await settle('checkpoint')
      bare.push(await timed(() => runBarePass(db, tenantId, jit)))
    }
    await sql`truncate segment_assignment, segment_history`.execute(db)
    await settle('checkpoint')
    full.push(await timed(() => recomputeSegments({ db, clock }, tenantId)))
    await settle('vacuum analyze segment_assignment')
    unchanged.push(await timed(() => recomputeSegments({ db, clock }, tenantId)))
  }
  return { bareMs: least(bare), fullMs: least(full), unchangedMs: least(unchanged) }
}

/** Batches of 500 whose features have just changed, beside the bare statement on the same people. */
const measureBatches = async ({ db }: BenchDatabase, tenantId: number, size: number) => {
  const ids = await pickContacts(db, tenantId, Math.min(size, BATCH * BATCH_ROUNDS))
  const bare: number[] = []
  const ours: number[] = []
  for (let round = 0; round < BATCH_ROUNDS; round++) {
    const from = (round * BATCH) % ids.length
    const batch = ids.slice(from, from + BATCH)
    await disturb(db, tenantId, batch, round)
    const first = round % 2 === 0
    if (first) bare.push(await timed(() => runBareBatch(db, tenantId, batch)))
    ours.push(await timed(() => assignSegments({ db, clock }, tenantId, batch)))
    if (!first) bare.push(await timed(() => runBareBatch(db, tenantId, batch)))
  }
  return { bareBatchMs: median(bare), batchMs: median(ours) }
}

const measureOnePercent = async ({ db }: BenchDatabase, tenantId: number, size: number): Promise<number> => {
  const runs: number[] = []
  for (let round = 1; round <= ROUNDS; round++) {
    const ids = await pickContacts(db, tenantId, Math.ceil(size / 100))
    await disturb(db, tenantId, ids, 100 + round)
    runs.push(await timed(() => assignSegments({ db, clock }, tenantId, ids)))
  }
  return median(runs)
}

const measure = async (
  database: BenchDatabase,
  size: number,
  onProgress: BenchOptions['onProgress'],
): Promise<Figures> => {
  const tenantId = await createTenant(database.db, size)
  onProgress(`${size} contacts: populating`)
  await populate(database.db, database.superuserConnectionString, tenantId, size)
  await createBareTable(database.db)
  onProgress(`${size} contacts: full passes`)
  const passes = await measurePasses(database, tenantId)
  onProgress(`${size} contacts: batches`)
  const batches = await measureBatches(database, tenantId, size)
  return { ...passes, ...batches, onePercentMs: await measureOnePercent(database, tenantId, size) }
}

const nameOf = (size: number): string => (size >= 1_000_000 ? `${size / 1_000_000}m` : `${size / 1_000}k`)

/** `--sizes 10000,100000` for less than the million. Bounds hold at the largest size. */
const run: Bench['run'] = async ({ lists, onProgress }) => {
  const sizes = (lists['sizes'] ?? SIZES).toSorted((a, b) => a - b)
  const database = await startBenchDatabase()
  const bounds = new Bounds()
  const metrics: Record<string, number> = {}
  try {
    for (const size of sizes) {
      const figures = await measure(database, size, onProgress)
      for (const [name, value] of Object.entries(figures)) metrics[`${nameOf(size)}.${name}`] = value as number
      if (size !== sizes.at(-1)) continue
      bounds.hold('full pass / bare pass', figures.fullMs / figures.bareMs, '<=', 2)
      bounds.hold('unchanged pass / bare pass', figures.unchangedMs / figures.bareMs, '<=', 1)
      bounds.hold('batch of 500 / bare batch', figures.batchMs / figures.bareBatchMs, '<=', 3)
      bounds.hold('one per cent changed, ms', figures.onePercentMs, '<=', 2_000)
    }
  } finally {
    await database.stop()
  }
  return bounds.result('segments', metrics)
}

export const bench: Bench = {
  name: 'segments',
  does: 'full, unchanged, one per cent and micro-batch segmentation beside bare SQL that writes the same scores',
  run,
}
