import { createServer } from 'node:net'

import { expect, onTestFinished } from 'vitest'

import type { App } from '#server/app.ts'
import type { AppOptions } from '#server/app-base.ts'
import { ManualClock } from '#server/base/clock.ts'
import { SECOND_MS } from '#server/base/duration.ts'
import { createDb } from '#server/db/pool.ts'
import type { OpenDatabase } from '#server/open-database.ts'
import { linkConfiguredPanel } from '#server/panel-account.ts'
import { createTestApp } from '#server/testing/app.ts'
import { type CliRunner, createCliRunner } from '#server/testing/cli.ts'
import { createTestDatabase } from '#server/testing/db.ts'
import { NOON } from '#server/testing/factories.ts'
import { type PageVisitor, createPageVisitor } from '#server/testing/page-visitor.ts'
import { type PanelVisitor, createPanelVisitor, untilQuiet } from '#server/testing/panel.ts'
import { mtprotoRoot } from '#server/testing/simulated-user-telegram.ts'
import { type Simulator, startSimulator } from '#simulator/index.ts'
import { INIT_DATA_PUBLIC_KEY } from '#simulator/world/launch-key.ts'

export const IBAN = 'TR330006100519786457841326'

/** How long somebody takes to read an answer and to press or type the next thing. */
const THINKING_MS = 4 * SECOND_MS
/** The machine may be slow; what is waited for comes by itself. */
const PATIENCE_MS = 90_000
const LOOK_EVERY_MS = 50
/** Where nothing has come for so long, simulated time moves: something may wait for its instant. */
const LOOKS_BEFORE_TIME_MOVES = 30

export interface NewcomerStage {
  readonly simulator: Simulator
  /** One time for the server and for Telegram. It moves by what people do, and while something is waited for. */
  readonly clock: ManualClock
  readonly database: OpenDatabase
  readonly panelBotId: number
  readonly cli: CliRunner
  /** The server as it runs now. */
  app(): App
  /** Ends the whole server, and starts another one on the same database at the same address. */
  restart(): Promise<void>
  person(input?: { readonly name?: string; readonly username?: string }): PanelVisitor
  /** Somebody whom the command line made an operator. */
  operator(name?: string): Promise<PanelVisitor>
  /** A browser that opens a link of the panel bot and presses its button. */
  browse(link: string): Promise<PageVisitor>
  /** Waits until this is true of the world. */
  until<T>(what: string, look: () => Promise<T | null | undefined | false> | T | null | undefined | false): Promise<T>
  /** Whole texts of what a bot wrote to somebody. */
  textsOf(botId: number, userId: number): readonly string[]
  /** Where somebody's newest onboarding stands. */
  onboardingOf(person: PanelVisitor): Promise<OnboardingRow>
}

export interface StageOptions {
  readonly mtproto?: boolean
  /** What answers for language models; none when left out. */
  readonly languageModel?: NonNullable<AppOptions['languageModel']>
  readonly startAt?: number
}

export interface OnboardingRow {
  readonly id: number
  readonly state: string
  readonly tenant_id: number | null
  readonly account_id: number | null
}

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })

/**
 * The whole server as `main.ts` starts it, every part running, beside a simulated Telegram: the panel's bot is that of the
 * settings, bots take their updates by webhook, pages are where people reach them. Nothing is called past the doors.
 */
export const openNewcomerStage = async (options: StageOptions = {}): Promise<NewcomerStage> => {
  const clock = new ManualClock(options.startAt ?? NOON)
  const { languageModel } = options
  const simulator = await startSimulator({ limits: false, seed: 31, clock, mtproto: options.mtproto === true })
  const { control } = simulator
  const bot = control.createBot({
    username: 'gavatcore_panel_bot',
    name: 'Gavatcore',
    canManageBots: true,
    canConnectToBusiness: true,
  })
  const { pool, connectionString } = await createTestDatabase()
  const database: OpenDatabase = { pool, db: createDb(pool), connectionString, close: async () => {} }
  const port = await freePort()
  const settings = {
    port,
    publicUrl: `http://127.0.0.1:${port}`,
    panelBotToken: bot.token,
    telegramApiRoot: simulator.apiRoot,
    telegramMiniAppKey: INIT_DATA_PUBLIC_KEY,
    // Whoever receives webhooks is on this machine, too.
    webhooks: { arePrivateAllowed: true },
    payments: {
      transfer: { iban: IBAN, holder: 'Gavatcore Ltd', papara: null },
      starsAccountId: null,
      stripe: null,
      paytr: null,
      papara: null,
    },
    ...(options.mtproto === true && {
      userAccounts: { apiId: 1, apiHash: 'hash', apiRoot: mtprotoRoot(simulator) },
    }),
  }
  let running: App | null = null
  const app = (): App => {
    if (running === null) throw new Error('the server does not run')
    return running
  }
  const start = async () => {
    await running?.stop(10_000)
    const pace = { peoplesPace: clock, lookEveryMs: 500 }
    running = await createTestApp({ database, clock, settings, ...pace, ...(languageModel && { languageModel }) })
    await running.start()
    await linkConfiguredPanel(running.accounts, { token: bot.token, apiRoot: simulator.apiRoot }, clock.now())
    await running.panel.adopt()
  }
  onTestFinished(async () => {
    await running?.stop(10_000)
    await simulator.close()
  })
  await start()

  const { id: panelAccountId } = await database.db
    .selectFrom('account')
    .select('id')
    .where('purpose', '=', 'panel')
    .executeTakeFirstOrThrow()
  const cli = createCliRunner(database.db, { clock, payments: () => Promise.resolve(app().payments) })
  const settle = async () => {
    await clock.advance(THINKING_MS)
    await untilQuiet(app(), simulator, bot.id, panelAccountId)
  }
  const person: NewcomerStage['person'] = ({ name = 'Ali', username } = {}) => {
    const user = control.createUser({
      firstName: name,
      languageCode: 'tr',
      ...(username !== undefined && { username }),
    })
    return createPanelVisitor(simulator, bot.id, user.id, settle)
  }
  return {
    simulator,
    clock,
    database,
    panelBotId: bot.id,
    cli,
    app,
    restart: start,
    person,
    async operator(name = 'Deniz') {
      const somebody = person({ name })
      await cli.json(['operators', 'add', String(somebody.id), '--name', name])
      return somebody
    },
    async browse(link) {
      const { origin, pathname } = new URL(link)
      expect(origin).toBe(settings.publicUrl)
      const visitor = createPageVisitor(app().address())
      await visitor.open(pathname)
      await visitor.submit(pathname)
      return visitor
    },
    async until(what, look) {
      const rounds = PATIENCE_MS / LOOK_EVERY_MS
      for (let round = 1; round <= rounds; round += 1) {
        const found = await look()
        if (found !== null && found !== undefined && found !== false) return found
        if (round % LOOKS_BEFORE_TIME_MOVES === 0) await clock.advance(SECOND_MS)
        await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS))
      }
      throw new Error(`waited in vain: ${what}`)
    },
    textsOf: (botId, userId) =>
      control
        .getDialog({ botId, userId })
        .messages.flatMap(({ from, text }) => (from?.id === botId ? [text ?? ''] : [])),
    onboardingOf: ({ id }) =>
      database.db
        .selectFrom('onboarding')
        .select(['id', 'state', 'tenant_id', 'account_id'])
        .where('telegram_id', '=', id)
        .orderBy('id', 'desc')
        .executeTakeFirstOrThrow(),
  }
}

/** Where a button of the newest screen leads that opens an address. */
export const linkOf = (person: PanelVisitor, label: string): string => {
  const screen = person.lastScreen()
  const [, url] = Object.entries(screen.links).find(([text]) => text.includes(label)) ?? []
  if (url === undefined) throw new Error(`no link "${label}" among ${JSON.stringify(screen)}`)
  return url
}

/** The newest screen of somebody's chat that says this, once it is there. */
export const hears = (stage: NewcomerStage, person: PanelVisitor, text: string) =>
  stage.until(`"${text}"`, () => person.screens().findLast((screen) => screen.text.includes(text)))

/** Waits until somebody's newest onboarding has come to this state. */
export const reaches = (stage: NewcomerStage, person: PanelVisitor, state: string) =>
  stage.until(`onboarding ${state}`, async () => {
    const row = await stage.onboardingOf(person)
    return row.state === state && row
  })
