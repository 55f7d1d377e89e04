import { randomUUID } from 'node:crypto'

import { sql } from 'kysely'
import { beforeEach, describe, expect, it } from 'vitest'

import { createTestDatabase } from '#server/testing/db.ts'

import { type Db, createDb, createPool } from './pool.ts'
import { ahead } from './sending-ahead.ts'
import { inTenant } from './tenant-scope.ts'

let db: Db
let connectionString: string

beforeEach(async () => {
  connectionString = (await createTestDatabase()).connectionString
  // One connection: what one transaction leaves behind, the next one would find.
  db = createDb(createPool({ connectionString, min: 0, max: 1, applicationName: 'gavatcore ahead test' }))
  await sql`create table line (n int primary key)`.execute(db)
  return () => db.destroy()
})

const lines = async () => (await sql<{ n: number }>`select n from line order by n`.execute(db)).rows.map(({ n }) => n)
const insert = (n: number) => sql`${ahead} insert into line values (${n})`

describe('sendingAhead', () => {
  it('does what was sent ahead, in order, within the transaction', async () => {
    const seen = await db.transaction().execute(async (tx) => {
      for (let n = 1; n <= 60; n += 1) await insert(n).execute(tx)
      await sql`${ahead} update line set n = -n where n > 58`.execute(tx)
      return (await sql<{ n: number }>`select n from line order by n limit 3`.execute(tx)).rows
    })
    expect(seen).toEqual([{ n: -60 }, { n: -59 }, { n: 1 }])
    expect(await lines()).toHaveLength(60)
  })

  it('takes everything back where work throws', async () => {
    const work = db.transaction().execute(async (tx) => {
      await insert(1).execute(tx)
      throw new Error('changed my mind')
    })
    await expect(work).rejects.toThrow('changed my mind')
    expect(await lines()).toEqual([])
  })

  it('refuses the next statement with the error of the one that failed before it', async () => {
    const work = db.transaction().execute(async (tx) => {
      await insert(1).execute(tx)
      await insert(1).execute(tx)
      await sql`select 1`.execute(tx)
    })
    await expect(work).rejects.toMatchObject({ code: '23505' })
    expect(await lines()).toEqual([])
  })

  it('refuses the commit where the last statement failed, which PostgreSQL calls a success', async () => {
    const work = db.transaction().execute(async (tx) => {
      await insert(1).execute(tx)
      await insert(1).execute(tx)
    })
    await expect(work).rejects.toMatchObject({ code: '23505' })
    expect(await lines()).toEqual([])
  })

  it('holds no failure against the transactions that follow', async () => {
    for (const n of [1, 2, 3]) {
      const failing = db.transaction().execute(async (tx) => {
        await insert(n).execute(tx)
        await insert(n).execute(tx)
      })
      await expect(failing).rejects.toMatchObject({ code: '23505' })
      await db.transaction().execute((tx) => insert(n).execute(tx))
    }
    expect(await lines()).toEqual([1, 2, 3])
  })

  it('leaves no statement to a tenant whose scope could not be set', async () => {
    const role = `nobody_${randomUUID().replaceAll('-', '')}`
    await sql`create role ${sql.ref(role)} login password ${sql.lit('x')}`.execute(db)
    await sql`grant insert on line to ${sql.ref(role)}`.execute(db)
    const url = new URL(connectionString)
    url.username = role
    url.password = 'x'
    const stranger = createDb(
      createPool({ connectionString: url.href, min: 0, max: 1, applicationName: 'gavatcore ahead test' }),
    )
    try {
      const answered = inTenant(stranger, 1, async (tx) => {
        await insert(1).execute(tx)
        return sql`select current_user`.execute(tx)
      })
      await expect(answered).rejects.toMatchObject({ code: '42501' })
      await expect(inTenant(stranger, 1, (tx) => insert(2).execute(tx))).rejects.toMatchObject({ code: '42501' })
    } finally {
      await stranger.destroy()
      await sql`revoke all on line from ${sql.ref(role)}`.execute(db)
      await sql`drop role ${sql.ref(role)}`.execute(db)
    }
    expect(await lines()).toEqual([])
  })

  it('reports a connection that ends in the middle, and goes on with another', async () => {
    const work = db.transaction().execute(async (tx) => {
      await insert(1).execute(tx)
      await sql`${ahead} select pg_terminate_backend(pg_backend_pid())`.execute(tx)
      await insert(2).execute(tx)
    })
    await expect(work).rejects.toThrow(/terminat|closed|queryable/i)
    expect(await lines()).toEqual([])
  })
})
