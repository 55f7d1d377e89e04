/**
 * How fast people come in: a CSV file of 100 000 rows of which every tenth repeats an earlier person, imported into an
 * empty tenant and then once more; and beside it, without a bound of their own, an export of 100 000 messages of a
 * group, and live group messages in batches and one by one.
 */
import { createWriteStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { finished } from 'node:stream/promises'

import { systemClock } from '#server/base/clock.ts'
import { DAY_MS, MINUTE_MS } from '#server/base/duration.ts'
import { seededRandom } from '#server/base/random.ts'
import type { Db } from '#server/db/pool.ts'
import { inTenant } from '#server/db/tenant-scope.ts'
import {
  type ContactActivity,
  importCsv,
  importTelegramExport,
  touchContact,
  touchContacts,
} from '#server/modules/contacts/index.ts'

import { type Bench, type BenchOptions, Bounds } from '../bench.ts'
import { createBenchTenant, startBenchDatabase } from '../rig/rig.ts'

const ROWS = 100_000
const DUPLICATES_RATIO = 0.1
const MESSAGES = 100_000
const PEOPLE = 2_000
const LIVE_BATCHES = 20
const LIVE_BATCH = 500
const LIVE_SINGLES = 500

const FIRST_NAMES = ['Ayşe', 'Mehmet', 'Işıl', 'Ömer', 'Şule', 'Çağrı', 'Gül', 'İbrahim', 'Ünal', 'Zeynep']
const LAST_NAMES = ['Yılmaz', 'Öztürk', 'Şahin', 'Çelik', 'Güneş', 'Ağaoğlu', 'Işık', 'Demir']
const pick = <T>(list: readonly T[], n: number): T => list[n % list.length] as T

const write = async (file: string, parts: Iterable<string>): Promise<void> => {
  const stream = createWriteStream(file)
  for (const part of parts)
    if (!stream.write(part)) await new Promise<void>((resolve) => void stream.once('drain', () => resolve()))
  stream.end()
  await finished(stream)
}

/** Rows about `rows * (1 - ratio)` people; each repetition is of somebody who stands further up. */
function* csvRows(rows: number, seed: number): Generator<string> {
  const random = seededRandom(seed)
  yield 'Telegram ID;Kullanıcı Adı;Ad;Soyad;Dil;Etiketler;Kayıt Tarihi\n'
  let people = 0
  for (let row = 1; row <= rows; row++) {
    const repeats = row > 1 && Math.floor(row * DUPLICATES_RATIO) > Math.floor((row - 1) * DUPLICATES_RATIO)
    const n = repeats ? Math.floor(random.next() * people) : people++
    const day = String(1 + (n % 28)).padStart(2, '0')
    yield `${800_000_000 + n};kisi_${n};${pick(FIRST_NAMES, n)};${pick(LAST_NAMES, n >> 3)};tr;müşteri|${n % 7};${day}.03.2026\n`
  }
}

function* exportMessages(messages: number, endsAt: number): Generator<string> {
  yield '{\n "name": "Ölçüm Grubu",\n "type": "private_supergroup",\n "id": 1500000001,\n "messages": ['
  for (let i = 0; i < messages; i++) {
    const n = (i * 7_919) % PEOPLE
    const at = endsAt - (messages - i) * MINUTE_MS
    const entry = {
      id: i + 1,
      type: 'message',
      date: new Date(at).toISOString().slice(0, 19),
      date_unixtime: String(Math.floor(at / 1_000)),
      from: `${pick(FIRST_NAMES, n)} ${n}`,
      from_id: `user${810_000_000 + n}`,
      text: i % 20 === 0 ? 'Bunun fiyatı ne kadar acaba?' : 'Bugün hava çok güzel, herkese iyi günler',
      text_entities: [],
    }
    yield `${i === 0 ? '' : ','}\n  ${JSON.stringify(entry)}`
  }
  yield '\n ]\n}\n'
}

const timed = async <T>(work: () => Promise<T>): Promise<readonly [T, number]> => {
  const start = performance.now()
  const result = await work()
  return [result, performance.now() - start]
}

const liveActivity = (n: number, at: number): ContactActivity => ({
  accountId: null,
  at,
  kind: 'group_message',
  messageId: 1_000_000 + n,
  text: 'canlı mesaj',
  chat: { telegramId: -1_001_500_000_001, kind: 'supergroup', title: 'Ölçüm Grubu' },
  person: {
    telegramId: 810_000_000 + ((n * 31) % PEOPLE),
    firstName: pick(FIRST_NAMES, n),
    lastName: '',
    isPremium: false,
    isBot: false,
  },
})

/** Live group messages per second, in batches and one by one; the group itself talks at ten messages a second. */
const measureLive = async (db: Db, tenantId: number) => {
  const now = systemClock.now()
  const [, batchMs] = await timed(async () => {
    for (let b = 0; b < LIVE_BATCHES; b++) {
      const batch = Array.from({ length: LIVE_BATCH }, (_, i) =>
        liveActivity(b * LIVE_BATCH + i, now + (b * LIVE_BATCH + i) * 100),
      )
      await inTenant(db, tenantId, (tx) => touchContacts(tx, batch))
    }
  })
  const [, singleMs] = await timed(async () => {
    for (let i = 0; i < LIVE_SINGLES; i++) {
      await inTenant(db, tenantId, (tx) => touchContact(tx, liveActivity(500_000 + i, now + (500_000 + i) * 100)))
    }
  })
  return {
    liveBatchedPerSecond: (LIVE_BATCHES * LIVE_BATCH * 1_000) / batchMs,
    liveSinglePerSecond: (LIVE_SINGLES * 1_000) / singleMs,
  }
}

const run = async ({ numbers, onProgress }: BenchOptions) => {
  const [rows, messages] = [numbers['rows'] ?? ROWS, numbers['messages'] ?? MESSAGES]
  const folder = await mkdtemp(path.join(tmpdir(), 'gavatcore-bench-import-'))
  const database = await startBenchDatabase()
  try {
    const { db } = database
    const deps = { db, clock: systemClock }
    const tenantId = await createBenchTenant(db)
    const [csv, json] = [path.join(folder, 'people.csv'), path.join(folder, 'result.json')]
    await write(csv, csvRows(rows, 1))
    await write(json, exportMessages(messages, systemClock.now() - DAY_MS))

    const [first, firstMs] = await timed(() => importCsv(deps, tenantId, csv))
    onProgress(`csv: ${first.created} contacts of ${first.rows} rows in ${Math.round(firstMs)} ms`)
    const [again, againMs] = await timed(() => importCsv(deps, tenantId, csv))
    onProgress(`csv again: ${again.unchanged} rows unchanged in ${Math.round(againMs)} ms`)
    const [history, historyMs] = await timed(() => importTelegramExport(deps, tenantId, json))
    onProgress(`export: ${history.newMessages} messages of ${history.created} people in ${Math.round(historyMs)} ms`)
    const live = await measureLive(db, tenantId)

    const bounds = new Bounds()
    const people = rows - Math.floor(rows * DUPLICATES_RATIO)
    bounds.hold('contacts per second', (first.created * 1_000) / firstMs, '>=', 5_000)
    bounds.hold('contacts missed or doubled', Math.abs(first.created - people), '<=', 0)
    bounds.hold('contacts made by a second run', again.created + again.updated, '<=', 0)
    bounds.hold('messages missed or doubled', Math.abs(history.newMessages - messages), '<=', 0)
    return bounds.result('import', {
      rows,
      created: first.created,
      contactsPerSecond: (first.created * 1_000) / firstMs,
      rowsPerSecond: (first.rows * 1_000) / firstMs,
      rowsPerSecondAgain: (again.rows * 1_000) / againMs,
      exportMessagesPerSecond: (history.newMessages * 1_000) / historyMs,
      ...live,
      rssMb: process.memoryUsage.rss() / 1_048_576,
      peakRssMb: process.resourceUsage().maxRSS / 1_024,
    })
  } finally {
    await database.stop()
    await rm(folder, { recursive: true, force: true })
  }
}

export const bench: Bench = {
  name: 'import',
  does: '100 000 CSV rows with every tenth a repetition; a Telegram export; live group messages',
  run,
}
