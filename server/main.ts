// The server: reads the settings, opens the database, runs the parts of its role until it is told to stop.
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

import { type App, createApp } from './app.ts'
import { acceleratedClock, systemClock } from './base/clock.ts'
import { AppError } from './base/errors.ts'
import { readOrCreateKeyFile } from './base/key-file.ts'
import { type Logs, openLogs } from './base/logger.ts'
import { secretBox } from './base/secret.ts'
import { createTranslator } from './base/translate.ts'
import { type Config, loadConfig, readTerminalSettings } from './config.ts'
import { acquireInstanceLock } from './db/instance-lock.ts'
import { offerFirstSignIn } from './first-sign-in.ts'
import { linkFirstAccount } from './first-account.ts'
import { linkConfiguredPanel } from './panel-account.ts'
import { PUBLIC_API_ROOT } from './gateways/telegram/adapters/bot-api/http-transport.ts'
import { openDemoModel } from './open-models.ts'
import { type OpenDatabase, openDatabase } from './open-database.ts'
import { DEMO_TENANT_SLUG, type DemoDecision, decideDemo, withDemoPayments } from './decide-demo.ts'
import { makeLaunchKey, withLaunchKey } from './demo-launch-key.ts'

/** sysexits.h, as the documentation promises them. */
const EXIT = { ok: 0, failure: 1, unavailable: 69, internal: 70, tryAgain: 75, config: 78 } as const

/** Whatever has not finished by then is left to the next start, which is built to pick it up. */
const DRAIN_MS = 20_000

const say = (line: string) => void process.stderr.write(`${line}\n`)

/** A refusal in words, in the terminal's language; a bug with its stack. */
const explain = (error: unknown): string => {
  if (!(error instanceof AppError)) return error instanceof Error ? (error.stack ?? error.message) : String(error)
  const locale = (['tr', 'en', 'ru', 'ar'] as const).find((l) => readTerminalSettings().language?.startsWith(l)) ?? 'en'
  const text = createTranslator(locale, 'errors')(error.code, error.params)
  return text === error.code ? error.message : text
}

const exitCodeOf = (error: unknown): number => {
  if (!(error instanceof AppError)) return EXIT.internal
  if (error.code === 'instance_running') return EXIT.tryAgain
  if (error.kind === 'invalid') return EXIT.config
  return error.kind === 'unavailable' ? EXIT.unavailable : EXIT.failure
}

const packageVersion = (): string => {
  const file = fileURLToPath(new URL('../package.json', import.meta.url))
  return (JSON.parse(readFileSync(file, 'utf8')) as { readonly version: string }).version
}

const tryLockInstance = ({ dataDir, role }: Config) => {
  try {
    return acquireInstanceLock(dataDir, role)
  } catch (cause) {
    const problem = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
    const code = problem === 'ENOSPC' ? 'data_folder_full' : 'data_folder_unusable'
    throw new AppError('unavailable', code, { field: 'DATA_DIR', folder: dataDir, problem }, { cause })
  }
}

/** One server of a role per data folder: two would fight over the embedded database and the port. */
const lockInstance = (config: Config) => {
  const lock = tryLockInstance(config)
  if ('heldBy' in lock) {
    throw new AppError('unavailable', 'instance_running', {
      pid: lock.heldBy.pid,
      folder: config.dataDir,
      role: config.role,
    })
  }
  return lock
}

interface Running {
  readonly app: App
  readonly logs: Logs
  readonly endDemo: () => Promise<void>
}

const startServer = async (config: Config, database: OpenDatabase, installation: string): Promise<Running> => {
  const console = process.stdout.isTTY ? 'human' : 'json'
  const logs = await openLogs({ dir: config.logDir, level: config.logLevel, console })
  const box = secretBox(config.appKek ?? readOrCreateKeyFile(path.join(config.dataDir, 'key')))
  const demo: DemoDecision = await decideDemo(config, database.db, systemClock.now())
  const launchKey = makeLaunchKey()
  const app = createApp({
    config: demo.on ? withLaunchKey(withDemoPayments(config), launchKey.publicHex) : config,
    database,
    logs,
    box,
    version: packageVersion(),
    clock: demo.on ? acceleratedClock(demo.startAt, config.demoSpeed) : systemClock,
    peoplesPace: systemClock,
    ...(demo.on && config.models.endpoint === null && { languageModel: openDemoModel() }),
    ...(demo.on && { consoleTenantSlug: DEMO_TENANT_SLUG }),
    ...(demo.on && { pagesUrl: `http://localhost:${config.port}` }),
    ignoredTenants: demo.ignoredTenants,
    installation,
  })
  if (config.unknownSettings.length > 0) {
    logs.of('app').warn({ settings: config.unknownSettings.join(', ') }, 'unknown settings are ignored')
  }
  await app.start()
  say(`Listening on ${app.address()} (role ${config.role})`)
  try {
    await linkConfiguredBots(app)
    const running = demo.on ? await (await import('./demo.ts')).startDemo(app, launchKey.privateKey) : null
    if (config.role === 'all' || config.role === 'api') {
      const address = await offerFirstSignIn(app, demo.on ? DEMO_TENANT_SLUG : null)
      if (address !== null) say(`Open the panel, once within ten minutes: ${address}`)
    }
    return { app, logs, endDemo: async () => running?.stop() }
  } catch (error) {
    await app.stop(DRAIN_MS)
    await logs.close()
    throw error
  }
}

/** The bots of the settings: the panel's, and the first that speaks with contacts. */
const linkConfiguredBots = async (app: App): Promise<void> => {
  const { telegramBotToken, panelBotToken, telegramApiRoot, role } = app.config
  if (role === 'api') return
  const apiRoot = telegramApiRoot === PUBLIC_API_ROOT ? null : telegramApiRoot
  if (panelBotToken !== null) {
    const settings = { token: panelBotToken, apiRoot }
    await untilTelegramAnswers(app, async () => {
      await linkConfiguredPanel(app.accounts, settings, app.clock.now())
      await app.panel.adopt()
    })
  }
  if (telegramBotToken !== null) {
    const settings = { token: telegramBotToken, apiRoot }
    await untilTelegramAnswers(app, () => linkFirstAccount(app.accounts, settings, app.clock.now()))
  }
}

/** Telegram may be away for a while; a wrong token is a fault of the settings. */
const untilTelegramAnswers = async (app: App, attempt: () => Promise<void>): Promise<void> => {
  const log = app.logs.of('app')
  const isAway = (error: unknown) => error instanceof AppError && error.code === 'telegram_unreachable'
  try {
    await attempt()
  } catch (error) {
    if (!isAway(error)) throw error
    log.warn({ err: error }, 'Telegram cannot be reached; the bot is linked as soon as it can')
    const retry = setInterval(() => {
      attempt().then(
        () => clearInterval(retry),
        (fault: unknown) => log.warn({ err: fault }, 'the bot could not be linked yet'),
      )
    }, 30_000)
    retry.unref()
  }
}

/** Resolves at the first SIGINT or SIGTERM; the second ends the process at once. */
const untilSignal = (): Promise<NodeJS.Signals> =>
  new Promise((resolve) => {
    let asked = false
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.on(signal, () => {
        if (asked) process.exit(EXIT.failure)
        asked = true
        resolve(signal)
      })
    }
  })

const stopServer = async ({ app, logs, endDemo }: Running): Promise<void> => {
  const late = await app.stop(DRAIN_MS)
  if (late.length > 0) say(`Left unfinished: ${late.join(', ')}`)
  await endDemo()
  await logs.close()
}

const main = async (): Promise<number> => {
  const stopAsked = untilSignal()
  const config = loadConfig()
  const lock = lockInstance(config)
  let database: OpenDatabase | null = null
  try {
    database = await openDatabase(config, {
      applicationName: `gavatcore ${config.role}`,
      onStep: say,
      keepsAlive: true,
    })
    const running = await startServer(config, database, lock.installation)
    const signal = await stopAsked
    say(`${signal}: finishing what is under way …`)
    await stopServer(running)
    return EXIT.ok
  } finally {
    await database?.close()
    lock.release()
  }
}

// A reader of our output that goes away (`| head`, a log shipper that restarts) takes its lines with it, not the server.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error
  })
}

process.on('unhandledRejection', (reason) => {
  say(`A promise failed unnoticed: ${explain(reason)}`)
  process.exit(EXIT.internal)
})

try {
  process.exitCode = await main()
} catch (error) {
  say(explain(error))
  process.exitCode = exitCodeOf(error)
}
