import { sql } from 'kysely'
import { beforeAll, describe, expect, it } from 'vitest'

import { type Db, createDb } from '#server/db/pool.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { NOON } from '#server/testing/factories.ts'

import { setUpTenant } from './set-up-tenant.ts'

let db: Db
beforeAll(async () => {
  db = createDb((await createTestDatabase()).pool)
})

const setUp = (slug: string) =>
  setUpTenant(
    db,
    { slug, name: 'Çarşı', senderName: 'Çarşı', locale: 'tr', timeZone: 'Europe/Istanbul', package: 'starter' },
    { by: 'test', at: NOON },
  )

const countOf = async (table: 'segment_rule' | 'strategy' | 'template', tenantId: number): Promise<number> => {
  const { rows } = await sql<{ n: number }>`
    select count(*)::int as n from ${sql.table(table)} where tenant_id = ${tenantId}`.execute(db)
  return rows[0]?.n ?? 0
}

describe('setUpTenant', () => {
  it('gives the tenant a rule and a strategy for each segment, and templates', async () => {
    const { id } = await setUp('whole')
    expect([await countOf('segment_rule', id), await countOf('strategy', id)]).toEqual([12, 12])
    expect(await countOf('template', id)).toBeGreaterThan(0)
  })

  it('leaves no half tenant behind when a step fails', async () => {
    await sql`alter table template add constraint full_disk check (name = 'nothing fits') not valid`.execute(db)
    await expect(setUp('half')).rejects.toThrow('full_disk')
    await sql`alter table template drop constraint full_disk`.execute(db)
    await expect(setUp('half')).resolves.toMatchObject({ slug: 'half' })
  })
})
