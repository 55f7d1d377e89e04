import { expect } from 'vitest'

import type { PackageName } from '#contract/words.ts'
import { toDate } from '#server/base/clock.ts'
import { MINUTE_MS, SECOND_MS } from '#server/base/duration.ts'
import { type TenantTx, inTenant } from '#server/db/tenant-scope.ts'
import { addAccount } from '#server/modules/accounts/index.ts'
import { setUpTenant } from '#server/modules/onboarding/index.ts'
import { approveTemplate, createTemplate } from '#server/modules/templates/index.ts'

import { type NewcomerStage, type StageOptions, openNewcomerStage } from '../onboarding/open-newcomer-stage.ts'

/** A message that Telegram accepted from a bot of ours. */
export interface SeenMessage {
  readonly chatId: number
  readonly messageId: number
  readonly text: string
  readonly at: number
}

/** What a look at the world gives; nothing yet when it is empty. */
type Found<T> = T | null | undefined | false

const LOOKS_MAX = 200
const LOOK_MS = 25

/** A customer of the installation with one bot, and what its people do. */
export interface Shop {
  readonly slug: string
  readonly tenantId: number
  readonly accountId: number
  readonly botId: number
  /** A command of this tenant, its data. */
  cli(args: readonly string[]): Promise<unknown>
  /** The code with which a command of this tenant ends, and what it says on the way. */
  refusal(args: readonly string[]): Promise<string>
  within<T>(work: (tx: TenantTx) => Promise<T>): Promise<T>
  /** An approved commercial template. */
  template(name: string, text: string): Promise<void>
  /** Somebody who presses start and, unless told otherwise, agrees to messages. Gives their Telegram id. */
  subscriber(name: string, agrees?: boolean): Promise<number>
  contactOf(userId: number): Promise<number>
}

export interface Scenario extends Pick<NewcomerStage, 'simulator' | 'clock' | 'database' | 'app' | 'panelBotId'> {
  /** Waits until this is true of the world; time goes by meanwhile, a few seconds at each look. */
  readonly until: <T>(what: string, look: () => Promise<Found<T>> | Found<T>) => Promise<T>
  readonly seen: readonly SeenMessage[]
  readonly shop: (slug: string, packageName?: PackageName) => Promise<Shop>
  /** Lets time go by, minute by minute, until the world has settled. */
  readonly pass: (minutes: number) => Promise<void>
  readonly textsIn: (chatId: number) => readonly string[]
}

/** The whole server beside a simulated Telegram, with nobody in it yet. `options` as of {@link openNewcomerStage}. */
export const openScenario = async (options: StageOptions = {}): Promise<Scenario> => {
  const stage = await openNewcomerStage(options)
  const { simulator, clock, database } = stage
  const { control } = simulator
  const seen: SeenMessage[] = []
  simulator.world.observers.add({
    messageAccepted(_bot, place, message) {
      const { message_id: messageId, text = '' } = message
      seen.push({ chatId: place.chatId, messageId, text, at: clock.now() })
    },
  })
  const textsIn = (chatId: number) => seen.flatMap((message) => (message.chatId === chatId ? [message.text] : []))
  const settle = () => new Promise((resolve) => setTimeout(resolve, LOOK_MS))
  /** A message is heard before the ledger says that it was sent. */
  const isWritten = async () =>
    (await database.db.selectFrom('delivery').select('id').where('state', '=', 'reserved').executeTakeFirst()) ===
    undefined
  const until: Scenario['until'] = async (what, look) => {
    for (let looks = 0; looks < LOOKS_MAX; looks += 1) {
      const found = await look()
      if (found !== null && found !== undefined && found !== false && (await isWritten())) return found
      await clock.advance(5 * SECOND_MS)
      await settle()
    }
    throw new Error(`waited in vain: ${what}`)
  }

  const shop: Scenario['shop'] = async (slug, packageName = 'professional') => {
    const bot = control.createBot({ username: `${slug}_bot` })
    const actor = { by: 'test', at: clock.now() }
    const tenant = await setUpTenant(database.db, { slug, name: `${slug} mağazası`, package: packageName }, actor)
    const deps = stage.app().accounts
    const wanted = { tenantId: tenant.id, token: bot.token, apiRoot: simulator.apiRoot, updateMode: 'webhook' } as const
    const account = await addAccount(deps, wanted, actor)
    const within: Shop['within'] = (work) => inTenant(database.db, tenant.id, work)
    const contactOf: Shop['contactOf'] = (userId) =>
      until(`contact ${userId}`, async () => {
        const row = await database.db
          .selectFrom('contact')
          .select('id')
          .where('tenant_id', '=', tenant.id)
          .where('telegram_id', '=', userId)
          .executeTakeFirst()
        return row?.id
      })
    return {
      slug,
      tenantId: tenant.id,
      accountId: account.id,
      botId: bot.id,
      cli: (args) => stage.cli.json([...args, '--tenant', slug, '--yes']),
      async refusal(args) {
        const { code, err } = await stage.cli.run([...args, '--tenant', slug, '--yes'])
        expect(code).not.toBe(0)
        return err
      },
      within,
      contactOf,
      template: (name, text) =>
        within(async (tx) => {
          const variants = [{ name: 'a', locale: 'tr', text } as const]
          const { id } = await createTemplate(tx, { name, messageClass: 'commercial', variants }, clock.now())
          await approveTemplate(tx, id, clock.now())
        }),
      async subscriber(firstName, agrees = true) {
        const user = control.createUser({ firstName, languageCode: 'tr' })
        const talk = { userId: user.id, botId: bot.id }
        control.start(talk)
        const question = await until(`${firstName} is greeted`, () => {
          const buttons = control.getDialog(talk).messages.flatMap((message) => message.reply_markup?.inline_keyboard ?? []).flat() // prettier-ignore
          return buttons.find((button) => 'callback_data' in button && button.callback_data.includes('consent_yes'))
        })
        if (!agrees) return user.id
        control.press({ ...talk, button: question.text })
        const contactId = await contactOf(user.id)
        await until(`${firstName} agrees`, () =>
          database.db
            .selectFrom('contact_consent')
            .select('granted')
            .where('contact_id', '=', contactId)
            .where('granted', '=', true)
            .executeTakeFirst(),
        )
        return user.id
      },
    }
  }
  return {
    simulator,
    clock,
    database,
    panelBotId: stage.panelBotId,
    app: () => stage.app(),
    until,
    seen,
    shop,
    textsIn,
    pass: async (minutes) => {
      for (let minute = 0; minute < minutes; minute += 1) {
        await clock.advance(MINUTE_MS)
        await settle()
      }
      await clock.advance(SECOND_MS)
      await settle()
    },
  }
}

/** An instant as the command line takes it. */
export const instant = (at: number): string => toDate(at).toISOString()
