import { readFileSync } from 'node:fs'
import path from 'node:path'

import { z } from 'zod'

import { AppError } from '#server/base/errors.ts'

import { MODEL_SETTINGS, type ModelSettings, modelFaults, readModelSettings } from './model-settings.ts'
import { WEBHOOK_SETTINGS, type WebhookSettings, readWebhookSettings } from './webhook-settings.ts'
import {
  PAYMENT_SECRETS,
  PAYMENT_SETTINGS,
  type PaymentSettings,
  paymentFaults,
  readPaymentSettings,
} from './payment-settings.ts'

export const ROLES = ['all', 'api', 'updates', 'worker'] as const
export type Role = (typeof ROLES)[number]

export const TENANCIES = ['pooled', 'single'] as const

export const SECOND_FACTOR_DUTIES = ['required', 'optional'] as const

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const

const url = (protocols: readonly string[]) =>
  z.string().refine((text) => URL.canParse(text) && protocols.includes(new URL(text).protocol), {
    message: `must be an address that starts with ${protocols.map((p) => `${p}//`).join(' or ')}`,
  })

/** A whole number written in digits only: "3000", not "3e3" or " 3000". */
const whole = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d+$/, `must be a whole number from ${min} to ${max}`)
    .transform(Number)
    .refine((n) => n >= min && n <= max, { message: `must be a whole number from ${min} to ${max}` })

const oneOf = <T extends string>(words: readonly [T, ...T[]]) =>
  z.enum(words, { message: `must be one of ${words.join(', ')}` })

const key = z
  .string()
  .transform((text) => (/^[0-9a-f]{64}$/i.test(text) ? Buffer.from(text, 'hex') : Buffer.from(text, 'base64')))
  .refine((bytes) => bytes.length === 32, { message: 'must be 32 bytes in base64 or 64 hexadecimal digits' })

const isMtprotoRoot = (text: string): boolean =>
  URL.canParse(text) && new URL(text).protocol === 'mtproto:' && new URL(text).searchParams.has('key')

/** Every setting: its default, its check, and the line that explains it in `.env.example`. */
const SETTINGS = {
  PORT: whole(0, 65_535).default(3000).describe('Port of the HTTP server.'),
  HOST: z.string().default('127.0.0.1').describe('Address the HTTP server listens on; 0.0.0.0 in a container.'),
  PUBLIC_URL: url(['https:', 'http:'])
    .transform((text) => text.replace(/\/+$/, ''))
    .optional()
    .describe(
      'Address under which Telegram and people reach this server: webhooks, payment and login pages. Without it, updates are polled.',
    ),
  DATA_DIR: z.string().default('./data').describe('Folder of the embedded database, the key file and the logs.'),
  DATABASE_URL: url(['postgres:', 'postgresql:'])
    .optional()
    .describe('PostgreSQL 13 or newer. Empty: an embedded server in DATA_DIR.'),
  REDIS_URL: url(['redis:', 'rediss:'])
    .optional()
    .describe('Optional cache shared between processes. Losing it loses no data.'),
  POOL_MIN: whole(0, 100).default(2).describe('Database connections kept open.'),
  POOL_MAX: whole(2, 500).default(12).describe('Database connections opened at most.'),
  LOG_LEVEL: oneOf(LOG_LEVELS).default('info').describe('debug, info, warn or error.'),
  LOG_DIR: z.string().optional().describe('Folder of the log files. Empty: DATA_DIR/logs.'),
  ROLE: oneOf(ROLES)
    .default('all')
    .describe('What this process does: all, api, updates or worker. The option --role wins.'),
  TENANCY: oneOf(TENANCIES)
    .optional()
    .describe('pooled: many tenants. single: one, and a second is refused. Kept in the database until set otherwise.'),
  TELEGRAM_BOT_TOKEN: z
    .string()
    .regex(
      /^\d{5,20}:[A-Za-z0-9_-]{30,64}$/,
      'must be a bot token as BotFather gives it: digits, a colon, 35 characters',
    )
    .optional()
    .describe('Links this bot to the first tenant at start. More bots: npx gavatcore accounts add.'),
  PANEL_BOT_TOKEN: z
    .string()
    .regex(
      /^\d{5,20}:[A-Za-z0-9_-]{30,64}$/,
      'must be a bot token as BotFather gives it: digits, a colon, 35 characters',
    )
    .optional()
    .describe('Bot through which customers and operators use this installation; another than TELEGRAM_BOT_TOKEN.'),
  TELEGRAM_API_ROOT: url(['https:', 'http:'])
    .transform((text) => text.replace(/\/+$/, ''))
    .default('https://api.telegram.org')
    .describe('Address of the Bot API; a local Bot API server or the simulator.'),
  TELEGRAM_MINI_APP_KEY: z
    .string()
    .regex(/^[0-9a-f]{64}$/i, 'must be 64 hexadecimal digits')
    .default('e7bf03a2fa4602af4580703d88dda5bb59f32ed8b02a56c187fe7d34caed242d')
    .describe("Key that launches of the Mini App are signed with: Telegram's own, unless a simulator opens it."),
  TELEGRAM_API_ID: whole(1, 2_147_483_647)
    .optional()
    .describe("Number from my.telegram.org, for linking people's own accounts. Together with TELEGRAM_API_HASH."),
  TELEGRAM_API_HASH: z
    .string()
    .regex(/^[0-9a-f]{32}$/i, 'must be the 32 hexadecimal digits that my.telegram.org shows')
    .optional()
    .describe("Secret that belongs to TELEGRAM_API_ID. Without the two, people's own accounts cannot be linked."),
  TELEGRAM_MTPROTO_ROOT: z
    .string()
    .refine((text) => isMtprotoRoot(text), { message: 'must look like mtproto://host:port/?key=…' })
    .optional()
    .describe("Server for people's own accounts other than Telegram's own, such as a simulator."),
  TELEGRAM_CLIENT_ID: z
    .string()
    .regex(/^\d{5,20}$/, 'must be the number that BotFather shows as Client ID')
    .optional()
    .describe(
      "For log-in to the web panel on Telegram's own page: BotFather, Bot Settings, Web Login. With its secret.",
    ),
  TELEGRAM_CLIENT_SECRET: z
    .string()
    .min(8, 'must be the Client Secret that BotFather shows')
    .optional()
    .describe('Secret that belongs to TELEGRAM_CLIENT_ID. Without the two, people come in by links of the panel bot.'),
  TELEGRAM_LOGIN_ISSUER: url(['https:', 'http:'])
    .default('https://oauth.telegram.org')
    .describe("Who answers for Telegram's log-in: Telegram's own, unless a simulator does."),
  APP_KEK: key
    .optional()
    .describe('Key that seals stored secrets: 32 bytes in base64. Empty: DATA_DIR/key, made at first start.'),
  OPERATOR_SECOND_FACTOR: oneOf(SECOND_FACTOR_DUTIES)
    .default('optional')
    .describe('Whether operators need a code of an authenticator app in the web panel: required or optional.'),
  ANSWER_DEBOUNCE_MS: whole(0, 60_000)
    .default(1200)
    .describe('An answer by AI waits so long for a next message: several in a row get one.'),
  ANSWERS_AT_ONCE: whole(1, 1_000).default(160).describe('Answers by AI thought out at once by one process.'),
  DEMO: oneOf(['auto', 'on', 'off'])
    .default('auto')
    .describe('Simulated Telegram with a demo tenant: on, off, or auto (when there is no token and no account).'),
  DEMO_SPEED: whole(1, 10_000).default(600).describe('How many times faster than real time the demo runs.'),
  ...PAYMENT_SETTINGS,
  ...MODEL_SETTINGS,
  ...WEBHOOK_SETTINGS,
} as const satisfies Record<string, z.ZodType>

/** Settings that may also be given as a file's path, for secrets mounted by an orchestrator. */
const FILE_TWINS = [
  'DATABASE_URL',
  'REDIS_URL',
  'TELEGRAM_BOT_TOKEN',
  'PANEL_BOT_TOKEN',
  'TELEGRAM_API_HASH',
  'TELEGRAM_CLIENT_SECRET',
  'APP_KEK',
  ...PAYMENT_SECRETS,
  'LLM_API_KEY',
] as const

const schema = z
  .object(SETTINGS)
  .refine((c) => c.POOL_MIN <= c.POOL_MAX, { path: ['POOL_MIN'], message: 'must not be above POOL_MAX' })
  .refine((c) => (c.TELEGRAM_API_ID === undefined) === (c.TELEGRAM_API_HASH === undefined), {
    path: ['TELEGRAM_API_ID'],
    message: 'must be set together with TELEGRAM_API_HASH',
  })
  .refine((c) => (c.TELEGRAM_CLIENT_ID === undefined) === (c.TELEGRAM_CLIENT_SECRET === undefined), {
    path: ['TELEGRAM_CLIENT_ID'],
    message: 'must be set together with TELEGRAM_CLIENT_SECRET',
  })
  .refine((c) => c.TELEGRAM_CLIENT_ID === undefined || c.PUBLIC_URL !== undefined, {
    path: ['TELEGRAM_CLIENT_ID'],
    message: 'needs PUBLIC_URL: Telegram sends people back to it',
  })
  .refine((c) => c.PANEL_BOT_TOKEN === undefined || c.PANEL_BOT_TOKEN !== c.TELEGRAM_BOT_TOKEN, {
    path: ['PANEL_BOT_TOKEN'],
    message: 'must be another bot than TELEGRAM_BOT_TOKEN: one speaks with customers, the other with their contacts',
  })

export interface UserAccountSettings {
  readonly apiId: number
  readonly apiHash: string
  /** Where new sessions are made: Telegram's own servers when null. */
  readonly apiRoot: string | null
}

export interface TelegramSignInSettings {
  readonly clientId: string
  readonly clientSecret: string
  readonly issuer: string
}

/** The installation's configuration. Folders are absolute; an unset address or secret is null. */
export interface Config {
  readonly role: Role
  readonly port: number
  readonly host: string
  readonly publicUrl: string | null
  readonly dataDir: string
  readonly databaseUrl: string | null
  readonly redisUrl: string | null
  readonly poolMin: number
  readonly poolMax: number
  readonly logLevel: (typeof LOG_LEVELS)[number]
  readonly logDir: string
  /** Null leaves what the database says, `pooled` at first. */
  readonly tenancy: (typeof TENANCIES)[number] | null
  readonly telegramBotToken: string | null
  readonly panelBotToken: string | null
  readonly telegramApiRoot: string
  /** Key that Telegram signs launches of the Mini App with: 64 hexadecimal digits. */
  readonly telegramMiniAppKey: string
  /** What people's own accounts are linked with; null where they cannot be. */
  readonly userAccounts: UserAccountSettings | null
  /** Telegram's own log-in to the web panel; null where it is not set up. */
  readonly telegramSignIn: TelegramSignInSettings | null
  readonly appKek: Buffer | null
  /** Whether operators see nothing of the installation in the web panel without a second factor. */
  readonly operatorSecondFactor: (typeof SECOND_FACTOR_DUTIES)[number]
  /** How long an answer by a model waits for a next message. */
  readonly answerDebounceMs: number
  readonly answersAtOnce: number
  readonly demo: 'auto' | 'on' | 'off'
  readonly demoSpeed: number
  readonly payments: PaymentSettings
  readonly models: ModelSettings
  readonly webhooks: WebhookSettings
  /** Settings that look like ours and are not: most likely a typing error. */
  readonly unknownSettings: readonly string[]
}

type Env = Readonly<Record<string, string | undefined>>

/**
 * Reads `env` and the option `--role`. Errors: `invalid/config` whose `faults` lists every fault at once, one a line,
 * as "NAME: what is wrong".
 */
export const loadConfig = (env: Env = process.env, argv: readonly string[] = process.argv.slice(2)): Config => {
  const faults: string[] = []
  const given = readSettings(env, argv, faults)
  const parsed = schema.safeParse(given)
  for (const issue of parsed.error?.issues ?? []) faults.push(`${issue.path.join('.')}: ${issue.message}`)
  if (parsed.success) faults.push(...paymentFaults(parsed.data, parsed.data.PUBLIC_URL), ...modelFaults(parsed.data))
  if (!parsed.success || faults.length > 0) {
    throw new AppError('invalid', 'config', { field: faults[0]?.split(':')[0] ?? '', faults: faults.join('\n') })
  }
  const c = parsed.data
  const dataDir = path.resolve(c.DATA_DIR)
  return {
    role: c.ROLE,
    port: c.PORT,
    host: c.HOST,
    publicUrl: c.PUBLIC_URL ?? null,
    dataDir,
    databaseUrl: c.DATABASE_URL ?? null,
    redisUrl: c.REDIS_URL ?? null,
    poolMin: c.POOL_MIN,
    poolMax: c.POOL_MAX,
    logLevel: c.LOG_LEVEL,
    logDir: c.LOG_DIR === undefined ? path.join(dataDir, 'logs') : path.resolve(c.LOG_DIR),
    tenancy: c.TENANCY ?? null,
    telegramBotToken: c.TELEGRAM_BOT_TOKEN ?? null,
    panelBotToken: c.PANEL_BOT_TOKEN ?? null,
    telegramApiRoot: c.TELEGRAM_API_ROOT,
    telegramMiniAppKey: c.TELEGRAM_MINI_APP_KEY,
    userAccounts:
      c.TELEGRAM_API_ID !== undefined && c.TELEGRAM_API_HASH !== undefined
        ? { apiId: c.TELEGRAM_API_ID, apiHash: c.TELEGRAM_API_HASH, apiRoot: c.TELEGRAM_MTPROTO_ROOT ?? null }
        : null,
    telegramSignIn:
      c.TELEGRAM_CLIENT_ID !== undefined && c.TELEGRAM_CLIENT_SECRET !== undefined
        ? {
            clientId: c.TELEGRAM_CLIENT_ID,
            clientSecret: c.TELEGRAM_CLIENT_SECRET,
            issuer: c.TELEGRAM_LOGIN_ISSUER,
          }
        : null,
    appKek: c.APP_KEK ?? null,
    operatorSecondFactor: c.OPERATOR_SECOND_FACTOR,
    answerDebounceMs: c.ANSWER_DEBOUNCE_MS,
    answersAtOnce: c.ANSWERS_AT_ONCE,
    // The demo brings a tenant of its own, which would take the only place.
    demo: c.TENANCY === 'single' && c.DEMO === 'auto' ? 'off' : c.DEMO,
    demoSpeed: c.DEMO_SPEED,
    payments: readPaymentSettings(c),
    models: readModelSettings(c),
    webhooks: readWebhookSettings(c),
    unknownSettings: unknownSettings(env),
  }
}

/** An empty value counts as unset: that is how compose files and `.env` pass "nothing". */
const readSettings = (env: Env, argv: readonly string[], faults: string[]): Record<string, string> => {
  const given: Record<string, string> = {}
  for (const name of Object.keys(SETTINGS)) {
    const value = env[name]?.trim()
    if (value) given[name] = value
  }
  for (const name of FILE_TWINS) {
    const file = env[`${name}_FILE`]?.trim()
    if (!file) continue
    if (given[name] !== undefined) faults.push(`${name}_FILE: set either this or ${name}, not both`)
    try {
      given[name] = readFileSync(file, 'utf8').trim()
    } catch (cause) {
      faults.push(`${name}_FILE: cannot read ${file} (${(cause as NodeJS.ErrnoException).code ?? 'unknown error'})`)
    }
  }
  const role = roleOption(argv)
  if (role !== undefined) given['ROLE'] = role
  return given
}

const roleOption = (argv: readonly string[]): string | undefined => {
  for (const [index, word] of argv.entries()) {
    if (word === '--role') return argv[index + 1] ?? ''
    if (word.startsWith('--role=')) return word.slice('--role='.length)
  }
  return undefined
}

const OWN_PREFIXES =
  /^(ANSWER_|ANSWERS_|APP_|DEMO_|OPERATOR_|PANEL_|TELEGRAM_|POOL_|LOG_|IBAN_|STARS_|STRIPE_|PAYTR_|PAPARA_|LLM_|WEBHOOK_)/

const unknownSettings = (env: Env): readonly string[] => {
  const known = new Set<string>([...Object.keys(SETTINGS), ...FILE_TWINS.map((name) => `${name}_FILE`)])
  return Object.keys(env)
    .filter((name) => OWN_PREFIXES.test(name) && !known.has(name))
    .toSorted()
}

/** The text of `.env.example`: every setting with its explanation and default, all commented out. */
export const renderEnvExample = (): string => {
  const blocks = Object.entries(SETTINGS).map(([name, setting]) => {
    const shape: z.ZodType = setting
    const fallback = shape.safeParse(undefined)
    const value = fallback.success ? String((fallback.data as string | number | undefined) ?? '') : ''
    const twin = (FILE_TWINS as readonly string[]).includes(name) ? `\n# ${name}_FILE=` : ''
    return `# ${shape.description ?? ''}\n# ${name}=${value}${twin}\n`
  })
  return `# Copy to .env and uncomment what you change. Nothing here is needed for a first start.\n\n${blocks.join('\n')}`
}

export interface TerminalSettings {
  /** The locale name of the terminal, such as `tr_TR.UTF-8`. */
  readonly language: string | undefined
  /** https://no-color.org: set to anything but nothing. */
  readonly noColor: boolean
}

/** What a command takes from the terminal it was typed in. */
export const readTerminalSettings = (env: Env = process.env): TerminalSettings => ({
  language: env['LC_ALL'] || env['LC_MESSAGES'] || env['LANG'] || undefined,
  noColor: Boolean(env['NO_COLOR']) || env['TERM'] === 'dumb',
})
