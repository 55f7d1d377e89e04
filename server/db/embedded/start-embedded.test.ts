import { chmod, mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'

import { runScript } from '#server/testing/run-script.ts'

import { temporaryFolderFor } from './choose-address.ts'
import { layoutOf } from './cluster-layout.ts'
import { findPostmaster, isRunning } from './postmaster.ts'
import { type EmbeddedOptions, type EmbeddedServer, findRunningEmbedded, startEmbedded } from './start-embedded.ts'

/** Making a cluster costs more than all else here: tests that do not care about the first start share one. */
let shared: string
let dataDir: string
const folders: string[] = []
const servers: EmbeddedServer[] = []

const makeFolder = async (): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'gavatcore-embedded-'))
  folders.push(folder)
  return folder
}

beforeAll(async () => {
  shared = await makeFolder()
})
beforeEach(() => {
  dataDir = shared
})
afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop()
})
afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true, force: true })
})

const start = async (options: Partial<EmbeddedOptions> = {}): Promise<EmbeddedServer> => {
  const server = await startEmbedded({ dataDir, durability: 'disposable', ...options })
  servers.push(server)
  return server
}

const query = async <R extends pg.QueryResultRow>(url: string, sql: string): Promise<readonly R[]> => {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query<R>(sql)).rows
  } finally {
    await client.end()
  }
}

const postmasterPid = (): number => {
  const found = findPostmaster(layoutOf(dataDir))
  if (!found) return expect.fail('no server runs')
  return found.pid
}

/** Starts the server in a process of its own, runs `sql`, and kills that process as kill -9 does. */
const leaveBehind = async (sql: string): Promise<void> => {
  const script = runScript(`
    import pg from 'pg'
    import { startEmbedded } from '#server/db/embedded/start-embedded.ts'
    const server = await startEmbedded({ dataDir: ${JSON.stringify(dataDir)}, durability: 'disposable' })
    const client = new pg.Client({ connectionString: server.connectionString })
    await client.connect()
    await client.query(${JSON.stringify(sql)})
    console.log('written')`)
  expect(await script.firstLine).toBe('written')
  await script.kill()
}

describe('startEmbedded', () => {
  it('makes a durable UTF-8 database owned by an ordinary role that may create roles', async () => {
    dataDir = await makeFolder()
    const steps: string[] = []
    const server = await start({ durability: 'durable', onProgress: (step) => steps.push(step) })
    expect(server.adopted).toBe(false)
    expect(steps).toHaveLength(2)
    const [facts] = await query(
      server.connectionString,
      `select rolsuper, rolcreaterole, rolbypassrls, pg_encoding_to_char(encoding) as encoding, datname,
              datdba = r.oid as owns, current_setting('fsync') as fsync, current_setting('synchronous_commit') as commit,
              current_setting('data_checksums') as checksums, current_setting('listen_addresses') as listens,
              lower('ŞÇĞ ПРИВЕТ') as lowered
       from pg_roles r, pg_database d where rolname = current_user and datname = current_database()`,
    )
    expect(facts).toEqual({
      rolsuper: false,
      rolcreaterole: true,
      rolbypassrls: false,
      encoding: 'UTF8',
      datname: 'gavatcore',
      owns: true,
      fsync: 'on',
      commit: 'on',
      checksums: 'on',
      listens: '',
      lowered: 'şçğ привет',
    })
  })

  it('finds trigrams of Cyrillic and Arabic, which the plain C locale would not', async () => {
    const { connectionString } = await start()
    await query(connectionString, 'create extension if not exists pg_trgm')
    const [sizes] = await query(
      connectionString,
      `select cardinality(show_trgm('привет')) as cyrillic, cardinality(show_trgm('مرحبا')) as arabic`,
    )
    expect(sizes).toEqual({ cyrillic: 7, arabic: 6 })
  })

  it('keeps the password and the database to their owner', async () => {
    await start()
    const layout = layoutOf(dataDir)
    expect((await stat(layout.credentials)).mode & 0o777).toBe(0o600)
    expect((await stat(layout.root)).mode & 0o777).toBe(0o700)
    const wrong = (await start()).connectionString.replace(/:[^:@]+@/, ':wrong@')
    await expect(query(wrong, 'select 1')).rejects.toThrow(/password authentication failed/)
  })

  it('keeps the data over a stop and a second start', async () => {
    const first = await start()
    await query(first.connectionString, 'create table if not exists kept as select 7 as n')
    const pid = postmasterPid()
    await first.stop()
    expect(isRunning(pid)).toBe(false)
    const second = await start()
    expect(second.adopted).toBe(false)
    expect(second.connectionString).toBe(first.connectionString)
    expect(await query(second.connectionString, 'select n from kept')).toEqual([{ n: 7 }])
  })

  it('adopts the server that a killed process left behind', async () => {
    await leaveBehind('create table if not exists kept as select 7 as n')
    const pid = postmasterPid()
    const server = await start()
    expect(server.adopted).toBe(true)
    expect(postmasterPid()).toBe(pid)
    expect(await query(server.connectionString, 'select n from kept')).toEqual([{ n: 7 }])
    await server.stop()
    expect(isRunning(pid)).toBe(false)
  })

  it('takes up a server that was killed under it, at the same address and with its data', async () => {
    const server = await start()
    await query(server.connectionString, "create table if not exists taken_up as select 'here' as word")
    // Disposable commits are written late.
    await query(server.superuserConnectionString, 'checkpoint')
    expect(await server.revive()).toBe(false)
    process.kill(postmasterPid(), 'SIGKILL')
    await expect.poll(() => findPostmaster(layoutOf(dataDir)), { timeout: 10_000 }).toBeNull()
    expect(await server.revive()).toBe(true)
    expect(await query(server.connectionString, 'select word from taken_up limit 1')).toEqual([{ word: 'here' }])
    expect(await server.revive()).toBe(false)
    await server.stop()
    expect(findPostmaster(layoutOf(dataDir))).toBeNull()
  })

  it('recovers what was acknowledged before the server itself was killed', async () => {
    await leaveBehind('create table if not exists kept as select 7 as n')
    process.kill(postmasterPid(), 'SIGKILL')
    const server = await start()
    expect(server.adopted).toBe(false)
    expect(await query(server.connectionString, 'select n from kept')).toEqual([{ n: 7 }])
  })

  it('is not misled by a pid file that names a process of somebody else', async () => {
    await (await start()).stop()
    const { cluster } = layoutOf(dataDir)
    const run = layoutOf(dataDir).run
    await writeFile(
      join(cluster, 'postmaster.pid'),
      `${process.pid}\n${cluster}\n1760000000\n5432\n${run}\n\n\nready   \n`,
    )
    expect(await findRunningEmbedded(dataDir)).toBeNull()
    const server = await start()
    expect(server.adopted).toBe(false)
    expect(await query(server.connectionString, 'select 1 as n')).toEqual([{ n: 1 }])
  })

  it('begins again where a first start was cut off', async () => {
    dataDir = await makeFolder()
    const layout = layoutOf(dataDir)
    await mkdir(join(layout.staging, 'base'), { recursive: true })
    await writeFile(join(layout.staging, 'PG_VERSION'), '18\n')
    const server = await start()
    expect(await query(server.connectionString, 'select 1 as n')).toEqual([{ n: 1 }])
  })

  it('makes one server for callers that come at once, and the last to leave stops it', async () => {
    dataDir = await makeFolder()
    const together = await Promise.all([start(), start(), start()])
    expect(together.filter(({ adopted }) => !adopted)).toHaveLength(1)
    const pid = postmasterPid()
    await together[0].stop()
    await together[0].stop()
    await together[1].stop()
    expect(isRunning(pid)).toBe(true)
    await together[2].stop()
    expect(isRunning(pid)).toBe(false)
  })

  it.runIf(process.platform === 'linux')('keeps out of our process group, which a Ctrl-C ends', async () => {
    await start()
    const groupOf = async (pid: number) =>
      (await readFile(`/proc/${pid}/stat`, 'utf8')).split(') ')[1]?.split(' ').at(2)
    expect(await groupOf(postmasterPid())).not.toBe(await groupOf(process.pid))
  })

  it('listens elsewhere when the data folder is too deep for a socket', async () => {
    const deep = join(await makeFolder(), 'd'.repeat(60), 'e'.repeat(60))
    const server = await start({ dataDir: deep })
    const socketFolder = new URL(server.connectionString).searchParams.get('host')
    expect(socketFolder).not.toContain('eeee')
    expect((await stat(socketFolder ?? '')).mode & 0o777).toBe(0o700)
    expect(await query(server.connectionString, 'select 1 as n')).toEqual([{ n: 1 }])
    await server.stop()
    await rm(socketFolder ?? '', { recursive: true, force: true })
  })

  it('listens on the loopback alone where no folder is private enough for a socket', async () => {
    const layout = layoutOf(dataDir)
    await (await start()).stop()
    const folders = [layout.run, temporaryFolderFor(layout)]
    for (const folder of folders) {
      await mkdir(folder, { recursive: true })
      await chmod(folder, 0o755)
    }
    const server = await start()
    expect(new URL(server.connectionString).hostname).toBe('127.0.0.1')
    expect(await query(server.connectionString, 'show listen_addresses')).toEqual([{ listen_addresses: '127.0.0.1' }])
    expect(await findRunningEmbedded(dataDir)).toEqual({ connectionString: server.connectionString })
    await server.stop()
    for (const folder of folders) await rm(folder, { recursive: true })
  })

  it('lets settings of the operator win', async () => {
    await (await start()).stop()
    await writeFile(join(layoutOf(dataDir).cluster, 'postgresql.conf'), "include 'gavatcore.conf'\nwork_mem = '9MB'\n")
    const server = await start()
    expect(await query(server.connectionString, 'show work_mem')).toEqual([{ work_mem: '9MB' }])
  })
})

describe('startEmbedded, refusing', () => {
  it('names both versions when another PostgreSQL made the data folder', async () => {
    await (await start()).stop()
    const versionFile = join(layoutOf(dataDir).cluster, 'PG_VERSION')
    await writeFile(versionFile, '15\n')
    const refusal = await start().catch((error: unknown) => error)
    await writeFile(versionFile, '18\n')
    expect(refusal).toMatchObject({
      code: 'version_mismatch',
      message: expect.stringMatching(/PostgreSQL 15.*PostgreSQL 18/s) as string,
    })
  })

  it('says which file to restore when the passwords are gone', async () => {
    await (await start()).stop()
    const { credentials } = layoutOf(dataDir)
    await rename(credentials, `${credentials}.away`)
    const refusal = await start().catch((error: unknown) => error)
    await rename(`${credentials}.away`, credentials)
    expect(refusal).toMatchObject({
      code: 'credentials_missing',
      message: expect.stringContaining(credentials) as string,
    })
  })

  it('names the folder that cannot be written', async () => {
    const file = join(await makeFolder(), 'file')
    await writeFile(file, '')
    await expect(start({ dataDir: join(file, 'data') })).rejects.toMatchObject({
      code: 'not_writable',
      message: expect.stringContaining(file) as string,
    })
  })

  it('shows what PostgreSQL said of a setting it does not take', async () => {
    await (await start()).stop()
    const settings = join(layoutOf(dataDir).cluster, 'postgresql.conf')
    await writeFile(settings, "include 'gavatcore.conf'\nwork_mem = 'much'\n")
    const refusal = await start().catch((error: unknown) => error)
    await writeFile(settings, "include 'gavatcore.conf'\n")
    expect(refusal).toMatchObject({
      code: 'start_failed',
      message: expect.stringContaining('work_mem') as string,
    })
  })

  it('does not start a second server beside one it cannot see', async () => {
    await leaveBehind('select 1')
    const unseen = runScript(`
      import { tryLockFile } from '#server/db/file-lock.ts'
      console.log(tryLockFile(${JSON.stringify(layoutOf(dataDir).usersLock)}, 'shared') ? 'held' : 'refused')
      setInterval(() => {}, 1000)`)
    expect(await unseen.firstLine).toBe('held')
    await (await start()).stop()
    const pid = postmasterPid()
    process.kill(pid, 'SIGINT')
    await expect.poll(() => isRunning(pid)).toBe(false)
    await expect(start()).rejects.toMatchObject({ code: 'in_use' })
    await unseen.kill()
    expect((await start()).adopted).toBe(false)
  })
})

describe('findRunningEmbedded', () => {
  it('finds the server of another process, and nothing before the first start or after a stop', async () => {
    expect(await findRunningEmbedded(await makeFolder())).toBeNull()
    await leaveBehind('create table if not exists kept as select 7 as n')
    const found = await findRunningEmbedded(dataDir)
    expect(await query(found?.connectionString ?? '', 'select n from kept')).toEqual([{ n: 7 }])
    await (await start()).stop()
    expect(await findRunningEmbedded(dataDir)).toBeNull()
  })
})
