import type { Message } from '@grammyjs/types'
import type { App } from '#server/app.ts'
import { systemClock } from '#server/base/clock.ts'
import { translatorsOf } from '#server/base/translate.ts'
import { createDb } from '#server/db/pool.ts'
import { type TenantTx, inTenant } from '#server/db/tenant-scope.ts'
import { addAccount } from '#server/modules/accounts/index.ts'
import { findContact } from '#server/modules/contacts/index.ts'
import { createPersonaFromPackage, updatePersona } from '#server/modules/conversations/index.ts'
import { setUpTenant } from '#server/modules/onboarding/index.ts'
import { type Order, concludeHandingOver, listOrders, setProduct, setSelling } from '#server/modules/sales/index.ts'
import type { OpenDatabase } from '#server/open-database.ts'
import { openTestApp } from '#server/testing/app.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { type Simulator, startSimulator } from '#simulator/index.ts'

const PATIENCE_MS = 20_000
const LOOK_EVERY_MS = 20

/** Waits until this is true of the world. */
export const until = async <T>(what: string, look: () => Promise<T | null | undefined | false>): Promise<T> => {
  const deadline = performance.now() + PATIENCE_MS
  while (performance.now() < deadline) {
    const found = await look()
    if (found) return found
    await systemClock.sleep(LOOK_EVERY_MS)
  }
  throw new Error(`it never came to this: ${what}`)
}

export const owner = () =>
  ({ by: 'member:1', access: { kind: 'member', role: 'owner' }, at: systemClock.now() }) as const
export const translator = translatorsOf('bot')

export type Shop = Awaited<ReturnType<typeof openShop>>

const linkShop = async (app: App, simulator: Simulator, token: string, slug: string) => {
  const at = systemClock.now()
  const { id: tenantId } = await setUpTenant(
    app.database.db,
    { slug, name: 'Atölye', package: 'custom' },
    { by: 'test', at },
  )
  const input = { tenantId, token, apiRoot: simulator.apiRoot }
  const { id: accountId } = await addAccount(app.accounts, input, { by: 'test', at })
  return { tenantId, accountId }
}

/**
 * The whole server beside a simulated Telegram: a shop with one bot that sells a book of two hundred Stars by itself, and
 * hands its text over. `start: false` leaves the parts to the test.
 */
export const openShop = async ({ start = true }: { readonly start?: boolean } = {}) => {
  const simulator = await startSimulator({ limits: false, seed: 41 })
  const { control } = simulator
  const bot = control.createBot({ username: 'atolye_bot' })
  const made = await createTestDatabase()
  const open = (): OpenDatabase => ({
    pool: made.pool,
    db: createDb(made.pool),
    connectionString: made.connectionString,
    close: async () => {},
  })
  const settings = { poolMax: 8 }
  let opened = await openTestApp({ database: open(), settings })
  const closings = [opened.close]
  const { tenantId, accountId } = await linkShop(opened.app, simulator, bot.token, 'atolye')
  const { db } = opened.app.database
  const within = <T>(work: (tx: TenantTx) => Promise<T>): Promise<T> => inTenant(db, tenantId, work)
  const catalogue = (priceMinor: number) =>
    within(async (tx) => {
      const at = systemClock.now()
      const facts = { catalogue: [{ name: 'Kitap', priceMinor, currency: 'TRY' }], faq: [], notes: [] }
      await createPersonaFromPackage(tx, { accountId, package: 'enterprise', locale: 'tr', displayName: 'Atölye' }, at)
      await updatePersona(tx, { accountId, change: { menu: [], facts } }, { by: 'member:1', at })
    })
  await catalogue(20_000)
  await within(async (tx) => {
    const change = { stars: 200, fulfilment: 'text', fulfilmentContent: 'Kitabınız: AB12-CD34' } as const
    await setProduct(tx, { accountId, name: 'Kitap', change }, owner())
    await setSelling(tx, accountId, { sellsByItself: true }, owner())
  })
  if (start) await opened.app.start()

  const person = (firstName: string) => {
    const { id: userId } = control.createUser({ firstName, languageCode: 'tr' })
    control.openDialog({ userId, botId: bot.id })
    const messages = (): readonly Message[] =>
      control.getDialog({ userId, botId: bot.id }).messages.filter(({ from }) => from?.id === bot.id)
    const textsOf = () => messages().map((message) => message.text ?? message.invoice?.title ?? '')
    const findSelf = () => within((tx) => findContact(tx, { telegramId: userId }))
    const orders = async () => {
      const self = await findSelf()
      return self === null ? [] : within((tx) => listOrders(tx, { contactId: self.id }))
    }
    const sees = (part: string) =>
      until(`${firstName} sees "${part}"`, async () => messages().find(({ text }) => text?.includes(part) ?? false))
    return {
      userId,
      findSelf,
      orders,
      order: (what: string, fits: (order: Order) => boolean) => until(what, async () => (await orders()).find(fits)),
      messages,
      textsOf,
      sees,
      write: (text: string) => void control.sendText({ userId, botId: bot.id, text }),
      async press(label: string) {
        const found = await until(`${firstName} sees the button ${label}`, async () =>
          messages().findLast(({ reply_markup: markup }) =>
            markup?.inline_keyboard.flat().some(({ text }) => text === label),
          ),
        )
        control.press({ userId, botId: bot.id, messageId: found.message_id, button: label })
      },
      invoice: () => until(`${firstName} sees an invoice`, async () => messages().findLast(({ invoice }) => invoice)),
      /** Presses Pay; ends when Telegram has our word. */
      async pay(messageId?: number) {
        const target = { userId, botId: bot.id, ...(messageId !== undefined && { messageId }) }
        const { preCheckoutQueryId } = control.payInvoice(target)
        return until('the checkout is decided', async () => {
          const checkout = control.getCheckout({ preCheckoutQueryId })
          return checkout.state === 'waiting' ? null : checkout
        })
      },
    }
  }
  return {
    simulator,
    bot,
    db,
    tenantId,
    accountId,
    within,
    person,
    catalogue,
    app: () => opened.app,
    /** What the duty does a minute later. */
    conclude: () => concludeHandingOver({ db, translator }, systemClock.now()),
    linkAnother: (token: string) => linkShop(opened.app, simulator, token, 'baska'),
    /** Another process on the same database; the former one is left as it stands. */
    async another() {
      opened = await openTestApp({ database: open(), settings })
      closings.push(opened.close)
      return opened.app
    },
    async close() {
      for (const close of closings) await close()
      await simulator.close()
    },
  }
}
