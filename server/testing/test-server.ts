import { createHash } from 'node:crypto'
import { readFileSync, readdirSync } from 'node:fs'
import { mkdtemp, readdir, rm, statfs } from 'node:fs/promises'
import { freemem, tmpdir } from 'node:os'
import { join } from 'node:path'

import pg from 'pg'

import { layoutOf } from '#server/db/embedded/cluster-layout.ts'
import { findPostmaster, isRunning, stopPostmaster } from '#server/db/embedded/postmaster.ts'
import { startEmbedded } from '#server/db/embedded/start-embedded.ts'
import { MIGRATIONS_DIR, migrateDatabase } from '#server/db/migrate.ts'
import { createPool } from '#server/db/pool.ts'

export interface TestServer {
  /** Logs in as an ordinary role that may create databases and roles, to the database `postgres`. */
  readonly url: string
  /** How it copies a database fastest: file by file where nothing is synced and so a checkpoint costs nothing. */
  readonly cloneStrategy: '' | 'strategy file_copy'
  stop(): Promise<void>
}

/** Names one advisory lock of the `postgres` database for all who make or clone templates. */
export const TEMPLATE_LOCK = 7_041_776

const TEST_ROLE = 'gavatcore_test'
const FOLDER_PREFIX = 'gavatcore-test-'

/** A file system in memory, on Linux: copying the 1500 small files of a database takes a fifth of the time there. */
const MEMORY_FOLDER = '/dev/shm'
/** A gigabyte of log, and databases of 16 MB. */
const MEMORY_NEEDED_BYTES = 4 * 1024 ** 3

/** The server of `TEST_DATABASE_URL`, or else an embedded one of its own, in a temporary folder and without fsync. */
export const startTestServer = async (givenUrl: string | undefined): Promise<TestServer> => {
  if (givenUrl !== undefined && givenUrl !== '') {
    return { url: await asOrdinaryRole(givenUrl), cloneStrategy: '', stop: () => Promise.resolve() }
  }
  await removeLeftovers()
  const folder = await mkdtemp(join(await fastestFolder(), `${FOLDER_PREFIX}${process.pid}-`))
  const server = await startEmbedded({ dataDir: folder, durability: 'disposable' })
  return {
    url: await asOrdinaryRole(server.superuserConnectionString),
    cloneStrategy: 'strategy file_copy',
    async stop() {
      await server.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

const fastestFolder = async (): Promise<string> => {
  if (freemem() < MEMORY_NEEDED_BYTES) return tmpdir()
  const memory = await statfs(MEMORY_FOLDER).catch(() => null)
  return memory !== null && memory.bavail * memory.bsize >= MEMORY_NEEDED_BYTES ? MEMORY_FOLDER : tmpdir()
}

/** Servers whose test run was killed. */
const removeLeftovers = async (): Promise<void> => {
  for (const place of [tmpdir(), MEMORY_FOLDER]) await removeLeftoversOf(place)
}

const removeLeftoversOf = async (place: string): Promise<void> => {
  for (const name of await readdir(place).catch(() => [])) {
    const pid = Number(/^gavatcore-test-(\d+)-/.exec(name)?.[1])
    if (!Number.isInteger(pid) || isRunning(pid)) continue
    const folder = join(place, name)
    const layout = layoutOf(folder)
    const postmaster = findPostmaster(layout)
    if (postmaster) await stopPostmaster(postmaster.pid, layout)
    await rm(folder, { recursive: true, force: true })
  }
}

/** A superuser is bound by no row-level security, so tests under one would prove nothing. */
const asOrdinaryRole = async (givenUrl: string): Promise<string> => {
  const client = new pg.Client({ connectionString: givenUrl })
  await client.connect()
  try {
    const { rows } = await client.query<{ rolsuper: boolean }>(
      'select rolsuper from pg_roles where rolname = current_user',
    )
    if (!rows[0]?.rolsuper) return givenUrl
    const password = createHash('sha256').update(givenUrl).digest('base64url')
    await client.query('select pg_advisory_lock($1)', [TEMPLATE_LOCK])
    await client.query(`
      do $$ begin
        if not exists (select from pg_roles where rolname = '${TEST_ROLE}') then create role ${TEST_ROLE}; end if;
        if not exists (select from pg_roles where rolname = 'gavatcore_tenant') then create role gavatcore_tenant nologin; end if;
      end $$;
      alter role ${TEST_ROLE} login createdb createrole password '${password}';
      alter role ${TEST_ROLE} set synchronous_commit = off;
      grant gavatcore_tenant to ${TEST_ROLE} with admin option`)
    const url = new URL(givenUrl)
    url.username = TEST_ROLE
    url.password = password
    url.pathname = '/postgres'
    return url.href
  } finally {
    await client.end()
  }
}

/** The same server and role, another database. */
export const withDatabase = (url: string, database: string): string => {
  const changed = new URL(url)
  changed.pathname = `/${database}`
  return changed.href
}

/** Templates of other migrations that are kept for other work trees and for the way back. */
const TEMPLATES_KEPT = 5

/**
 * Makes a migrated database nobody may connect to, unless one for these migrations exists, and returns its name. A
 * half-made one is never taken for whole: it gets its name last.
 */
export const prepareTemplate = async (url: string): Promise<string> => {
  const template = `gavatcore_template_${hashMigrations()}`
  const building = `${template}_building`
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query('select pg_advisory_lock($1)', [TEMPLATE_LOCK])
    const { rowCount } = await client.query('select from pg_database where datname = $1', [template])
    if (rowCount) return template
    await client.query(`drop database if exists ${building}`)
    await client.query(`create database ${building}`)
    const pool = createPool({
      connectionString: withDatabase(url, building),
      min: 0,
      max: 2,
      applicationName: 'gavatcore template',
    })
    try {
      await migrateDatabase(pool)
    } finally {
      await pool.end()
    }
    await leaveCatalogCache(withDatabase(url, building))
    await client.query(`alter database ${building} with allow_connections false`)
    await client.query(`alter database ${building} rename to ${template}`)
    await dropOldTemplates(client)
    return template
  } finally {
    await client.end()
  }
}

/** The first session after a migration writes a file that spares the first session of each clone reading the catalog. */
const leaveCatalogCache = async (url: string): Promise<void> => {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.end()
}

const dropOldTemplates = async (client: pg.Client): Promise<void> => {
  const { rows } = await client.query<{ datname: string }>(
    `select datname from pg_database
     where datname like 'gavatcore\\_template\\_%' and pg_has_role(datdba, 'usage')
     order by oid desc offset $1`,
    [TEMPLATES_KEPT],
  )
  for (const { datname } of rows) await client.query(`drop database if exists ${client.escapeIdentifier(datname)}`)
}

const hashMigrations = (): string => {
  const hash = createHash('sha256')
  for (const name of readdirSync(MIGRATIONS_DIR).sort()) {
    hash
      .update(name)
      .update('\0')
      .update(readFileSync(join(MIGRATIONS_DIR, name)))
      .update('\0')
  }
  return hash.digest('hex').slice(0, 16)
}
