/**
 * What a look at each list of the panel costs a tenant with many contacts and messages, over HTTP and with everything
 * that stands before it (session, roles, row-level security, the contract), beside the least SQL that reads the same page:
 * alone, and behind a bare route that asks who calls and lets them in as every other does. The bound is on the latter:
 * a page of half a millisecond costs less than saying who asks for it.
 */
import { sql } from 'kysely'

import { ManualClock, toDate } from '#server/base/clock.ts'
import { listen } from '#server/doors/http/index.ts'
import type { Db } from '#server/db/pool.ts'
import { createSignInLink, openWebSession } from '#server/modules/tenancy/index.ts'
import { apiServers } from '#server/testing/api-servers.ts'

import { type Bench, Bounds } from '../bench.ts'
import { startBenchDatabase } from '../rig/rig.ts'
import { POPULATION_AT } from '../segments/population.ts'
import { openBareServer } from './bare-server.ts'
import { bareQueries, listPaths } from './lists.ts'
import { fillShop } from './fill-shop.ts'

const OWNER = 77
/** A session may call 600 times a minute. */
const CALLS_PER_SESSION = 400
const ROUNDS = 100
const WARM_UP = 20

const quantileOf = (values: readonly number[], q: number): number => {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? Infinity
}

const openApi = async (db: Db, clock: ManualClock) => {
  const servers = apiServers(db, clock)
  const server = servers.create()
  const address = await listen(server, '127.0.0.1', 0)
  const close = async () => {
    await server.close()
    await servers.close()
  }
  return { address, close }
}

/** Calls as the owner's screens do, in a new session whenever one has called enough. */
const caller = (db: Db, tenantId: number, clock: ManualClock) => {
  let cookie = ''
  let calls = 0
  return async (address: string, path: string): Promise<void> => {
    if (calls % CALLS_PER_SESSION === 0) {
      const { path: link } = await createSignInLink(db, { telegramId: OWNER }, clock.now())
      const { sessionToken } = await openWebSession(db, link.split('/').at(-1) ?? '', 'bench', clock.now())
      cookie = `gc_session=${sessionToken}`
    }
    calls += 1
    const answer = await fetch(new URL(`/api/v1/${path}`, address), {
      headers: { cookie, 'x-tenant': String(tenantId) },
    })
    const body = await answer.text()
    if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${body.slice(0, 200)}`)
  }
}

const timed = async (work: () => Promise<unknown>): Promise<number> => {
  const startedAt = performance.now()
  await work()
  return performance.now() - startedAt
}

export const bench: Bench = {
  name: 'screens',
  does: 'every list of the panel over 100 000 contacts and 1 000 000 messages, beside the bare SQL of its page',
  async run({ numbers, onProgress }) {
    const database = await startBenchDatabase()
    const { db } = database
    const clock = new ManualClock(POPULATION_AT)
    try {
      const size = { contacts: numbers.contacts ?? 100_000, messages: numbers.messages ?? 1_000_000 }
      const shop = await fillShop(database, size, onProgress)
      const member = { tenant_id: shop.tenantId, telegram_id: OWNER, role: 'owner', name: 'Elif', invited_by: 'bench' }
      await db.insertInto('member').values({ ...member, joined_at: toDate(POPULATION_AT) }).execute() // prettier-ignore
      const api = await openApi(db, clock)
      const call = caller(db, shop.tenantId, clock)
      const bare = bareQueries(shop)
      const bareServer = await openBareServer(db, clock, bare)
      const bounds = new Bounds()
      const metrics: Record<string, number> = {}
      for (const [name, path] of Object.entries(listPaths(shop))) {
        const query = bare[name]
        if (!query) throw new Error(`${name} has nothing to stand beside`)
        const [ours, behind, least]: [number[], number[], number[]] = [[], [], []]
        for (let round = -WARM_UP; round < ROUNDS; round += 1) {
          const mine = await timed(() => call(api.address, path))
          const bareCall = await timed(() => call(bareServer.address, `bare/${name}`))
          const its = await timed(() => sql.raw(query).execute(db))
          if (round < 0) continue
          ours.push(mine)
          behind.push(bareCall)
          least.push(its)
        }
        const [p95, p50] = [quantileOf(ours, 0.95), quantileOf(ours, 0.5)]
        const [route50, bare50] = [quantileOf(behind, 0.5), quantileOf(least, 0.5)]
        Object.assign(metrics, {
          [`${name} p95 ms`]: p95,
          [`${name} p50 ms`]: p50,
          [`${name} bare route p50 ms`]: route50,
          [`${name} bare p50 ms`]: bare50,
        })
        onProgress(
          `${name}: p50 ${p50.toFixed(1)} ms, p95 ${p95.toFixed(1)} ms, beside ${route50.toFixed(1)} ms and ${bare50.toFixed(1)} ms of SQL`,
        )
        bounds.hold(`${name} p95 ms`, p95, '<=', 150)
        bounds.hold(`${name} beside bare`, p50 / route50, '<=', 3)
      }
      await bareServer.close()
      await api.close()
      return bounds.result('screens', metrics)
    } finally {
      await database.stop()
    }
  },
}
