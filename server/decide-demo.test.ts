import { describe, expect, it } from 'vitest'

import { inTenant } from '#server/db/tenant-scope.ts'
import { createTestApp } from '#server/testing/app.ts'
import { NOON, createAccount, createTenant } from '#server/testing/factories.ts'

import { DEMO_TENANT_SLUG, decideDemo } from './decide-demo.ts'

const ROOT = 'http://127.0.0.1:40001'

/** A demo that ran before: its panel bot, and a newcomer's tenant with a bot in the same simulated Telegram. */
const afterDemo = async () => {
  const app = await createTestApp({ settings: { demo: 'auto' } })
  const { db } = app.database
  const place = async (change: { slug?: string; purpose?: 'panel'; root: string | null }) => {
    const tenantId = await createTenant(db)
    if (change.slug !== undefined)
      await db.updateTable('tenant').set({ slug: change.slug }).where('id', '=', tenantId).execute()
    const id = await createAccount(db, tenantId)
    const row = { api_root: change.root, ...(change.purpose && { purpose: change.purpose }) }
    await inTenant(db, tenantId, (tx) => tx.updateTable('account').set(row).where('id', '=', id).execute())
    return tenantId
  }
  const demo = await place({ slug: DEMO_TENANT_SLUG, purpose: 'panel', root: ROOT })
  const newcomer = await place({ root: ROOT })
  return { app, db, demo, newcomer, place }
}

describe('decideDemo', () => {
  it('goes on with a demo in which newcomers linked bots of its own Telegram', async () => {
    const { app, db } = await afterDemo()
    expect(await decideDemo(app.config, db, NOON)).toMatchObject({ on: true, ignoredTenants: new Set() })
  })

  it('ends with the first account of a real Telegram, and leaves the demo and its newcomers alone', async () => {
    const { app, db, demo, newcomer, place } = await afterDemo()
    await place({ root: null })
    const { on, ignoredTenants } = await decideDemo(app.config, db, NOON)
    expect(on).toBe(false)
    expect(ignoredTenants).toEqual(new Set([demo, newcomer]))
  })

  it('ends with a token of the panel bot in the settings', async () => {
    const { app, db } = await afterDemo()
    const config = { ...app.config, panelBotToken: `7000000001:${'A'.repeat(35)}` }
    expect((await decideDemo(config, db, NOON)).on).toBe(false)
  })
})
