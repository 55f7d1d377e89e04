import { onTestFinished } from 'vitest'

import type { MemberRole, OperatorRole, PackageName, PaymentProviderName } from '#contract/words.ts'
import type { App } from '#server/app.ts'
import { type Clock, ManualClock } from '#server/base/clock.ts'
import { asOperator, inTenant } from '#server/db/tenant-scope.ts'
import { type Account, findNextUpdateId, linkPanelAccount, openAccount } from '#server/modules/accounts/index.ts'
import { choosePaymentWay, setUpTenant } from '#server/modules/onboarding/index.ts'
import { addOperator, addOwner } from '#server/modules/tenancy/index.ts'
import { type Simulator, startSimulator } from '#simulator/index.ts'
import { pushUpdate } from '#simulator/updates/queue.ts'

import { type TestAppOptions, createTestApp } from './app.ts'
import { NOON } from './factories.ts'

/** What stands in the chat: the newest message of the bot. */
export interface SeenScreen {
  readonly messageId: number
  readonly text: string
  /** Labels of the buttons, row by row. */
  readonly buttons: readonly (readonly string[])[]
  /** Addresses of buttons that open one, by label. */
  readonly links: Readonly<Record<string, string>>
}

/** Somebody who uses the panel bot. */
export interface PanelVisitor {
  readonly id: number
  /** Writes to the bot and waits until it has answered. Returns what stands in the chat then. */
  sends(text: string): Promise<SeenScreen>
  /** Presses the first button whose label contains this, on the newest screen or the one given. */
  presses(label: string, messageId?: number): Promise<SeenScreen>
  /** Presses a button that no screen shows, as a forged client could. */
  forges(callbackData: string): Promise<void>
  lastScreen(): SeenScreen
  /** Every message of the bot, oldest first. */
  screens(): readonly SeenScreen[]
  /** What they wrote that is still in the chat. */
  ownTexts(): readonly string[]
  /** What was shown over the chat at the last press; null for nothing. */
  toast(): string | null
}

export interface PanelWorld {
  readonly app: App
  readonly simulator: Simulator
  readonly panel: Account
  /** Who runs the installation: the tenant that the panel bot belongs to. */
  readonly operatorTenantId: number
  /** Moves both the domain's and the people's time; only where the test did not bring its own clock. */
  readonly clock: ManualClock
  person(input?: { readonly name?: string; readonly languageCode?: string; readonly username?: string }): PanelVisitor
  operator(role?: OperatorRole): Promise<PanelVisitor>
  /** A tenant with this person in it. */
  tenant(input?: {
    readonly name?: string
    readonly package?: PackageName
    readonly owner?: PanelVisitor
  }): Promise<number>
  join(tenantId: number, visitor: PanelVisitor, role: MemberRole): Promise<void>
  /** What the pay page does when a newcomer chooses a way there. */
  orderOnWeb(onboardingId: number, telegramId: number, provider: PaymentProviderName): Promise<void>
  /** Takes in what waits at Telegram, applies it, and lets the listeners of events work. */
  settle(): Promise<void>
}

export interface PanelWorldOptions extends TestAppOptions {
  /** Runs the server with all of its parts instead of step by step. */
  readonly runs?: boolean
}

let serial = 0

/** The whole server with a linked panel bot in a simulated Telegram, driven step by step unless it `runs`. */
export const openPanel = async (options: PanelWorldOptions = {}): Promise<PanelWorld> => {
  const { runs = false, ...rest } = options
  const clock = new ManualClock(NOON)
  const time: Clock = rest.clock ?? clock
  const simulator = await startSimulator({ limits: false, seed: 19, clock: time })
  onTestFinished(() => simulator.close())
  const app = await createTestApp({ clock: time, peoplesPace: time, ...rest })
  const actor = { by: 'test', at: time.now() }
  const operatorTenant = await setUpTenant(
    app.database.db,
    { slug: 'default', name: 'İşletmeci', package: 'custom' },
    actor,
  )
  const bot = simulator.control.createBot({
    username: 'gavatcore_panel_bot',
    name: 'Gavatcore',
    canManageBots: true,
    canConnectToBusiness: true,
  })
  const panel = await linkPanelAccount(
    app.accounts,
    { tenantId: operatorTenant.id, token: bot.token, apiRoot: simulator.apiRoot, updateMode: 'polling' },
    actor,
  )
  if (runs) await app.start()
  else await app.panel.adopt()
  const owner = { tenantId: operatorTenant.id, accountId: panel.id, purpose: 'panel' as const }
  const settle = runs ? () => untilQuiet(app, simulator, bot.id, panel.id) : () => pump(app, owner)

  const person: PanelWorld['person'] = ({ name = 'Ayşe', languageCode = 'tr', username } = {}) => {
    const user = simulator.control.createUser({
      firstName: name,
      languageCode,
      ...(username !== undefined && { username }),
    })
    return createPanelVisitor(simulator, bot.id, user.id, settle)
  }

  return {
    app,
    simulator,
    panel,
    operatorTenantId: operatorTenant.id,
    clock,
    settle,
    person,
    async operator(role = 'operator') {
      const somebody = person({ name: 'Deniz' })
      const input = { telegramId: somebody.id, name: 'Deniz', role }
      await asOperator(app.database.db, 'test', (tx) => addOperator(tx, input, actor))
      return somebody
    },
    async tenant(input = {}) {
      const { name = 'Moda Evi', owner: somebody } = input
      const slug = `shop-${(serial += 1)}`
      const tenant = await setUpTenant(app.database.db, { slug, name, package: input.package ?? 'professional' }, actor)
      if (somebody) {
        await inTenant(app.database.db, tenant.id, (tx) =>
          addOwner(tx, { telegramId: somebody.id, name: 'Ayşe' }, actor),
        )
      }
      return tenant.id
    },
    async orderOnWeb(onboardingId, telegramId, provider) {
      const choice = { onboardingId, telegramId, provider, surface: 'web' } as const
      await choosePaymentWay(app.onboarding, choice, time.now())
    },
    async join(tenantId, somebody, role) {
      await inTenant(app.database.db, tenantId, async (tx) => {
        const member = await addOwner(tx, { telegramId: somebody.id, name: 'Can' }, actor)
        await tx.updateTable('member').set({ role }).where('id', '=', member.id).execute()
      })
    },
  }
}

/** One round after another until Telegram has nothing more and nothing waits. */
const pump = async (app: App, owner: Parameters<App['drainInbox']>[0]): Promise<void> => {
  const account = await openAccount(app.accounts, owner.accountId)
  for (;;) {
    const offset = await findNextUpdateId(app.database.db, owner.accountId)
    const answer = await app.accounts.feed.getUpdates(account, { offset, waitSeconds: 0 })
    if (answer.kind !== 'done') throw new Error(`no updates: ${JSON.stringify(answer)}`)
    if (answer.value.length === 0) break
    const next = Math.max(...answer.value.map((update) => update.update_id)) + 1
    await app.takeUpdates(owner, answer.value, next)
    await app.drainInbox(owner)
  }
  await app.events.drain()
}

/** Waits until a running server has stored and applied what the bot was sent. */
export const untilQuiet = async (app: App, simulator: Simulator, botId: number, accountId: number): Promise<void> => {
  for (let round = 0; round < 600; round += 1) {
    const { pendingUpdates } = simulator.control.getBot({ botId })
    const waiting = await app.database.db
      .selectFrom('update_inbox')
      .select('update_id')
      .where('account_id', '=', accountId)
      .where('state', '=', 'new')
      .execute()
    if (pendingUpdates === 0 && waiting.length === 0) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error('the panel bot did not come to rest within 30 seconds')
}

/** A person who types to the bot and presses its buttons; `settle` waits until it has answered. */
export const createPanelVisitor = (
  simulator: Simulator,
  botId: number,
  userId: number,
  settle: () => Promise<void>,
): PanelVisitor => {
  const talk = { userId, botId }
  let pressed: string | null = null
  const screens = (): readonly SeenScreen[] =>
    simulator.control.getDialog(talk).messages.flatMap((message) => {
      if (message.from?.id !== botId) return []
      const rows = message.reply_markup?.inline_keyboard ?? []
      const links = rows.flat().flatMap((button) => ('url' in button ? [[button.text, button.url] as const] : []))
      const buttons = rows.map((row) => row.map((button) => button.text))
      const { message_id: messageId, invoice } = message
      const text = message.text ?? (invoice ? `${invoice.title} · ${invoice.total_amount} ${invoice.currency}` : '')
      return [{ messageId, text, buttons, links: Object.fromEntries(links) }]
    })
  const lastScreen = (): SeenScreen => {
    const last = screens().at(-1)
    if (!last) throw new Error('the bot has written nothing')
    return last
  }
  return {
    id: userId,
    screens,
    lastScreen,
    async sends(text) {
      simulator.control.sendText({ ...talk, text })
      await settle()
      return lastScreen()
    },
    async presses(label, messageId) {
      const screen = messageId === undefined ? lastScreen() : screens().find((seen) => seen.messageId === messageId)
      const button = screen?.buttons.flat().find((text) => text.includes(label))
      if (!screen || button === undefined)
        throw new Error(`no button "${label}" among ${JSON.stringify(screen?.buttons)} under: ${screen?.text}`)
      pressed = simulator.control.press({ ...talk, messageId: screen.messageId, button }).callbackQueryId
      await settle()
      return screens().find((seen) => seen.messageId === screen.messageId) ?? lastScreen()
    },
    async forges(data) {
      const { world } = simulator
      const [bot, user] = [world.bots.get(botId), world.users.get(userId)]
      const message = simulator.control.getDialog(talk).messages.findLast(({ from }) => from?.id === botId)
      if (!bot || !user || !message) throw new Error('there is no message to press a button under')
      pressed = `forged-${(serial += 1)}`
      const expiresAt = simulator.clock.now() + 60_000
      world.callbacks.set(pressed, { id: pressed, botId, userId, expiresAt, answer: null })
      const query = { id: pressed, from: user.view, message, chat_instance: '1', data }
      pushUpdate(bot.updates, 'callback_query', query, `callback:${userId}`, simulator.clock.now())
      await settle()
    },
    ownTexts: () =>
      simulator.control
        .getDialog(talk)
        .messages.flatMap((message) => (message.from?.id === userId ? [message.text ?? ''] : [])),
    toast: () =>
      pressed === null ? null : (simulator.control.getCallback({ callbackQueryId: pressed }).answer?.text ?? null),
  }
}
