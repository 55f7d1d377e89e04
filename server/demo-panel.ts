// The panel bot of the demo, somebody who runs the installation, and the owner of the demo's shop.
import type { App } from './app.ts'
import { AppError } from './base/errors.ts'
import { asOperator, inTenant } from './db/tenant-scope.ts'
import { listDemoAccounts } from './decide-demo.ts'
import { linkPanelAccount, recordAccountLost } from './modules/accounts/index.ts'
import { addOperator, addOwner } from './modules/tenancy/index.ts'

/** What the panel needs of the simulated Telegram. */
export interface DemoTelegram {
  readonly apiRoot: string
  readonly control: {
    readonly createBot: (input: typeof PANEL) => { readonly token: string }
    readonly createUser: (input: typeof OPERATOR | typeof OWNER | typeof NEWCOMER) => unknown
  }
}

const PANEL = {
  token: '7100000003:DEMO-panel-of-gavatcore-AAAAAAAAAAAAA',
  name: 'Gavatcore Panel',
  username: 'gavatcore_demo_panel_bot',
  canManageBots: true,
  canConnectToBusiness: true,
} as const

/** Far from the ids the simulator gives out by itself, and the same on every machine. */
const OPERATOR = { id: 910_001, firstName: 'Deniz', languageCode: 'tr' } as const
const OWNER = { id: 910_002, firstName: 'Zeynep', languageCode: 'tr' } as const
const NEWCOMER = { id: 910_003, firstName: 'Ali', languageCode: 'tr' } as const

const ACTOR = 'demo'

/**
 * Links the demo's panel bot and makes three people who may use it: who runs the installation, the owner of the demo's
 * shop, and a newcomer. What newcomers linked in a former run has ended with its Telegram and is let go.
 */
export const startDemoPanel = async (app: App, simulator: DemoTelegram, tenantId: number): Promise<void> => {
  const { db } = app.database
  const at = app.clock.now()
  const { simulated } = await asOperator(db, 'let former demo accounts go', listDemoAccounts)
  for (const account of simulated.filter((row) => row.tenantId !== tenantId))
    await inTenant(db, account.tenantId, (tx) => recordAccountLost(tx, account.id, 'token_revoked', at))
  const bot = simulator.control.createBot(PANEL)
  const input = { tenantId, token: bot.token, apiRoot: simulator.apiRoot, updateMode: 'polling' } as const
  await linkPanelAccount(app.accounts, input, { by: ACTOR, at })
  for (const person of [OPERATOR, OWNER, NEWCOMER]) simulator.control.createUser(person)
  const operator = { telegramId: OPERATOR.id, name: OPERATOR.firstName, role: 'operator' } as const
  await asOperator(db, 'operator of the demo', (tx) => addOperator(tx, operator, { by: ACTOR, at }))
  await ensureOwner(app, tenantId)
  await app.panel.adopt()
  app.logs.of('app').info(
    {
      panel: PANEL.username,
      operatorId: OPERATOR.id,
      ownerId: OWNER.id,
      newcomerId: NEWCOMER.id,
      simulator: simulator.apiRoot,
    },
    'the panel bot of the demo waits for people of the simulator',
  )
}

/** A restart finds the owner in place. */
const ensureOwner = async (app: App, tenantId: number): Promise<void> => {
  const owner = { telegramId: OWNER.id, name: OWNER.firstName }
  try {
    await inTenant(app.database.db, tenantId, (tx) => addOwner(tx, owner, { by: ACTOR, at: app.clock.now() }))
  } catch (error) {
    if (!(error instanceof AppError && error.code === 'member_already')) throw error
  }
}
