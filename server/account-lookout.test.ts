import { describe, expect, it, onTestFinished } from 'vitest'

import type { App } from '#server/app.ts'
import { inTenant } from '#server/db/tenant-scope.ts'
import { MINUTE_MS } from '#server/base/duration.ts'
import {
  type AccountsDeps,
  addAccount,
  checkAccount,
  disconnectAccount,
  getAccount,
  linkManagedBot,
  linkPanelAccount,
  openAccount,
  pauseAccount,
  rotateBotToken,
} from '#server/modules/accounts/index.ts'
import { setUpTenant } from '#server/modules/onboarding/index.ts'
import { addOwner } from '#server/modules/tenancy/index.ts'
import { createTestApp } from '#server/testing/app.ts'
import { type Simulator, startSimulator } from '#simulator/index.ts'

/** Nothing but the database's own notice can wake anybody within a test. */
const NEVER_MS = 10 * MINUTE_MS
const SOON = { timeout: 20_000 }

const simulate = async (): Promise<Simulator> => {
  const simulator = await startSimulator({ limits: false, seed: 23 })
  onTestFinished(() => simulator.close())
  return simulator
}
const actorOf = (app: App) => ({ by: 'test', at: app.clock.now() })
const newTenant = (app: App, slug: string) =>
  setUpTenant(app.database.db, { slug, name: 'Deneme', package: 'custom' }, actorOf(app))
const heardOfManaged = async (app: App) => {
  const rows = await app.database.db
    .selectFrom('update_inbox')
    .select('state')
    .where('kind', '=', 'managed_bot')
    .execute()
  return rows.map(({ state }) => state)
}
/** The panel bot links a managed bot by itself when Telegram tells it; later tests of an end must not cross with that. */
const untilPanelHasHeard = (app: App) => expect.poll(() => heardOfManaged(app), SOON).toEqual(['done'])
const answersTo = (simulator: Simulator, userId: number, botId: number): number =>
  simulator.control.getDialog({ userId, botId }).messages.filter((message) => message.from?.id === botId).length

/** A panel bot that may manage bots, and a person with a bot that it manages, linked. */
const linkManaged = async (app: App, simulator: Simulator) => {
  const { control, apiRoot } = simulator
  const panel = control.createBot({ username: 'panel_bot', canManageBots: true })
  const operator = await newTenant(app, 'default')
  const manager = await linkPanelAccount(
    app.accounts,
    { tenantId: operator.id, token: panel.token, apiRoot },
    actorOf(app),
  )
  const person = control.createUser({ firstName: 'Ayşe' })
  const tenant = await newTenant(app, 'ayse')
  await inTenant(app.database.db, tenant.id, (tx) =>
    addOwner(tx, { telegramId: person.id, name: 'Ayşe' }, { by: 'system', at: app.clock.now() }),
  )
  const bot = control.createManagedBotFromLink({
    userId: person.id,
    link: 'https://t.me/newbot/panel_bot/ayse_crm_bot?name=Ay%C5%9Fe',
  })
  const account = await linkManagedBot(
    app.accounts,
    { tenantId: tenant.id, managerAccountId: manager.id, botTelegramId: bot.id, ownerTelegramId: person.id },
    actorOf(app),
  )
  return { bot, account, tenant, person }
}

/** A stranger writes to the bot; resolves once they have an answer. */
const expectAnAnswer = async (simulator: Simulator, botId: number) => {
  const { id: userId } = simulator.control.createUser({ languageCode: 'tr' })
  simulator.control.start({ userId, botId })
  await expect.poll(() => answersTo(simulator, userId, botId), SOON).toBe(1)
}

describe('AccountLookout', () => {
  it('has a linked account polled, applied and answered at once, and lets a paused one go', async () => {
    const simulator = await simulate()
    const app = await createTestApp({ lookEveryMs: NEVER_MS })
    await app.start()
    const tenant = await newTenant(app, 'sonradan')
    const bot = simulator.control.createBot({})
    const input = { tenantId: tenant.id, token: bot.token, apiRoot: simulator.apiRoot }
    const { id } = await addAccount(app.accounts, input, actorOf(app))
    await expectAnAnswer(simulator, bot.id)
    await inTenant(app.database.db, tenant.id, (tx) => pauseAccount(tx, id, 'deneme', actorOf(app)))
    await expect.poll(() => app.sending.accountIds(), SOON).toEqual([])
  }, 60_000)

  it('wakes processes of every role, whichever of them linked the account', async () => {
    const simulator = await simulate()
    const worker = await createTestApp({ lookEveryMs: NEVER_MS, settings: { role: 'worker' } })
    const shared = { ...worker.database, close: () => Promise.resolve() }
    const updates = await createTestApp({ lookEveryMs: NEVER_MS, settings: { role: 'updates' }, database: shared })
    await Promise.all([worker.start(), updates.start()])
    const tenant = await newTenant(worker, 'iki-rol')
    const bot = simulator.control.createBot({})
    const input = { tenantId: tenant.id, token: bot.token, apiRoot: simulator.apiRoot }
    const { id } = await addAccount(worker.accounts, input, actorOf(worker))
    await expectAnAnswer(simulator, bot.id)
    expect(worker.sending.accountIds()).toEqual([id])
    expect(updates.sending.accountIds()).toEqual([])
  }, 60_000)
})

describe('a managed bot', () => {
  const tokenOf = async (accounts: AccountsDeps, id: number) => (await openAccount(accounts, id)).token
  const stateOf = (app: App, tenantId: number, id: number) =>
    inTenant(app.database.db, tenantId, (tx) => getAccount(tx, id)).then(({ state }) => state)

  it('writes its owner a test message when they press start, once', async () => {
    const simulator = await simulate()
    const app = await createTestApp({ lookEveryMs: NEVER_MS })
    await app.start()
    const { bot, person, account, tenant } = await linkManaged(app, simulator)
    const check = await checkAccount(app.accounts, tenant.id, account.id, app.clock.now())
    expect(check).toMatchObject({ isWorking: true, startLink: 'https://t.me/ayse_crm_bot?start=test' })
    const talk = { userId: person.id, botId: bot.id }
    const tests = () =>
      simulator.control
        .getDialog(talk)
        .messages.filter(({ from, text }) => from?.id === bot.id && text?.includes('ilk deneme mesajı')).length
    simulator.control.start({ ...talk, payload: 'test' })
    await expect.poll(tests, SOON).toBe(1)
    await expect.poll(() => answersTo(simulator, person.id, bot.id), SOON).toBe(2)
    simulator.control.start({ ...talk, payload: 'test' })
    await expect.poll(() => answersTo(simulator, person.id, bot.id), SOON).toBe(3)
    expect(tests()).toBe(1)
    const { startLink } = await checkAccount(app.accounts, tenant.id, account.id, app.clock.now())
    expect(startLink).toBeNull()
  }, 60_000)

  it('writes at once when it is linked anew for an owner who has started it', async () => {
    const simulator = await simulate()
    const app = await createTestApp({ lookEveryMs: NEVER_MS })
    await app.start()
    const { bot, person, account, tenant } = await linkManaged(app, simulator)
    simulator.control.start({ userId: person.id, botId: bot.id })
    await expect.poll(() => answersTo(simulator, person.id, bot.id), SOON).toBe(2)
    await untilPanelHasHeard(app)
    await disconnectAccount(app.accounts, tenant.id, account.id, actorOf(app))
    const { token } = simulator.control.getBot({ botId: bot.id })
    await addAccount(
      app.accounts,
      { tenantId: tenant.id, token, apiRoot: simulator.apiRoot, ownerTelegramId: person.id },
      actorOf(app),
    )
    await expect.poll(() => answersTo(simulator, person.id, bot.id), SOON).toBe(3)
  }, 60_000)

  it('works on with another token after a rotation', async () => {
    const simulator = await simulate()
    const app = await createTestApp({ lookEveryMs: NEVER_MS })
    await app.start()
    const { bot, account, tenant } = await linkManaged(app, simulator)
    await expectAnAnswer(simulator, bot.id)
    await rotateBotToken(app.accounts, tenant.id, account.id, actorOf(app))
    await expectAnAnswer(simulator, bot.id)
    expect(await stateOf(app, tenant.id, account.id)).toBe('active')
  }, 60_000)

  it('heals when its owner revokes the token in BotFather, and when a rotation died half-way', async () => {
    const simulator = await simulate()
    const app = await createTestApp({ lookEveryMs: NEVER_MS })
    await app.start()
    const { bot, account, tenant } = await linkManaged(app, simulator)
    await expectAnAnswer(simulator, bot.id)
    const { token } = simulator.control.revokeInBotFather({ botId: bot.id })
    await expectAnAnswer(simulator, bot.id)
    expect(await tokenOf(app.accounts, account.id)).toBe(token)
    expect(await stateOf(app, tenant.id, account.id)).toBe('active')
  }, 60_000)

  it('is given up once its owner has deleted it', async () => {
    const simulator = await simulate()
    const app = await createTestApp({ lookEveryMs: NEVER_MS })
    await app.start()
    const { bot, account, tenant } = await linkManaged(app, simulator)
    await expectAnAnswer(simulator, bot.id)
    simulator.control.deleteBot({ botId: bot.id })
    await expect.poll(() => stateOf(app, tenant.id, account.id), SOON).toBe('disconnected')
  }, 60_000)

  it('answers nobody once it is disconnected, whoever has its old token', async () => {
    const simulator = await simulate()
    const app = await createTestApp({ lookEveryMs: NEVER_MS })
    await app.start()
    const { account, tenant } = await linkManaged(app, simulator)
    await untilPanelHasHeard(app)
    const token = await tokenOf(app.accounts, account.id)
    await disconnectAccount(app.accounts, tenant.id, account.id, actorOf(app))
    const answer = await fetch(`${simulator.apiRoot}/bot${token}/getMe`)
    expect(answer.status).toBe(401)
    await expect.poll(() => app.sending.accountIds(), SOON).toEqual([])
    // Telegram tells the manager of the token that was made worthless; that links nothing anew.
    await expect.poll(() => heardOfManaged(app), SOON).toEqual(['done', 'done'])
    expect(await stateOf(app, tenant.id, account.id)).toBe('disconnected')
  }, 60_000)
})
