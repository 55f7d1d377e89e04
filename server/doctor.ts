// Looks at an installation without changing it, for `gavatcore doctor`. Texts are in locales/*/cli.json under doctor.
import { accessSync, constants, existsSync, statSync, statfsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import path from 'node:path'

import { Redis } from 'ioredis'
import pg from 'pg'

import { AppError } from './base/errors.ts'
import type { Config } from './config.ts'
import { findRunningEmbedded } from './db/embedded/start-embedded.ts'
import { MIGRATIONS_DIR } from './db/migrate.ts'
import type { Finding } from './doors/cli/cli-host.ts'
import type { ModelEndpoint } from './gateways/llm/language-model.ts'

const OLDEST_NODE = [24, 12] as const
const FREE_MB_MIN = 500
const OLDEST_POSTGRES = 13
const PATIENCE_MS = 5_000

type Params = Finding['params']
const finding =
  (id: string) =>
  (state: Finding['state'], params: Params = {}): Finding => ({ id, state, params })

const examineNode = (): Finding => {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  const isNewEnough = major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1])
  return finding('node')(isNewEnough ? 'ok' : 'fault', { found: process.versions.node, needed: OLDEST_NODE.join('.') })
}

/** The nearest folder that exists decides whether the data folder can be written and how much room it has. */
const examineDataDir = ({ dataDir }: Config): Finding => {
  const say = finding('data_dir')
  let folder = dataDir
  while (!existsSync(folder)) folder = path.dirname(folder)
  try {
    accessSync(folder, constants.W_OK)
    const { bavail, bsize } = statfsSync(folder)
    const freeMb = Math.floor((bavail * bsize) / 1024 / 1024)
    return say(freeMb < FREE_MB_MIN ? 'warning' : 'ok', { path: dataDir, freeMb, needed: FREE_MB_MIN })
  } catch (error) {
    return say('fault', { path: dataDir, problem: (error as NodeJS.ErrnoException).code ?? 'unknown' })
  }
}

/** A key that others on the machine can read protects nothing. */
const examineKey = ({ appKek, dataDir }: Config): Finding => {
  const say = finding('key')
  const file = path.join(dataDir, 'key')
  if (appKek !== null || !existsSync(file)) return say('ok', { file: appKek === null ? file : 'APP_KEK' })
  return say((statSync(file).mode & 0o077) === 0 ? 'ok' : 'warning', { file })
}

interface ServerFacts {
  readonly version: string
  readonly is_superuser: boolean
  readonly has_migrations: boolean
}

const examineServer = async (connectionString: string, kind: string): Promise<readonly Finding[]> => {
  const client = new pg.Client({ connectionString, connectionTimeoutMillis: PATIENCE_MS })
  try {
    await client.connect()
    const { rows } = await client.query<ServerFacts>(`
      select current_setting('server_version') as version, to_regclass('kysely_migration') is not null as has_migrations,
        (select rolsuper from pg_roles where rolname = current_user) as is_superuser`)
    const [facts] = rows
    if (!facts) return []
    const isNewEnough = Number.parseInt(facts.version, 10) >= OLDEST_POSTGRES
    const applied = facts.has_migrations
      ? Number((await client.query<{ n: number }>('select count(*)::int as n from kysely_migration')).rows[0]?.n)
      : 0
    const wanted = (await readdir(MIGRATIONS_DIR)).filter((name) => name.endsWith('.sql')).length
    return [
      finding('database')(isNewEnough ? 'ok' : 'fault', {
        version: facts.version,
        kind,
        problem: facts.version,
        needed: OLDEST_POSTGRES,
      }),
      finding('migrations')(applied === wanted ? 'ok' : 'warning', { applied, wanted }),
      ...(facts.is_superuser ? [finding('superuser')('warning')] : []),
    ]
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error)
    return [finding('database')('fault', { kind, problem, version: '', needed: OLDEST_POSTGRES })]
  } finally {
    await client.end().catch(() => undefined)
  }
}

const examineDatabase = async (config: Config): Promise<readonly Finding[]> => {
  if (config.databaseUrl !== null) return examineServer(config.databaseUrl, 'DATABASE_URL')
  const running = await findRunningEmbedded(config.dataDir)
  return running
    ? examineServer(running.connectionString, config.dataDir)
    : [finding('embedded')('ok', { path: config.dataDir })]
}

const examineRedis = async (url: string): Promise<Finding> => {
  const redis = new Redis(url, {
    lazyConnect: true,
    connectTimeout: PATIENCE_MS,
    retryStrategy: () => null,
    maxRetriesPerRequest: 0,
  })
  redis.on('error', () => undefined)
  try {
    await redis.connect()
    await redis.ping()
    return finding('redis')('ok')
  } catch (error) {
    return finding('redis')('warning', { problem: error instanceof Error ? error.message : String(error) })
  } finally {
    redis.disconnect()
  }
}

/** Any answer will do, also a refusal: it shows that the road is open. */
const examineTelegram = async ({ telegramApiRoot }: Config): Promise<Finding> => {
  const say = finding('telegram')
  try {
    await fetch(telegramApiRoot, { signal: AbortSignal.timeout(PATIENCE_MS), redirect: 'manual' })
    return say('ok', { url: telegramApiRoot })
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
    return say('warning', { url: telegramApiRoot, problem: cause instanceof Error ? cause.message : String(cause) })
  }
}

/** Every server of the protocol lists its models; one that answers at all is there. */
const examineModel = async ({ baseUrl, apiKey, model }: ModelEndpoint): Promise<Finding> => {
  const say = finding('llm')
  try {
    const headers = apiKey === null ? {} : { authorization: `Bearer ${apiKey}` }
    const signal = AbortSignal.timeout(PATIENCE_MS)
    const { status } = await fetch(`${baseUrl}/models`, { headers, signal, redirect: 'manual' })
    if (status === 401 || status === 403 || status >= 500)
      return say('warning', { url: baseUrl, model, problem: `status ${status}` })
    return say('ok', { url: baseUrl, model })
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
    return say('warning', { url: baseUrl, model, problem: cause instanceof Error ? cause.message : String(cause) })
  }
}

/** Everything worth knowing before asking for help, in the order in which things need each other. */
export const examineInstallation = async (load: () => Config): Promise<readonly Finding[]> => {
  let config: Config
  try {
    config = load()
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    return [examineNode(), finding('config')('fault', error.params)]
  }
  const { unknownSettings } = config
  return [
    examineNode(),
    finding('config')(unknownSettings.length === 0 ? 'ok' : 'warning', { names: unknownSettings.join(', ') }),
    examineDataDir(config),
    examineKey(config),
    ...(await examineDatabase(config)),
    ...(config.redisUrl === null ? [] : [await examineRedis(config.redisUrl)]),
    await examineTelegram(config),
    ...(config.models.endpoint === null ? [] : [await examineModel(config.models.endpoint)]),
  ]
}
