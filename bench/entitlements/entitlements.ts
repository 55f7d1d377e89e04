/**
 * What it costs to take a place that the package limits: 64 takers at once ask for the twenty templates of one tenant
 * after another, each in the transaction that writes the template. Beside it, in the same run and the same kind of
 * transaction, a bare `update … returning` of a counter, which knows no package, no period and no text of refusal, and
 * can drift from what is there. Rounds alternate, so that a busy machine disturbs both alike. Most answers are refusals,
 * as at a limit they are.
 */
import { sql } from 'kysely'

import { systemClock, toDate } from '#server/base/clock.ts'
import { AppError } from '#server/base/errors.ts'
import { type Db, createDb, createPool } from '#server/db/pool.ts'
import { type TenantTx, inTenant } from '#server/db/tenant-scope.ts'
import { requireEntitlement, startSubscription } from '#server/modules/billing/index.ts'
import { createTenant } from '#server/modules/tenancy/index.ts'

import { type Bench, Bounds } from '../bench.ts'
import { startBenchDatabase } from '../rig/rig.ts'

const TAKERS = 64
/** As many as the embedded server has to spare; the other takers wait in the pool, as requests do. */
const CONNECTIONS = 40
const PLACES = 20
const ROUNDS = 30
const WARM_UP = 3

type Take = (tx: TenantTx, name: string, now: number) => Promise<boolean>

const insertTemplate = async (tx: TenantTx, name: string, now: number): Promise<void> => {
  const row = { tenant_id: tx.tenantId, name, message_class: 'reply', created_at: toDate(now) }
  await tx.insertInto('template').values(row).execute()
}

const takeEntitled: Take = async (tx, name, now) => {
  try {
    await requireEntitlement(tx, 'templates', { at: now })
  } catch (error) {
    if (error instanceof AppError && error.code === 'templates') return false
    throw error
  }
  await insertTemplate(tx, name, now)
  return true
}

const takeBare: Take = async (tx, name, now) => {
  const { rows } = await sql`update bench_place set used = used + 1
    where tenant_id = ${tx.tenantId} and used < ${PLACES} returning used`.execute(tx)
  if (rows.length === 0) return false
  await insertTemplate(tx, name, now)
  return true
}

const createCounters = async (db: Db): Promise<void> => {
  await sql`create table bench_place (tenant_id bigint primary key, used integer not null default 0)`.execute(db)
  await sql`grant select, update on bench_place to gavatcore_tenant`.execute(db)
}

const createShop = (db: Db, slug: string, at: number): Promise<number> =>
  db.transaction().execute(async (tx) => {
    const { id } = await createTenant(tx, { slug, name: 'Ölçüm' }, { by: 'bench', at })
    await startSubscription(tx, { tenantId: id, package: 'professional', at })
    await sql`insert into bench_place (tenant_id) values (${id})`.execute(tx)
    return id
  })

interface Round {
  readonly elapsedMs: number
  readonly latenciesMs: readonly number[]
  readonly granted: number
}

/** All takers ask one tenant at once. */
const race = async (db: Db, tenantId: number, take: Take, now: number): Promise<Round> => {
  const latenciesMs: number[] = []
  const start = performance.now()
  const answers = await Promise.all(
    Array.from({ length: TAKERS }, async (_, i) => {
      const from = performance.now()
      const got = await inTenant(db, tenantId, (tx) => take(tx, `olcum-${i}`, now))
      latenciesMs.push(performance.now() - from)
      return got
    }),
  )
  return { elapsedMs: performance.now() - start, latenciesMs, granted: answers.filter(Boolean).length }
}

const p99 = (rounds: readonly Round[]): number => {
  const sorted = rounds.flatMap((round) => round.latenciesMs).toSorted((a, b) => a - b)
  return sorted[Math.ceil(sorted.length * 0.99) - 1] ?? Number.NaN
}

const perSecond = (rounds: readonly Round[]): number =>
  (rounds.length * TAKERS * 1_000) / rounds.reduce((sum, round) => sum + round.elapsedMs, 0)

const overshootOf = async (db: Db): Promise<number> => {
  const { rows } = await sql<{ overshoot: number }>`
    select coalesce(sum(greatest(n - ${PLACES}, 0)), 0)::integer as overshoot
    from (select count(*)::integer as n from template group by tenant_id) t`.execute(db)
  return rows[0]?.overshoot ?? Number.NaN
}

/** `--rounds 10` for a shorter run. */
const run: Bench['run'] = async ({ numbers, onProgress }) => {
  const rounds = numbers['rounds'] ?? ROUNDS
  const database = await startBenchDatabase()
  const pool = createPool({
    connectionString: database.connectionString,
    min: CONNECTIONS,
    max: CONNECTIONS,
    applicationName: 'gavatcore bench takers',
  })
  const takers = createDb(pool)
  try {
    await createCounters(database.db)
    const [ours, bare]: [Round[], Round[]] = [[], []]
    for (let round = 0; round < rounds + WARM_UP; round++) {
      const now = systemClock.now()
      const first = await createShop(database.db, `bench-${round}-a`, now)
      const second = await createShop(database.db, `bench-${round}-b`, now)
      const oursNow = await race(takers, first, takeEntitled, now)
      const bareNow = await race(takers, second, takeBare, now)
      if (round < WARM_UP) continue
      ours.push(oursNow)
      bare.push(bareNow)
    }
    onProgress(`${rounds} rounds of ${TAKERS} takers for ${PLACES} places`)
    const bounds = new Bounds()
    const metrics = {
      checksPerSecond: perSecond(ours),
      p99Ms: p99(ours),
      barePerSecond: perSecond(bare),
      bareP99Ms: p99(bare),
      overshoot: await overshootOf(database.db),
      leftOver: ours.reduce((sum, round) => sum + PLACES - round.granted, 0),
    }
    bounds.hold('checks / bare update returning', metrics.checksPerSecond / metrics.barePerSecond, '>=', 0.4)
    bounds.hold('places given beyond the limit', metrics.overshoot, '<=', 0)
    bounds.hold('places not given though asked for', metrics.leftOver, '<=', 0)
    return bounds.result('entitlements', metrics)
  } finally {
    await takers.destroy()
    await database.stop()
  }
}

export const bench: Bench = {
  name: 'entitlements',
  does: 'places of a package taken by 64 at once, beside a bare update returning in the same run',
  run,
}
