import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'

import { asOperator, inTenant } from '#server/db/tenant-scope.ts'
import { listUsage } from '#server/modules/billing/index.ts'
import { createTestApp } from '#server/testing/app.ts'
import { NOON, createTenant } from '#server/testing/factories.ts'
import { startSimulator } from '#simulator/index.ts'

import { addAccount, findPanelAccount, linkPanelAccount, listAccounts } from './index.ts'

const actor = { by: 'test', at: NOON }

const open = async () => {
  const simulator = await startSimulator({ limits: false, seed: 4 })
  onTestFinished(() => simulator.close())
  const app = await createTestApp()
  const { db } = app.database
  const tenantId = await createTenant(db)
  const link = (token: string, tenant = tenantId) =>
    linkPanelAccount(app.accounts, { tenantId: tenant, token, apiRoot: simulator.apiRoot }, actor)
  const panel = () => asOperator(db, 'test', findPanelAccount)
  return { simulator, app, db, tenantId, link, panel }
}

describe('linkPanelAccount', () => {
  let world: Awaited<ReturnType<typeof open>>
  beforeEach(async () => {
    world = await open()
  })

  it('links the bot once, whatever it is told again, and takes no place of the package', async () => {
    const { simulator, link, db, tenantId } = world
    const { token } = simulator.control.createBot({})
    const first = await link(token)
    expect(first).toMatchObject({ purpose: 'panel', state: 'active', tenantId })
    expect((await link(token)).id).toBe(first.id)
    const usage = await inTenant(db, tenantId, (tx) => listUsage(tx, NOON))
    expect(usage.find(({ name }) => name === 'accounts')?.used).toBe(0)
    const linked = await db.selectFrom('domain_event').select('id').where('type', '=', 'account.linked').execute()
    expect(linked).toHaveLength(1)
  })

  it('takes a changed token over, and lets another bot take the place', async () => {
    const { simulator, link, panel, db } = world
    const bot = simulator.control.createBot({})
    const first = await link(bot.token)
    const { token } = simulator.control.revokeToken({ botId: bot.id, replace: true })
    expect((await link(token ?? '')).id).toBe(first.id)
    const other = await link(simulator.control.createBot({}).token)
    expect(other.id).not.toBe(first.id)
    expect((await panel())?.id).toBe(other.id)
    const all = await asOperator(db, 'test', listAccounts)
    expect(all.find(({ id }) => id === first.id)).toMatchObject({
      purpose: 'contacts',
      state: 'disconnected',
      stateReason: 'panel_replaced',
    })
  })

  it('refuses a bot that speaks with contacts, of whatever tenant, and a token of nobody', async () => {
    const { simulator, app, db, link, panel } = world
    const bot = simulator.control.createBot({})
    const stranger = await createTenant(db)
    await addAccount(app.accounts, { tenantId: stranger, token: bot.token, apiRoot: simulator.apiRoot }, actor)
    await expect(link(bot.token)).rejects.toMatchObject({ code: 'panel_bot_serves_contacts' })
    await expect(link(`7999999999:${'A'.repeat(35)}`)).rejects.toMatchObject({ code: 'panel_token_refused' })
    await expect(link('nonsense')).rejects.toMatchObject({ code: 'bot_token_format' })
    expect(await panel()).toBeNull()
  })
})
