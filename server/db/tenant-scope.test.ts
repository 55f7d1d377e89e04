import { sql } from 'kysely'
import { beforeAll, describe, expect, it } from 'vitest'

import { createTestDatabase } from '#server/testing/db.ts'
import { createTenant } from '#server/testing/factories.ts'

import { type Db, createDb } from './pool.ts'
import { asOperator, withinTenant } from './tenant-scope.ts'

let db: Db
let tenants: readonly number[]

beforeAll(async () => {
  db = createDb((await createTestDatabase()).pool)
  tenants = [await createTenant(db), await createTenant(db)]
})

describe('withinTenant', () => {
  it('sees one tenant inside and every tenant before and after', async () => {
    const [first = 0] = tenants
    const seen = await asOperator(db, 'test', async (tx) => {
      const ids = async () => (await sql<{ id: number }>`select id from tenant order by id`.execute(tx)).rows
      return [await ids(), await withinTenant(tx, first, ids), await ids()].map((rows) => rows.map(({ id }) => id))
    })
    expect(seen).toEqual([tenants, [first], tenants])
  })

  it('tells what went wrong inside, and lets go of the tenant', async () => {
    const [first = 0] = tenants
    const failing = asOperator(db, 'test', async (tx) => {
      await withinTenant(tx, first, () => sql`select 1 / 0`.execute(tx))
    })
    await expect(failing).rejects.toThrow('division by zero')
    const kept = asOperator(db, 'test', async (tx) => {
      await withinTenant(tx, first, () => Promise.reject(new Error('refused'))).catch(() => undefined)
      return (await sql`select id from tenant`.execute(tx)).rows.length
    })
    await expect(kept).resolves.toBe(tenants.length)
  })
})
