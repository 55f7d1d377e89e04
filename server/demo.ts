// The demo: a tenant whose people live in a simulated Telegram, on the application's own fast clock.
import type { KeyObject } from 'node:crypto'

import { type Simulator, startSimulator } from '#simulator/index.ts'

import type { App } from './app.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS } from './base/duration.ts'
import { asOperator, inTenant } from './db/tenant-scope.ts'
import { DEMO_TENANT_SLUG } from './decide-demo.ts'
import { startDemoPanel } from './demo-panel.ts'
import { addAccount } from './modules/accounts/index.ts'
import { createCampaign, listCampaigns, startCampaign } from './modules/campaigns/index.ts'
import { setModel, viewModel } from './modules/llm/index.ts'
import { setUpTenant } from './modules/onboarding/index.ts'
import { listTemplates } from './modules/templates/index.ts'
import { findTenant } from './modules/tenancy/index.ts'

export interface Demo {
  /** Ends the simulated people first, then their Telegram; what the demo wrote stays. */
  stop(): Promise<void>
}

/** Decides people, ids and tokens: the same demo on every machine, and the same people after a restart. */
const SEED = 'gavatcore demo'
const PEOPLE = 500
const BOTS = [
  { token: '7100000001:DEMO-moda-atolyesi-AAAAAAAAAAAAAAAAAAA', name: 'Moda Atölyesi', username: 'moda_atolyesi_bot' },
  { token: '7100000002:DEMO-moda-destek-AAAAAAAAAAAAAAAAAAAAA', name: 'Moda Destek', username: 'moda_destek_bot' },
] as const
const CHATS = ['Moda Severler', 'İndirim Günlüğü', 'Atölye Sohbet'] as const
const ACTOR = 'demo'
const ARRIVE_WITHIN_MS = 90 * MINUTE_MS
/** By then most of those who arrive on the first day have been asked for their consent. */
const FIRST_CAMPAIGN_AFTER_MS = 2 * HOUR_MS

/** Starts the simulated Telegram and the demo tenant on it: two bots, three groups, 500 people, one broadcast, a panel. `initDataKey` signs launches of its Mini App. */
export const startDemo = async (app: App, initDataKey: KeyObject): Promise<Demo> => {
  const simulator = await startSimulator({ clock: app.clock, seed: SEED, world: { initDataKey } })
  const stopping = new AbortController()
  const tenantId = await ensureTenant(app)
  const accountId = await linkBots(app, simulator, tenantId)
  await ensureModel(app, tenantId)
  if (app.config.panelBotToken === null) await startDemoPanel(app, simulator, tenantId)
  const campaign = startFirstCampaign(app, tenantId, accountId, stopping.signal)
  app.logs.of('app').info({ people: PEOPLE, bots: BOTS.length }, 'the demo runs')
  return {
    async stop() {
      stopping.abort()
      await campaign
      await simulator.close()
    },
  }
}

/** The demo began a month ago: its strategies have stopped observing and its accounts have warmed up. */
const begunAt = (app: App): number => app.clock.now() - 30 * DAY_MS

const ensureTenant = async (app: App): Promise<number> => {
  const { db } = app.database
  const existing = await asOperator(db, 'find the demo tenant', (tx) => findTenant(tx, DEMO_TENANT_SLUG))
  if (existing) return existing.id
  const input = { slug: DEMO_TENANT_SLUG, name: 'Moda Atölyesi', package: 'custom' } as const
  return (await setUpTenant(db, input, { by: ACTOR, at: begunAt(app) })).id
}

/** The demo's own model answers, until somebody sets another. */
const ensureModel = async (app: App, tenantId: number): Promise<void> => {
  const access = { kind: 'member', role: 'owner' } as const
  const at = app.clock.now()
  await inTenant(app.database.db, tenantId, async (tx) => {
    if ((await viewModel(tx, access, at)).isSet) return
    const deps = { box: app.box, hasInstallation: true, arePrivateAllowed: false }
    await setModel(tx, deps, { mode: 'installation' }, { access, by: ACTOR, at })
  })
}

/** Creates bots, groups and people in the simulator and links the bots. Returns the first account. */
const linkBots = async (app: App, simulator: Simulator, tenantId: number): Promise<number> => {
  const bots = BOTS.map((bot) => simulator.control.createBot(bot))
  const chatIds = CHATS.map((title) => createGroup(simulator, title, bots))
  const accountIds: number[] = []
  for (const { token } of BOTS) {
    const input = { tenantId, token, apiRoot: simulator.apiRoot, updateMode: 'polling', replacesToken: true } as const
    accountIds.push((await addAccount(app.accounts, input, { by: ACTOR, at: begunAt(app) })).id)
  }
  app.sending.look()
  simulator.control.populate({
    count: PEOPLE,
    botIds: bots.map((bot) => bot.id),
    chatIds,
    payloads: ['vitrin', 'instagram', 'arkadas'],
    arriveWithinMs: ARRIVE_WITHIN_MS,
  })
  return accountIds[0] as number
}

const createGroup = (simulator: Simulator, title: string, bots: readonly { readonly id: number }[]): number => {
  const owner = simulator.control.createUser({ firstName: 'Deneme' })
  const { id: chatId } = simulator.control.createChat({ type: 'supergroup', title, ownerId: owner.id })
  for (const bot of bots) simulator.control.setMember({ chatId, memberId: bot.id, status: 'administrator' })
  return chatId
}

/** One broadcast to everybody who opted in, beside the strategies that work by themselves. */
const startFirstCampaign = async (
  app: App,
  tenantId: number,
  accountId: number,
  signal: AbortSignal,
): Promise<void> => {
  await app.clock.sleep(FIRST_CAMPAIGN_AFTER_MS, signal)
  if (signal.aborted) return
  try {
    await inTenant(app.database.db, tenantId, async (tx) => {
      const [template] = await listTemplates(tx, { style: 'friendly_engaging', state: 'approved', limit: 1 })
      if (!template || (await listCampaigns(tx)).length > 0) return
      const at = app.clock.now()
      const steps = [{ templateId: template.id, afterHours: 0 }]
      const actor = { by: 'demo', access: { kind: 'member', role: 'owner' }, at } as const
      const { id } = await createCampaign(
        tx,
        { name: 'Yeni sezon duyurusu', kind: 'broadcast', accountId, steps },
        actor,
      )
      await startCampaign(tx, id, actor)
    })
  } catch (error) {
    app.logs.of('app').error({ err: error }, 'the demo campaign could not be started')
  }
}
