import { type Clock, systemClock } from '#server/base/clock.ts'
import { DAY_MS } from '#server/base/duration.ts'
import { silentLogger } from '#server/base/logger.ts'
import { translatorsOf } from '#server/base/translate.ts'
import type { Db } from '#server/db/pool.ts'
import { inTenant } from '#server/db/tenant-scope.ts'
import { InboxLane, receiveUpdates } from '#server/doors/updates/index.ts'
import { addRule } from '#server/modules/automations/index.ts'

import { type Bench, Bounds } from '../bench.ts'
import {
  type SimulatorProcess,
  createBenchBot,
  createBenchTenant,
  startBenchDatabase,
  startSimulatorProcess,
} from '../rig/rig.ts'
import { measureBareInserts } from './bare-inserts.ts'
import { countWrong } from './count-wrong.ts'
import { type Group, instantOf, updateOf } from './traffic.ts'

/** As many as one poll brings. */
const BATCH = 100
/** What is taken in waits for what is applied at this many batches. */
const AHEAD_MAX = 20
/** Telegram tells an update again while the answer to the first was lost. */
const REPEATED_EVERY = 50
/** Memory is read so many times on the way. */
const SAMPLES = 20
/** Before so many messages the process still grows to its working size. */
const WARM_UP = 150_000

/** The time the messages were written in; it goes on with them. */
class MessageTime implements Clock {
  at: number
  constructor(at: number) {
    this.at = at
  }
  now(): number {
    return this.at
  }
  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return systemClock.sleep(ms, signal)
  }
}

interface Sample {
  readonly done: number
  readonly rssMib: number
}

interface Taken {
  readonly perSecond: number
  readonly samples: readonly Sample[]
  readonly repeated: number
}

/** Takes `each` messages of every group in through the real intake and applies them, the groups side by side. */
const ingest = async (
  db: Db,
  groups: readonly Group[],
  each: number,
  onProgress: (line: string) => void,
): Promise<Taken> => {
  const total = each * groups.length
  const start = systemClock.now() - 3 * DAY_MS
  const begun = performance.now()
  const samples: Sample[] = []
  let done = 0
  let repeated = 0
  let nextMark = 0
  const note = (count: number) => {
    done += count
    if (done < nextMark * total) return
    const rssMib = process.memoryUsage().rss / 2 ** 20
    samples.push({ done, rssMib })
    nextMark += 1 / SAMPLES
    const perSecond = (done * 1_000) / (performance.now() - begun)
    onProgress(`${done} messages, ${Math.round(perSecond)}/s, RSS ${rssMib.toFixed(0)} MiB`)
  }
  const work = async (group: Group): Promise<void> => {
    const clock = new MessageTime(start)
    const lane = new InboxLane(
      { db, clock, log: silentLogger, translator: translatorsOf('bot'), answerCallback: async () => {} },
      { ...group.owner, lease: null },
    )
    const receive = { db, clock, log: silentLogger, count: () => {} }
    let waiting = 0
    for (let first = 1; first <= each; first += BATCH) {
      const batch = Array.from({ length: BATCH }, (_, i) => updateOf(group, first + i, instantOf(start, first + i)))
      clock.at = instantOf(start, first + BATCH)
      await receiveUpdates(receive, group.owner, batch)
      waiting += BATCH
      if ((first / BATCH) % REPEATED_EVERY < 1) {
        await receiveUpdates(receive, group.owner, batch)
        repeated += BATCH
      }
      if (waiting < AHEAD_MAX * BATCH) continue
      await lane.drain()
      note(waiting)
      waiting = 0
    }
    await lane.drain()
    note(waiting)
  }
  await Promise.all(groups.map(work))
  const perSecond = (total * 1_000) / (performance.now() - begun)
  samples.push({ done: total, rssMib: process.memoryUsage().rss / 2 ** 20 })
  return { perSecond, samples, repeated }
}

/** Bots of one tenant, each in a group of its own, with a rule that listens to everything that is said there. */
const openGroups = async (
  db: Db,
  tenantId: number,
  simulator: SimulatorProcess,
  count: number,
): Promise<readonly Group[]> => {
  const groups: Group[] = []
  for (let n = 1; n <= count; n++) {
    const { accountId } = await createBenchBot(db, tenantId, simulator, n)
    const username = `bench_${n}_bot`
    await db.updateTable('account').set({ username }).where('id', '=', accountId).execute()
    const given = {
      name: 'Adres',
      scope: 'group',
      groupReach: 'everything',
      trigger: { kind: 'keyword', words: ['adres*', 'nerede'] },
      actions: [{ kind: 'reply', texts: [{ locale: 'tr', text: 'Meydan 1' }] }],
    }
    const owner = { by: 'bench', access: { kind: 'member', role: 'owner' }, at: systemClock.now() } as const
    await inTenant(db, tenantId, (tx) => addRule(tx, { accountId, given }, owner))
    groups.push({ owner: { tenantId, accountId }, telegramId: -1_001_000_000_000 - n, username })
  }
  return groups
}

/** `--messages 100000` for a look, `--groups 2` for fewer side by side. */
const run: Bench['run'] = async ({ numbers, onProgress }) => {
  const messages = numbers['messages'] ?? 1_000_000
  const simulator = await startSimulatorProcess({ limits: false })
  const database = await startBenchDatabase()
  try {
    const { db } = database
    const tenantId = await createBenchTenant(db)
    const groups = await openGroups(db, tenantId, simulator, numbers['groups'] ?? 3)
    const evenly = (count: number) => Math.ceil(count / groups.length / BATCH) * BATCH
    const each = evenly(messages)
    const total = each * groups.length
    const bare = evenly(Math.min(messages, Math.max(BATCH * 50, Math.floor(messages / 10))))
    const ceiling = await measureBareInserts(db, groups, { each: bare, batch: BATCH })
    onProgress(`bare inserts: ${Math.round(ceiling)}/s`)
    const [cpu, dbCpuMs] = [process.cpuUsage(), database.cpuMs()]
    const { perSecond, samples, repeated } = await ingest(db, groups, each, onProgress)
    const spent = process.cpuUsage(cpu)
    const databaseMicros = ((database.cpuMs() - dbCpuMs) * 1_000) / total
    const wrong = await countWrong(db, tenantId, groups, each)
    const { answers } = await db
      .selectFrom('delivery')
      .select((e) => e.fn.countAll<number>().as('answers'))
      .executeTakeFirstOrThrow()
    onProgress(`${repeated} updates were told twice, ${answers} mentions were answered`)
    const bounds = new Bounds()
    bounds.hold('messages a second', perSecond, '>=', 3_000)
    bounds.hold('of bare inserts', perSecond / ceiling, '>=', 0.1)
    bounds.hold("memberships' counters beside what was sent", wrong.memberships, '<=', 0)
    bounds.hold("people's counters beside what was sent", wrong.people, '<=', 0)
    bounds.hold('updates that are not done once', wrong.inbox, '<=', 0)
    bounds.hold('spam found beside what was sent', wrong.findings, '<=', 0)
    const warm = samples.filter(({ done }) => done >= WARM_UP)
    const [warmMib, peakMib] = [warm[0]?.rssMib ?? 0, Math.max(...samples.map(({ rssMib }) => rssMib))]
    if (total > 2 * WARM_UP) bounds.hold('highest RSS / RSS once warm', peakMib / warmMib, '<=', 1.15)
    return bounds.result('groups', {
      messages: total,
      perSecond,
      bareInsertsPerSecond: ceiling,
      cpuMicrosPerMessage: (spent.user + spent.system) / total,
      databaseCpuMicrosPerMessage: databaseMicros,
      mentionsAnswered: answers,
      rssWarmMiB: warmMib,
      rssPeakMiB: peakMib,
      rssEndMiB: samples.at(-1)?.rssMib ?? 0,
    })
  } finally {
    await database.stop()
    await simulator.stop()
  }
}

export const bench: Bench = {
  name: 'groups',
  does: 'a million messages of groups through the real intake, with counters and memory, beside bare inserts',
  run,
}
