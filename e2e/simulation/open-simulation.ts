import { seededRandom } from '#server/base/random.ts'
import { type SecretBox, secretBox } from '#server/base/secret.ts'
import { type Db, createDb } from '#server/db/pool.ts'
import { type TenantTx, inTenant } from '#server/db/tenant-scope.ts'
import { createBotApi } from '#server/gateways/telegram/adapters/bot-api/create-bot-api.ts'
import { type OpenAccount, addAccount, openAccount } from '#server/modules/accounts/index.ts'
import { parseCallbackData } from '#server/modules/delivery/index.ts'
import { setUpTenant } from '#server/modules/onboarding/index.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { type Simulator, startSimulator } from '#simulator/index.ts'

import { type ModelScript, scriptModel } from './script-model.ts'
import { type RehearsedProcess, startProcess } from './rehearsed-process.ts'
import { type SharedTime, createSharedTime } from './shared-time.ts'
import { type WordBook, createWordBook } from './word-book.ts'

/** A message that Telegram accepted from one of our bots. */
export interface AcceptedMessage {
  readonly at: number
  readonly botId: number
  readonly chatId: number
  readonly messageId: number
  /** From its buttons; null for a message without any. */
  readonly deliveryId: number | null
  /** Words, caption or title of an invoice. */
  readonly text: string
}

export interface Simulation {
  readonly time: SharedTime
  readonly simulator: Simulator
  /** Of the test itself; no mishap touches it. */
  readonly db: Db
  readonly box: SecretBox
  readonly tenantId: number
  readonly accounts: readonly OpenAccount[]
  readonly accepted: readonly AcceptedMessage[]
  readonly words: WordBook
  readonly model: ModelScript
  readonly within: <T>(work: (tx: TenantTx) => Promise<T>) => Promise<T>
  /** A new life of the server on the same database. */
  start(seed: number): RehearsedProcess
  close(): Promise<void>
}

/** A tenant with two bots and a group on a simulated Telegram; nobody lives there yet. */
export const openSimulation = async (seed: number, startAt: number): Promise<Simulation> => {
  const { connectionString, pool } = await createTestDatabase()
  const db = createDb(pool)
  const time = createSharedTime(startAt)
  const simulator = await startSimulator({ seed, clock: time.world, limits: false })
  simulator.control.setLimitsOn({ isOn: true })
  const telegram = createBotApi()
  const box = secretBox(Buffer.alloc(32, 9))
  const actor = { by: 'test', at: startAt }
  const tenant = await setUpTenant(db, { slug: 'deneme', name: 'Deneme Mağazası', package: 'enterprise' }, actor)
  const accounts: OpenAccount[] = []
  for (const _ of [1, 2]) {
    const { token } = simulator.control.createBot({ canReadAllGroupMessages: true })
    const deps = { db, box, feed: telegram.updateFeed, publicUrl: null }
    const { id } = await addAccount(deps, { tenantId: tenant.id, token, apiRoot: simulator.apiRoot }, actor)
    accounts.push(await openAccount({ db, box }, id))
  }
  const accepted: AcceptedMessage[] = []
  const words = createWordBook(time.world)
  const model = scriptModel(seededRandom(seed), time.world)
  simulator.world.observers.add({
    messageAccepted(bot, place, message) {
      const buttons = (message.reply_markup?.inline_keyboard ?? []).flat()
      const data = buttons.flatMap((button) => ('callback_data' in button ? [button.callback_data] : []))[0]
      accepted.push({
        at: time.world.now(),
        botId: bot.id,
        chatId: place.chatId,
        messageId: message.message_id,
        deliveryId: data === undefined ? null : (parseCallbackData(data)?.deliveryId ?? null),
        text: message.text ?? message.caption ?? message.invoice?.title ?? '',
      })
    },
  })
  const onUpdate = (_account: OpenAccount, update: Readonly<Record<string, unknown>>) => words.read(update)
  return {
    time,
    simulator,
    db,
    box,
    tenantId: tenant.id,
    accounts,
    accepted,
    words,
    model,
    within: (work) => inTenant(db, tenant.id, work),
    start: (lifeSeed) =>
      startProcess({
        connectionString,
        time,
        telegram,
        box,
        accounts,
        seed: lifeSeed,
        model: model.answer,
        onUpdate,
      }),
    async close() {
      await telegram.close()
      await simulator.close()
    },
  }
}
