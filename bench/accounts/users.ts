import path from 'node:path'

import { sql } from 'kysely'

import { systemClock, toDate } from '#server/base/clock.ts'
import { readOrCreateKeyFile } from '#server/base/key-file.ts'
import { secretBox } from '#server/base/secret.ts'
import { inTenant } from '#server/db/tenant-scope.ts'
import { type Mtproto, createMtproto } from '#server/gateways/telegram/adapters/mtproto/create-mtproto.ts'
import { createUserSession, createUserSessionStore } from '#server/modules/accounts/index.ts'

import {
  type BenchDatabase,
  type SimulatorProcess,
  createBenchTenant,
  startBenchDatabase,
  startSimulatorProcess,
} from '../rig/rig.ts'
import { eachOf, findFreePort, startMeasuredServer, until } from './measured-server.ts'

export interface UsersOptions {
  readonly users: number
  readonly settleSeconds: number
  readonly samples: number
}

/** What a server holds that follows so many people's own accounts, after each has received. */
export interface UsersFigures {
  readonly rssKib: number
  readonly heapKib: number
  readonly statementsPerSecond: number
}

interface Person {
  readonly accountId: number
  readonly userId: number
}

const MESSAGES_EACH = 20
const WIDTH = 4
const LIMIT_MS = 300_000

/** One server with one person's account, then another with all of them: each is connected and has received. */
export const measureUsers = async (
  { users: count, settleSeconds, samples }: UsersOptions,
  onProgress: (line: string) => void,
): Promise<{ readonly one: UsersFigures; readonly all: UsersFigures }> => {
  const simulator = await startSimulatorProcess({ limits: false, mtproto: true })
  const database = await startBenchDatabase()
  const mtprotoRoot = await nameMtproto(simulator)
  const { db, dataDir } = database
  const box = secretBox(readOrCreateKeyFile(path.join(dataDir, 'key')))
  const store = createUserSessionStore({ db, box, clock: systemClock })
  const telegram = await createMtproto({ apiId: 1, apiHash: '0'.repeat(32), store })
  try {
    const tenantId = await createBenchTenant(db)
    const logIn = async (from: number, to: number): Promise<readonly Person[]> => {
      const people: Person[] = []
      const serials = Array.from({ length: to - from }, (_, i) => from + i)
      await eachOf(serials, WIDTH, async (n) => {
        people.push(await linkUser({ database, simulator, telegram, tenantId, mtprotoRoot }, n))
      })
      return people
    }
    const measure = async (people: readonly Person[]): Promise<UsersFigures> => {
      const port = await findFreePort()
      const server = await startMeasuredServer(database, { port, samples, mtprotoRoot })
      try {
        await receiveAll(database, simulator, people)
        onProgress(`${people.length} people's accounts receive`)
        await systemClock.sleep(settleSeconds * 1_000)
        const before = await server.measure()
        const since = performance.now()
        await systemClock.sleep(settleSeconds * 1_000)
        const { rssKib, heapKib, statements } = await server.measure()
        const seconds = (performance.now() - since) / 1_000
        return { rssKib, heapKib, statementsPerSecond: (statements - before.statements) / seconds }
      } finally {
        await server.stop()
      }
    }
    const first = await logIn(0, 1)
    const one = await measure(first)
    const all = await measure([...first, ...(await logIn(1, count))])
    return { one, all }
  } finally {
    await telegram.close()
    await database.stop()
    await simulator.stop()
  }
}

const nameMtproto = async (simulator: SimulatorProcess): Promise<string> => {
  const face = await simulator.control<{ host: string; port: number; publicKey: string }>('getMtproto')
  const key = Buffer.from(face.publicKey.replaceAll(/-----[^-]+-----|\s/g, ''), 'base64').toString('base64url')
  return `mtproto://${face.host}:${face.port}/?key=${key}`
}

interface Stage {
  readonly database: BenchDatabase
  readonly simulator: SimulatorProcess
  readonly telegram: Mtproto
  readonly tenantId: number
  readonly mtprotoRoot: string
}

/** Logs a person in by phone and code, keeps the sealed session, and lets go of the connection. */
const linkUser = async (
  { database: { db }, simulator, telegram, tenantId, mtprotoRoot }: Stage,
  n: number,
): Promise<Person> => {
  const phone = `90555${String(1_000_000 + n)}`
  const { userId } = await simulator.control<{ userId: number }>('createUserLogin', { phone, firstName: `Kişi ${n}` })
  const session = await inTenant(db, tenantId, (tx) => createUserSession(tx, mtprotoRoot, systemClock.now()))
  const { login } = telegram
  const sent = await login.requestCode(session, phone)
  if (sent.kind !== 'done') throw new Error(`no code: ${sent.refusal}`)
  const { code } = await simulator.control<{ code: string }>('getLoginCode', { phone })
  const entered = await login.submitCode(session, phone, sent.value.codeHash, code)
  if (entered.kind !== 'done') throw new Error(`no login: ${entered.refusal}`)
  await login.release(session)
  const { id: accountId } = await db
    .insertInto('account')
    .values({
      tenant_id: tenantId,
      kind: 'user',
      linked_by: 'session',
      session_id: session.sessionId,
      api_root: mtprotoRoot,
      telegram_id: userId,
      display_name: `Kişi ${n}`,
      update_mode: 'off',
      webhook_key: `bench-user-${n}`,
      webhook_secret_sealed: Buffer.from([0]),
      linked_at: toDate(systemClock.now()),
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  return { accountId, userId }
}

/** A friend of each person writes until the first word arrives (none is told of before an account listens), then more. */
const receiveAll = async (
  { db }: BenchDatabase,
  simulator: SimulatorProcess,
  people: readonly Person[],
): Promise<void> => {
  const { ids } = await simulator.control<{ ids: readonly number[] }>('createUsers', { count: 1 })
  const friend = ids[0] ?? 0
  const say = (userId: number, text: string) =>
    simulator.control('writeToUser', { userId: friend, toUserId: userId, text })
  const { rows: before } = await sql<{ account_id: number; n: number }>`
    select account_id, count(*)::integer as n from update_inbox group by account_id`.execute(db)
  const heardBefore = new Map(before.map((row) => [row.account_id, row.n]))
  const silent = async (wanted: number): Promise<readonly Person[]> => {
    const { rows } = await sql<{ account_id: number; n: number }>`
      select account_id, count(*)::integer as n from update_inbox where state <> 'new' group by account_id`.execute(db)
    const heard = new Map(rows.map((row) => [row.account_id, row.n]))
    return people.filter(({ accountId: id }) => (heard.get(id) ?? 0) - (heardBefore.get(id) ?? 0) < wanted)
  }
  const hear = async () => {
    const left = await silent(1)
    for (const { userId } of left) await say(userId, 'Ses')
    await systemClock.sleep(1_000)
    return left.length === 0
  }
  await until(hear, LIMIT_MS, 'every account hears')
  for (let n = 0; n < MESSAGES_EACH; n++) for (const { userId } of people) await say(userId, `Selam ${n}`)
  await until(async () => (await silent(MESSAGES_EACH)).length === 0, LIMIT_MS, 'every account receives')
}
