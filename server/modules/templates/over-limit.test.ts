import { beforeAll, describe, expect, it } from 'vitest'

import type { PackageName } from '#contract/words.ts'
import { type Db, createDb } from '#server/db/pool.ts'
import { type TenantTx, inTenant } from '#server/db/tenant-scope.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { NOON, createTenant } from '#server/testing/factories.ts'

import {
  approveTemplate,
  archiveTemplate,
  createTemplate,
  listTemplates,
  seedTemplates,
  updateTemplate,
} from './index.ts'

let db: Db

beforeAll(async () => {
  db = createDb((await createTestDatabase()).pool)
})

const inputOf = (name: string) => ({
  name,
  messageClass: 'transactional' as const,
  variants: [{ name: 'a', locale: 'tr' as const, text: 'Siparişiniz hazır' }],
})

describe('updateTemplate', () => {
  it('refuses those beyond the package after a downgrade, deletes none, and takes them again once there is room', async () => {
    const tenantId = await createTenant(db, { package: 'professional' })
    const run = <T>(work: (tx: TenantTx) => Promise<T>) => inTenant(db, tenantId, work)
    const move = (name: PackageName) =>
      db.updateTable('subscription').set({ package: name }).where('tenant_id', '=', tenantId).execute()
    await run((tx) => seedTemplates(tx, NOON))
    const own: number[] = []
    for (let i = 0; i < 7; i += 1) own.push((await run((tx) => createTemplate(tx, inputOf(`o${i}`), NOON + i))).id)
    const [first = 0, , , , fifth = 0, sixth = 0, seventh = 0] = own
    await run((tx) => approveTemplate(tx, seventh, NOON))
    const update = (id: number) => run((tx) => updateTemplate(tx, id, inputOf(`o${own.indexOf(id)}`)))
    await move('starter')
    const all = await run((tx) => listTemplates(tx))
    const seed = all.find((template) => !own.includes(template.id))
    await update(fifth)
    const refusal = {
      kind: 'limit_reached',
      code: 'over_limit_read_only',
      params: { limit: 5, used: 7, package: 'starter', liftedBy: 'professional' },
    }
    await expect(update(sixth)).rejects.toMatchObject(refusal)
    await expect(run((tx) => approveTemplate(tx, sixth, NOON))).rejects.toMatchObject(refusal)
    // What runs goes on running, and what came with the product is nobody's own.
    expect(all.find(({ id }) => id === seventh)?.state).toBe('approved')
    await run((tx) =>
      updateTemplate(tx, seed?.id ?? 0, {
        ...seed,
        name: seed?.name ?? '',
        variants: seed?.variants ?? [],
        messageClass: seed?.messageClass ?? 'reply',
      }),
    )
    await run((tx) => archiveTemplate(tx, first, NOON))
    await update(sixth)
    await expect(update(seventh)).rejects.toMatchObject({ code: 'over_limit_read_only' })
    await move('professional')
    await update(seventh)
    expect(await run((tx) => listTemplates(tx))).toHaveLength(all.length)
  })
})
