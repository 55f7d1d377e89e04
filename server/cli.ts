// The composition root of the command line: gives the door what it needs, and turns its verdict into an exit code.
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

import { type Clock, systemClock } from './base/clock.ts'
import { readOrCreateKeyFile } from './base/key-file.ts'
import { seededRandom } from './base/random.ts'
import { secretBox } from './base/secret.ts'
import { createTranslator } from './base/translate.ts'
import { type Config, loadConfig, readTerminalSettings } from './config.ts'
import { asOperator } from './db/tenant-scope.ts'
import { decideDemo } from './decide-demo.ts'
import type { CliHost } from './doors/cli/cli-host.ts'
import { COMMAND_GROUPS } from './doors/cli/command-groups.ts'
import { EXIT } from './doors/cli/exit-codes.ts'
import { runCli } from './doors/cli/main.ts'
import type { OpenAiModel } from './gateways/llm/adapters/openai/create-openai-model.ts'
import type { BotApi } from './gateways/telegram/adapters/bot-api/create-bot-api.ts'
import type { HttpWebhookCaller } from './gateways/webhooks/adapters/http/create-webhook-caller.ts'
import { type OpenDatabase, openDatabase } from './open-database.ts'
import type { UserTelegram } from './user-telegram.ts'

const settings = readTerminalSettings()

const version = (): string => {
  const file = fileURLToPath(new URL('../package.json', import.meta.url))
  return (JSON.parse(readFileSync(file, 'utf8')) as { readonly version: string }).version
}

/** Read at its first use, so that help works with a broken configuration. */
const config = (): Config => loadConfig(undefined, [])

const runSimulator = (args: readonly string[]): Promise<number> =>
  new Promise((resolve, reject) => {
    const program = fileURLToPath(new URL('../simulator/main.ts', import.meta.url))
    const child = spawn(process.execPath, [program, ...args], { stdio: 'inherit' })
    // A terminal's Ctrl-C reaches the child by itself; what reaches us alone is passed on. Either way its end is ours.
    process.removeAllListeners('SIGINT').removeAllListeners('SIGTERM')
    process.on('SIGINT', () => undefined)
    process.on('SIGTERM', () => child.kill('SIGTERM'))
    child.once('error', reject)
    child.once('exit', (code) => resolve(code ?? EXIT.refused))
  })

const opened = new Set<OpenDatabase>()

/** The demo lives ahead of the machine's time; what is done to it here happens at its own instant. */
let demoNow = 0
const clock: Clock = { ...systemClock, now: () => Math.max(systemClock.now(), demoNow) }

const open: CliHost['openDatabase'] = async (onStep) => {
  const database = await openDatabase(config(), { applicationName: 'gavatcore cli', pool: { min: 0, max: 4 }, onStep })
  opened.add(database)
  const demo = await decideDemo(config(), database.db, systemClock.now())
  if (demo.on) demoNow = demo.startAt
  return database
}

/** An interrupted command lets its database go: what it had not committed is undone, an embedded server is stopped. */
const endEarly = async (): Promise<void> => {
  await Promise.allSettled([...opened].map((database) => database.close()))
  process.exit(EXIT.cancelled)
}
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void endEarly())

let botApi: BotApi | undefined
let users: UserTelegram | undefined
let models: OpenAiModel | undefined

const box = () => {
  const { appKek, dataDir } = config()
  return secretBox(appKek ?? readOrCreateKeyFile(path.join(dataDir, 'key')))
}

// Most commands never speak to Telegram, and start faster without the code for it.
const telegram: CliHost['telegram'] = async () => {
  const { createBotApi } = await import('./gateways/telegram/adapters/bot-api/create-bot-api.ts')
  const { PUBLIC_API_ROOT } = await import('./gateways/telegram/adapters/bot-api/http-transport.ts')
  const { publicUrl, telegramApiRoot } = config()
  botApi ??= createBotApi()
  return {
    box: box(),
    feed: botApi.updateFeed,
    managedBots: botApi.managedBots,
    stars: botApi.stars,
    publicUrl,
    apiRoot: telegramApiRoot === PUBLIC_API_ROOT ? null : telegramApiRoot,
  }
}

const telegramLogin: CliHost['telegramLogin'] = async (db) => {
  const { createUserTelegram } = await import('./user-telegram.ts')
  users ??= createUserTelegram({ db, box: box(), clock }, config().userAccounts)
  return users.login()
}

const payments: CliHost['payments'] = async (db) => {
  const { openPayments } = await import('./open-payments.ts')
  const { createBotApi } = await import('./gateways/telegram/adapters/bot-api/create-bot-api.ts')
  const { findPanelAccount } = await import('./modules/accounts/index.ts')
  botApi ??= createBotApi()
  const parts = { db, box: box(), settings: config().payments, publicUrl: config().publicUrl, stars: botApi.stars }
  const ways = openPayments(parts)
  const panel = await asOperator(db, 'find who sells for Stars', findPanelAccount)
  if (panel !== null) ways.sellWith(panel.id)
  return ways
}

const languageModels: CliHost['models'] = async () => {
  const { createOpenAiModel } = await import('./gateways/llm/adapters/openai/create-openai-model.ts')
  const { endpoint, arePrivateAllowed } = config().models
  models ??= createOpenAiModel({ clock: systemClock, arePrivateAllowed })
  return { box: box(), model: models, installation: endpoint, arePrivateAllowed }
}

let callers: HttpWebhookCaller | undefined
const outgoingWebhooks: CliHost['webhooks'] = async () => {
  const { createWebhookCaller } = await import('./gateways/webhooks/adapters/http/create-webhook-caller.ts')
  const { arePrivateAllowed } = config().webhooks
  callers ??= createWebhookCaller({ clock: systemClock, arePrivateAllowed })
  const random = seededRandom(systemClock.now())
  return { box: box(), caller: callers, clock: systemClock, random, version: version(), arePrivateAllowed }
}

const host: CliHost = {
  terminal: {
    out: process.stdout,
    err: process.stderr,
    isInteractive: process.stdin.isTTY && process.stdout.isTTY,
    hasColor: process.stdout.isTTY && !settings.noColor,
    isLive: process.stderr.isTTY,
    columns: process.stdout.columns ?? 100,
  },
  language: settings.language,
  version: version(),
  clock,
  panel: {
    url: () => config().publicUrl ?? `http://localhost:${config().port}`,
    now: () => systemClock.now(),
  },
  translator: (locale) => createTranslator(locale, 'cli'),
  prompter: async (t) => (await import('./doors/cli/clack-prompter.ts')).createClackPrompter(t),
  openDatabase: open,
  telegram,
  telegramLogin,
  payments,
  models: languageModels,
  webhooks: outgoingWebhooks,
  examine: async () => (await import('./doctor.ts')).examineInstallation(config),
  runSimulator,
}

process.exitCode = await runCli(process.argv.slice(2), host, COMMAND_GROUPS)
await botApi?.close()
await users?.close()
await models?.destroy()
await callers?.destroy()
