import { describe, expect, it } from 'vitest'

import { type Db, createDb } from '#server/db/pool.ts'
import { asOperator } from '#server/db/tenant-scope.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { NOON } from '#server/testing/factories.ts'

import { applyTenancy, createTenant, listTenants } from './index.ts'

const installation = async (): Promise<Db> => createDb((await createTestDatabase()).pool)
const make = (db: Db, slug: string) =>
  asOperator(db, 'test', (tx) =>
    createTenant(
      tx,
      { slug, name: slug, senderName: slug, locale: 'tr', timeZone: 'Europe/Istanbul' },
      { by: 'test', at: NOON },
    ),
  )
const slugs = (db: Db) => asOperator(db, 'test', async (tx) => (await listTenants(tx)).map(({ slug }) => slug))

describe('applyTenancy', () => {
  it('lets one tenant in under single, names it to the second, and holds for processes that were not told', async () => {
    const db = await installation()
    await applyTenancy(db, 'single')
    await applyTenancy(db, null)
    await make(db, 'ilk')
    await expect(make(db, 'ikinci')).rejects.toMatchObject({
      kind: 'conflict',
      code: 'single_tenant',
      params: { field: 'TENANCY', slug: 'ilk' },
    })
    await applyTenancy(db, 'pooled')
    await make(db, 'ikinci')
    expect(await slugs(db)).toEqual(['ilk', 'ikinci'])
  })

  it('gives the only place to one of two who ask at once', async () => {
    const db = await installation()
    await applyTenancy(db, 'single')
    const ends = await Promise.allSettled(['a', 'b', 'c', 'd'].map((slug) => make(db, slug)))
    expect(ends.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect(await slugs(db)).toHaveLength(1)
  })

  it('does not turn an installation of several into one for a single tenant', async () => {
    const db = await installation()
    await make(db, 'ilk')
    await make(db, 'ikinci')
    await expect(applyTenancy(db, 'single')).rejects.toMatchObject({ code: 'tenancy_too_many', params: { tenants: 2 } })
    await make(db, 'ucuncu')
  })

  it('knows nothing of another installation: each has tenants of its own under the same name', async () => {
    const [one, other] = [await installation(), await installation()]
    for (const db of [one, other]) await applyTenancy(db, 'single')
    await make(one, 'musteri')
    expect(await slugs(other)).toEqual([])
    await make(other, 'musteri')
  })
})
