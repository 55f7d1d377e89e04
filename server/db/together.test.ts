import { sql } from 'kysely'
import { beforeAll, describe, expect, it } from 'vitest'

import { createTestDatabase } from '#server/testing/db.ts'
import { createTenant } from '#server/testing/factories.ts'

import { type Db, createDb } from './pool.ts'
import { type TenantTx, inTenant } from './tenant-scope.ts'
import { together } from './together.ts'

let db: Db
let tenantId: number

beforeAll(async () => {
  db = createDb((await createTestDatabase()).pool)
  tenantId = await createTenant(db)
})

const number = async (tx: TenantTx, n: number) =>
  (await sql<{ n: number }>`select ${n}::int as n, pg_sleep(${n} / 100.0)`.execute(tx)).rows[0]?.n
const ownersOf = (tx: TenantTx) =>
  tx
    .selectFrom('panel_layout')
    .select('owner')
    .where('tenant_id', '=', tx.tenantId)
    .orderBy('owner')
    .execute()
    .then((rows) => rows.map(({ owner }) => owner))
const addLayout = (tx: TenantTx, owner: string) =>
  sql`insert into panel_layout (tenant_id, owner, screen, widgets, updated_at)
    values (${tx.tenantId}, ${owner}, 'overview', '[]', now())`.execute(tx)

describe('together', () => {
  it('gives each its own answer, in the order they were asked', async () => {
    const answers = await inTenant(db, tenantId, (tx) =>
      together(tx, (side) => [number(side, 5), number(side, 1), number(side, 3)]),
    )
    expect(answers).toEqual([5, 1, 3])
  })

  it('sees what the transaction wrote and is seen by it, within the tenant', async () => {
    const seen = await inTenant(db, tenantId, async (tx) => {
      await addLayout(tx, 'önce')
      const [names, user] = await together(tx, (side) => [
        ownersOf(side),
        sql<{ user: string }>`select current_user as user`.execute(side),
        addLayout(side, 'sonra'),
      ])
      return [names, user.rows[0]?.user, await ownersOf(tx)]
    })
    expect(seen).toEqual([['önce'], 'gavatcore_tenant', ['sonra', 'önce']])
  })

  it('rejects with the first that failed once all have ended, and takes the transaction back', async () => {
    const work = inTenant(db, tenantId, async (tx) => {
      await addLayout(tx, 'yarım')
      await together(tx, (side) => [number(side, 1), sql`select 1 / 0`.execute(side), ownersOf(side)])
    })
    await expect(work).rejects.toMatchObject({ code: '22012' })
    expect(await inTenant(db, tenantId, ownersOf)).not.toContain('yarım')
  })
})
