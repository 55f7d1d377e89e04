import path from 'node:path'

import { sql } from 'kysely'

import { systemClock } from '#server/base/clock.ts'
import { readOrCreateKeyFile } from '#server/base/key-file.ts'
import { secretBox } from '#server/base/secret.ts'

import { type Bench, Bounds } from '../bench.ts'
import type { AppInput } from '../rig/app-process.ts'
import { createAudience } from '../rig/audience.ts'
import { startChild } from '../rig/child.ts'
import { countOpen } from '../rig/queue.ts'
import {
  type BenchDatabase,
  type SimulatorProcess,
  createBenchTenant,
  startBenchDatabase,
  startSimulatorProcess,
} from '../rig/rig.ts'
import { prepareChat } from './prepare-chat.ts'

/** What people say, in turn: of ten, four ask the model, three hit a rule, three give a command. */
const KINDS = ['model', 'rule', 'command', 'model', 'rule', 'command', 'model', 'rule', 'command', 'model'] as const
type Kind = (typeof KINDS)[number]
const RULE_WORDS = ['Adres nerede acaba?', 'Saat kaçta açıksınız?', 'İade nasıl oluyor?']
const TEXTS: Readonly<Record<Kind, (n: number) => string>> = {
  model: (n) => `Merhaba, ${n} numaralı koli ne zaman yola çıkar?`,
  rule: (n) => RULE_WORDS[n % RULE_WORDS.length] ?? '',
  command: (n) => (n % 2 === 0 ? '/menu' : '/fiyat'),
}

interface Question {
  readonly userId: number
  readonly botId: number
  readonly kind: Kind
  readonly at: number
}

interface Talker {
  readonly userId: number
  readonly botId: number
}

/** Before anything is measured. */
const WARM_UP = 200
/** Telegram lets one bot send 30 messages a second, so 200 answers a second are those of seven bots at least. */
const BOTS = 8
const TICK_MS = 50

interface Accepted {
  readonly at: number
  readonly chatId: number
}

/** Everything that somebody still waits for: turns that are owed, and answers that have not left. */
const countOwed = async ({ db }: BenchDatabase, tenantId: number): Promise<number> => {
  const { rows } = await sql<{ owed: number }>`
    select count(*)::integer as owed from answer_turn where tenant_id = ${tenantId} and state = 'pending'`.execute(db)
  return (rows[0]?.owed ?? 0) + (await countOpen(db, tenantId))
}

/** Lets people write at a steady pace, each once, whatever the answers do. Gives what was owed after each quarter. */
const talk = async (
  simulator: SimulatorProcess,
  people: readonly Talker[],
  perSecond: number,
  owed: () => Promise<number>,
) => {
  const questions: Question[] = []
  const owedAfter: number[] = []
  const startedAt = performance.now()
  const saying: Promise<unknown>[] = []
  let quarter = 1
  while (questions.length < people.length) {
    const due = Math.min(people.length, Math.floor(((performance.now() - startedAt) / 1_000) * perSecond))
    while (questions.length < due) {
      const n = questions.length
      const { userId, botId } = people[n] ?? { userId: 0, botId: 0 }
      const kind = KINDS[n % KINDS.length] ?? 'command'
      questions.push({ userId, botId, kind, at: systemClock.now() })
      saying.push(simulator.control('sendText', { userId, botId, text: TEXTS[kind](n) }))
    }
    if (questions.length >= (people.length * quarter) / 4) {
      owedAfter.push(await owed())
      quarter += 1
    }
    await systemClock.sleep(TICK_MS)
  }
  await Promise.all(saying)
  return { questions, owedAfter, seconds: (performance.now() - startedAt) / 1_000 }
}

const quantileOf = (sorted: readonly number[], q: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? Infinity

/** How long until each was answered, by kind, without the time the model takes; those never answered are `Infinity`. */
const latenciesOf = (
  questions: readonly Question[],
  log: readonly Accepted[],
  modelMs: number,
): Readonly<Record<Kind, readonly number[]>> => {
  const answeredAt = new Map<number, number>()
  for (const { chatId, at } of log) if (!answeredAt.has(chatId)) answeredAt.set(chatId, at)
  const of = (kind: Kind) =>
    questions
      .filter((question) => question.kind === kind)
      .map(({ userId, at }) => (answeredAt.get(userId) ?? Infinity) - at - (kind === 'model' ? modelMs : 0))
      .sort((a, b) => a - b)
  return { model: of('model'), rule: of('rule'), command: of('command') }
}

interface ChatInput {
  readonly seconds: number
  readonly perSecond: number
  readonly modelMs: number
  readonly bots: number
}

type Bot = Readonly<Record<'id', number> & Record<'token', string>>

/** Bots, and people who started them: of `count`, each bot has its share. */
const createPeople = async (simulator: SimulatorProcess, bots: number, count: number) => {
  const made: { readonly bot: Bot; readonly ids: readonly number[] }[] = []
  for (let n = 0; n < bots; n += 1) {
    const bot = await simulator.control<Bot>('createBot', { username: `bench_chat_${n}_bot` })
    const share = { count: Math.ceil(count / bots), startedBotId: bot.id }
    made.push({ bot, ids: (await simulator.control<{ ids: readonly number[] }>('createUsers', share)).ids })
  }
  return made
}

/** One of each bot's people after another. */
const inTurn = (made: Awaited<ReturnType<typeof createPeople>>): readonly Talker[] =>
  (made[0]?.ids ?? []).flatMap((_, n) => made.map(({ bot, ids }) => ({ userId: ids[n] ?? 0, botId: bot.id })))

const chat = async ({ seconds, perSecond, modelMs, bots }: ChatInput) => {
  const simulator = await startSimulatorProcess({ latencyMs: 5, limits: false })
  const database = await startBenchDatabase()
  const model = startChild('chat/model-process.ts', { delayMs: modelMs })
  try {
    const { baseUrl } = await model.receive<{ baseUrl: string }>()
    const { db, connectionString, dataDir } = database
    const tenantId = await createBenchTenant(db)
    const count = seconds * perSecond
    const made = await createPeople(simulator, bots, count + WARM_UP)
    const people = inTurn(made)
    const app = startChild('rig/app-process.ts', {
      connectionString,
      dataDir,
      tenantId,
      tokens: made.map(({ bot }) => bot.token),
      apiRoot: simulator.apiRoot,
      perSecond: 1_000_000,
      settings: {
        LLM_BASE_URL: baseUrl,
        LLM_MODEL: 'bench',
        LLM_PRIVATE_ADDRESSES: 'on',
        // How long somebody may go on writing is a choice, and no time of ours.
        ANSWER_DEBOUNCE_MS: '0',
      },
    } satisfies AppInput)
    const { accountIds } = await app.receive<{ accountIds: readonly number[] }>()
    for (const [n, accountId] of accountIds.entries()) await createAudience(db, tenantId, accountId, made[n]?.ids ?? [])
    await prepareChat(db, tenantId, accountIds, secretBox(readOrCreateKeyFile(path.join(dataDir, 'key'))))
    const owed = () => countOwed(database, tenantId)
    await talk(simulator, people.slice(count), perSecond / 4, owed)
    await systemClock.sleep(2_000)
    const told = await talk(simulator, people.slice(0, count), perSecond, owed)
    await systemClock.sleep(3_000)
    const owedInTheEnd = await owed()
    await app.stop()
    const log = await simulator.control<readonly Accepted[]>('listMessages', { limit: 100_000 })
    const latencies = latenciesOf(told.questions, log, modelMs)
    return { ...told, owedInTheEnd, latencies }
  } finally {
    await model.stop()
    await database.stop()
    await simulator.stop()
  }
}

export const bench: Bench = {
  name: 'chat',
  does: 'conversations answered by rule, by command and by a model of 300 ms, through the whole server, for two minutes',
  async run({ numbers, onProgress }) {
    const modelMs = numbers['model-ms'] ?? 300
    const perSecond = numbers['per-second'] ?? 200
    const bots = numbers.bots ?? BOTS
    const r = await chat({ seconds: numbers.seconds ?? 120, perSecond, modelMs, bots })
    const all = [...r.latencies.model, ...r.latencies.rule, ...r.latencies.command].sort((a, b) => a - b)
    const answered = all.filter((ms) => Number.isFinite(ms)).length
    onProgress(`owed after each quarter: ${r.owedAfter.join(', ')}; in the end: ${r.owedInTheEnd}`)
    const bounds = new Bounds()
    bounds.hold('questions a second', r.questions.length / r.seconds, '>=', perSecond * 0.97)
    bounds.hold('answered', answered, '>=', r.questions.length)
    bounds.hold('p99 ms without the model', quantileOf(all, 0.99), '<=', 150)
    bounds.hold(
      'owed after the last quarter',
      r.owedAfter.at(-1) ?? Infinity,
      '<=',
      (r.owedAfter[0] ?? 0) * 2 + perSecond,
    )
    bounds.hold('owed in the end', -r.owedInTheEnd, '>=', 0)
    return bounds.result('chat', {
      questions: r.questions.length,
      perSecond: r.questions.length / r.seconds,
      answered,
      p50Ms: quantileOf(all, 0.5),
      p95Ms: quantileOf(all, 0.95),
      p99Ms: quantileOf(all, 0.99),
      modelP99Ms: quantileOf(r.latencies.model, 0.99),
      ruleP99Ms: quantileOf(r.latencies.rule, 0.99),
      commandP99Ms: quantileOf(r.latencies.command, 0.99),
      owedAtFirst: r.owedAfter[0] ?? 0,
      owedAtLast: r.owedAfter.at(-1) ?? 0,
    })
  },
}
