import { sql } from 'kysely'
import type pg from 'pg'
import { describe, expect, it } from 'vitest'

import { createTestDatabase } from '#server/testing/db.ts'
import { createTenant } from '#server/testing/factories.ts'

import { createDb } from './pool.ts'
import { inTenant } from './tenant-scope.ts'

const ROUNDS = 40

/** One connection, so that what is kept is seen. */
const openClient = async () => {
  const { pool } = await createTestDatabase()
  const client = await pool.connect()
  return { pool, client, close: () => client.release() }
}

const keptOf = async (client: pg.PoolClient, part: string): Promise<number> => {
  const { rows } = await client.query<{ count: number }>(
    `select count(*)::int as count from pg_prepared_statements where name like 'gavatcore%' and strpos(statement, '${part}') > 0`,
  )
  return rows[0]?.count ?? 0
}

describe('preparingClient', () => {
  it('keeps the plan of what is asked again and again, and answers each time as asked', async () => {
    const { client, close } = await openClient()
    for (let n = 0; n < ROUNDS; n += 1) {
      const { rows } = await client.query('select $1::int + 1 as asked_often', [n])
      expect(rows).toEqual([{ asked_often: n + 1 }])
    }
    await client.query('select $1::int as asked_once', [1])
    expect([await keptOf(client, 'asked_often'), await keptOf(client, 'asked_once')]).toEqual([1, 0])
    close()
  })

  it('goes on answering when a column is added to what is read whole', async () => {
    const { client, close } = await openClient()
    await client.query('create table grown (id int)')
    await client.query('insert into grown select generate_series(1, 3)')
    const whole = () => client.query('select * from grown where id = $1', [2])
    const inner = () =>
      client.query('with of_it as (select * from grown where id >= $1) select count(id)::int as n from of_it', [2])
    for (let n = 0; n < ROUNDS; n += 1) {
      expect((await whole()).rows).toEqual([{ id: 2 }])
      expect((await inner()).rows).toEqual([{ n: 2 }])
    }
    expect([await keptOf(client, 'select * from grown where id = '), await keptOf(client, 'of_it')]).toEqual([0, 1])
    await client.query(`alter table grown add column name text default 'x'`)
    expect((await whole()).rows).toEqual([{ id: 2, name: 'x' }])
    expect((await inner()).rows).toEqual([{ n: 2 }])
    close()
  })

  it('fails as before where a value does not fit, and goes on afterwards', async () => {
    const { client, close } = await openClient()
    const divide = (by: number) => client.query('select 12 / $1::int as parts', [by])
    for (let n = 1; n < ROUNDS; n += 1) await divide(n)
    await expect(divide(0)).rejects.toMatchObject({ code: '22012' })
    expect((await divide(4)).rows).toEqual([{ parts: 3 }])
    close()
  })

  it('keeps one plan for all tenants and shows each its own rows', async () => {
    const { pool } = await createTestDatabase()
    const db = createDb(pool)
    const tenants = [await createTenant(db), await createTenant(db)]
    const seen = (tenantId: number) =>
      inTenant(db, tenantId, async (tx) => {
        const { rows } = await sql<{ id: number }>`select id from tenant where id > ${0} order by id`.execute(tx)
        return rows.map(({ id }) => id)
      })
    const all = async () =>
      (await sql<{ id: number }>`select id from tenant where id > ${0} order by id`.execute(db)).rows
    for (let n = 0; n < ROUNDS; n += 1) {
      for (const tenantId of tenants) expect(await seen(tenantId)).toEqual([tenantId])
      expect((await all()).map(({ id }) => id)).toEqual(tenants)
    }
  })
})
