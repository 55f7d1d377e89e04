import { sql } from 'kysely'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'

import { silentLogger } from '#server/base/logger.ts'
import { type TestDatabase, createTestDatabase } from '#server/testing/db.ts'
import { createAccount, createTenant } from '#server/testing/factories.ts'

import {
  type Lease,
  acquireLeases,
  leaseHolderOf,
  listLeases,
  releaseLeases,
  releaseLeasesOf,
  renewLeases,
  requireLeases,
} from './lease.ts'
import { type LaneAccount, LeasedLanes } from './leased-lanes.ts'
import { type Db, createDb } from './pool.ts'

let database: TestDatabase
let db: Db
let tenantId: number

beforeAll(async () => {
  database = await createTestDatabase()
  db = createDb(database.pool)
  tenantId = await createTenant(db)
})

const newAccount = async (): Promise<LaneAccount> => ({ tenantId, accountId: await createAccount(db, tenantId) })
const expire = (accountId: number) =>
  sql`update account_lease set expires_at = now() - interval '1 second' where account_id = ${accountId}`.execute(db)
const acquire = (holder: string, ...accounts: LaneAccount[]) => acquireLeases(db, 'sending', holder, accounts)

describe('acquireLeases', () => {
  it('gives an account to one of twenty workers that reach for it at once', async () => {
    for (let round = 0; round < 10; round += 1) {
      const account = await newAccount()
      const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => acquire(`worker-${i}`, account)))
      expect(answers.flat()).toHaveLength(1)
    }
  })

  it('gives an expired lease to exactly one of twenty workers, with a higher fence', async () => {
    const account = await newAccount()
    const [first] = await acquire('dead', account)
    await expire(account.accountId)
    const answers = (await Promise.all(Array.from({ length: 20 }, (_, i) => acquire(`worker-${i}`, account)))).flat()
    expect(answers).toHaveLength(1)
    expect(answers[0]?.fence).toBeGreaterThan(first?.fence ?? Infinity)
  })

  it('keeps purposes of one account apart', async () => {
    const account = await newAccount()
    expect(await acquireLeases(db, 'sending', 'a', [account])).toHaveLength(1)
    expect(await acquireLeases(db, 'polling', 'b', [account])).toHaveLength(1)
  })
})

describe('renewLeases', () => {
  it('keeps what is held and reports what is lost', async () => {
    const [kept, lost] = [await newAccount(), await newAccount()]
    const leases = await acquire('a', kept, lost)
    await expire(lost.accountId)
    await acquire('b', lost)
    expect((await renewLeases(db, leases)).map((lease) => lease.accountId)).toEqual([kept.accountId])
  })

  it('does not revive a lease that expired, even if nobody took it', async () => {
    const account = await newAccount()
    const leases = await acquire('a', account)
    await expire(account.accountId)
    expect(await renewLeases(db, leases)).toEqual([])
  })
})

describe('releaseLeases', () => {
  it('frees the account at once and keeps the fence rising', async () => {
    const account = await newAccount()
    const first = await acquire('a', account)
    await releaseLeases(db, first)
    const second = await acquire('b', account)
    expect(second[0]?.fence).toBe((first[0]?.fence ?? 0) + 1)
    expect((await listLeases(db)).filter((l) => l.accountId === account.accountId)).toEqual(second)
  })
})

describe('releaseLeasesOf', () => {
  it('frees at once what a killed run of the same installation held, and nothing of another installation', async () => {
    const [ours, theirs] = [await newAccount(), await newAccount()]
    const [dead] = await acquire(leaseHolderOf('north', 'run-1'), ours)
    const [alive] = await acquire(leaseHolderOf('north-2', 'run-1'), theirs)
    expect(await releaseLeasesOf(db, 'north')).toBe(1)
    const [next] = await acquire(leaseHolderOf('north', 'run-2'), ours, theirs)
    expect(next).toMatchObject({ accountId: ours.accountId, fence: (dead?.fence ?? 0) + 1 })
    expect(await renewLeases(db, [dead as Lease, alive as Lease])).toEqual([alive])
  })

  it('lets a restarted installation work its accounts without waiting for the lease to end', async () => {
    const account = await newAccount()
    await acquireLeases(db, 'updates', leaseHolderOf('south', 'run-1'), [account])
    await releaseLeasesOf(db, 'south')
    const begun: number[] = []
    const lanes = new LeasedLanes<LaneAccount>({
      db,
      log: silentLogger,
      purpose: 'updates',
      holder: leaseHolderOf('south', 'run-2'),
      listAccounts: async () => [account],
      work: async ({ accountId }) => void begun.push(accountId),
    })
    await lanes.start()
    await lanes.stop()
    expect(begun).toEqual([account.accountId])
  })
})

describe('requireLeases', () => {
  it('refuses the old owner, so that a process that slept cannot write', async () => {
    const account = await newAccount()
    const [old] = await acquire('a', account)
    await expire(account.accountId)
    const [current] = await acquire('b', account)
    await expect(db.transaction().execute((tx) => requireLeases(tx, [old as Lease]))).rejects.toThrow('lease_lost')
    await db.transaction().execute((tx) => requireLeases(tx, [current as Lease]))
  })

  it('refuses several where one of them is lost, and names it', async () => {
    const [kept, lost] = [await newAccount(), await newAccount()]
    const leases = [...(await acquire('a', kept)), ...(await acquire('a', lost))]
    await db.transaction().execute((tx) => requireLeases(tx, leases))
    await expire(lost.accountId)
    await expect(db.transaction().execute((tx) => requireLeases(tx, leases))).rejects.toMatchObject({
      code: 'lease_lost',
      params: { account: lost.accountId },
    })
  })
})

describe('LeasedLanes', () => {
  const open: LeasedLanes<LaneAccount>[] = []
  afterEach(async () => {
    await Promise.all(open.splice(0).map((lanes) => lanes.stop()))
  })

  /** Lanes whose work is to note who works what; `overlaps` rises when two of them work one account at once. */
  const world = (accounts: LaneAccount[]) => {
    const active = new Map<number, string>()
    const journal: string[] = []
    let overlaps = 0
    const lanes = (holder: string, ttlMs = 600) => {
      const created = new LeasedLanes<LaneAccount>({
        db,
        log: silentLogger,
        purpose: 'updates',
        holder,
        ttlMs,
        lookEveryMs: 50,
        listAccounts: async () => [...accounts],
        work: async ({ accountId }, _lease, signal) => {
          if (active.has(accountId)) overlaps += 1
          active.set(accountId, holder)
          journal.push(`${holder} begins`)
          await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
          active.delete(accountId)
          journal.push(`${holder} ends`)
        },
      })
      open.push(created)
      return created
    }
    return { active, journal, lanes, overlaps: () => overlaps }
  }

  it('works each account in one process and hands over on stop', async () => {
    const accounts = [await newAccount(), await newAccount()]
    const { active, lanes, overlaps } = world(accounts)
    const a = lanes('a')
    const b = lanes('b')
    await a.start()
    await b.start()
    await expect.poll(() => active.size === 2, { timeout: 10_000 }).toBe(true)
    expect([...active.values()]).toEqual(['a', 'a'])
    await a.stop()
    await expect.poll(() => active.size === 2, { timeout: 10_000 }).toBe(true)
    expect([...active.values()]).toEqual(['b', 'b'])
    expect(overlaps()).toBe(0)
  })

  it('ends a lane whose lease was taken away', async () => {
    const accounts = [await newAccount()]
    const { journal, lanes } = world(accounts)
    await lanes('a').start()
    await expect.poll(() => journal.length === 1, { timeout: 10_000 }).toBe(true)
    await sql`update account_lease set holder = 'thief', fence = fence + 1 where account_id = ${accounts[0]?.accountId}`.execute(
      db,
    )
    await expect.poll(() => journal.includes('a ends'), { timeout: 10_000 }).toBe(true)
  })

  it('ends a lane when its account is no longer wanted, and begins one for a new account', async () => {
    const [first, second] = [await newAccount(), await newAccount()]
    const accounts = [first]
    const { active, lanes } = world(accounts)
    await lanes('a').start()
    await expect.poll(() => active.has(first.accountId), { timeout: 10_000 }).toBe(true)
    accounts.splice(0, 1, second)
    await expect
      .poll(() => active.has(second.accountId) && !active.has(first.accountId), { timeout: 10_000 })
      .toBe(true)
  })

  it('begins a lane again after it failed', async () => {
    let runs = 0
    const account = await newAccount()
    const lanes = new LeasedLanes<LaneAccount>({
      db,
      log: silentLogger,
      purpose: 'updates',
      holder: 'a',
      lookEveryMs: 20,
      listAccounts: async () => [account],
      work: async () => {
        runs += 1
        throw new Error('boom')
      },
    })
    open.push(lanes)
    await lanes.start()
    await expect.poll(() => runs >= 3, { timeout: 10_000 }).toBe(true)
  })

  it('begins a lane again soon after it ended while the database was away', async () => {
    let runs = 0
    let isAway = false
    const account = await newAccount()
    const flaky = new Proxy(db, {
      get(target, key) {
        if (isAway && key === 'getExecutor') throw new Error('the database is away')
        const value: unknown = Reflect.get(target, key, target)
        return typeof value === 'function' ? (value.bind(target) as unknown) : value
      },
    })
    const lanes = new LeasedLanes<LaneAccount>({
      db: flaky,
      log: silentLogger,
      purpose: 'updates',
      holder: 'a',
      lookEveryMs: 20,
      listAccounts: async () => [account],
      work: async (_account, _lease, signal) => {
        runs += 1
        isAway = runs === 1
        if (isAway) setTimeout(() => (isAway = false), 100)
        if (runs === 1) throw new Error('the database is away')
        await new Promise((resolve) => signal.addEventListener('abort', resolve))
      },
    })
    open.push(lanes)
    await lanes.start()
    await expect.poll(() => runs, { timeout: 10_000 }).toBe(2)
  })

  it('never has two workers on one account while leases expire, move and are given back at random', async () => {
    const accounts = await Promise.all(Array.from({ length: 4 }, newAccount))
    const { lanes, overlaps, journal } = world(accounts)
    const workers = Array.from({ length: 6 }, (_, i) => lanes(`worker-${i}`))
    await Promise.all(workers.map((worker) => worker.start()))
    for (const worker of workers) {
      await new Promise((resolve) => setTimeout(resolve, 120))
      await worker.stop()
    }
    expect(overlaps()).toBe(0)
    expect(journal.filter((line) => line.endsWith('begins')).length).toBeGreaterThanOrEqual(4)
  })
})
