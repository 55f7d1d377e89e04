import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'

import { toDate } from '#server/base/clock.ts'
import { DAY_MS } from '#server/base/duration.ts'
import { createDb } from '#server/db/pool.ts'
import { asOperator } from '#server/db/tenant-scope.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { NOON, createAccount, createTenant } from '#server/testing/factories.ts'

import { listTenantsWithCampaigns } from './end-campaign.store.ts'

describe('listTenantsWithCampaigns', () => {
  it('names those with something to end or to pin, and nobody whose campaigns are over or who is suspended', async () => {
    const db = createDb((await createTestDatabase()).pool)
    const tenantWith = async (state: string, endedAt: number | null, pins = false): Promise<number> => {
      const tenantId = await createTenant(db)
      const accountId = await createAccount(db, tenantId)
      await sql`
        insert into campaign (tenant_id, name, kind, account_id, steps, state, completed_at, pins, created_at)
        values (${tenantId}, 'Yaz', ${pins ? 'announcement' : 'broadcast'}, ${accountId}, '[]', ${state},
          ${endedAt === null ? null : toDate(endedAt)}, ${pins}, ${toDate(NOON)})`.execute(db)
      return tenantId
    }
    const due = [await tenantWith('running', null), await tenantWith('paused', null)]
    const pinning = await tenantWith('completed', NOON - DAY_MS, true)
    const suspended = await tenantWith('running', null)
    await sql`update tenant set state = 'suspended' where id = ${suspended}`.execute(db)
    await tenantWith('draft', null)
    await tenantWith('completed', NOON - DAY_MS)
    await tenantWith('completed', NOON - 3 * DAY_MS, true)
    const found = await asOperator(db, 'test', (tx) => listTenantsWithCampaigns(tx, NOON))
    expect(found).toEqual([...due, pinning])
  })
})
