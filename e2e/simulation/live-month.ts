import { sql } from 'kysely'

import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '#server/base/duration.ts'
import { localHour } from '#server/base/local-time.ts'
import { type Random, seededRandom } from '#server/base/random.ts'
import { inTenant } from '#server/db/tenant-scope.ts'
import { createCampaign, startCampaign } from '#server/modules/campaigns/index.ts'
import { setReplyMode } from '#server/modules/conversations/index.ts'
import { approveTemplate, createTemplate } from '#server/modules/templates/index.ts'
import { ownerAt } from '#server/testing/factories.ts'

import { listButtons } from './dialogs.ts'
import type { ManualPhase } from './inspect-talks.ts'
import { type Talks, createTalks } from './live-talks.ts'
import type { Simulation } from './open-simulation.ts'
import type { RehearsedProcess, TickEnd, TickOptions } from './rehearsed-process.ts'
import { type Groups, openGroups, openShop, runGroups } from './settle-shop.ts'
import { type DeedCounts, openInbox } from './work-inbox.ts'

export const SEED = 20_260_320
/** Friday, 09:00 in Istanbul; the clocks of Europe change on the tenth day. */
export const START = Date.UTC(2026, 2, 20, 6)
const DAYS = 30
/** Days whose evenings are for talking. */
const TALK_DAYS: ReadonlySet<number> = new Set([1, 2, 6, 12, 16, 21, 22, 26])
const ROUNDS = 6
export const PEOPLE = 40
const MANUAL_FROM = START + 20 * DAY_MS
const MANUAL_TO = START + 24 * DAY_MS

/** People who come within three days, and the two groups of the tenant. */
const settle = (simulation: Simulation) => {
  const { control } = simulation.simulator
  const botIds = simulation.accounts.map((account) => account.telegramId)
  const groups = openGroups(simulation)
  control.populate({
    count: PEOPLE,
    botIds,
    chatIds: [groups.groupId],
    mix: {
      enthusiast: 0.2,
      loyal: 0.15,
      casual: 0.2,
      night_owl: 0.1,
      bargain_hunter: 0.1,
      lurker: 0.1,
      blocker: 0.25,
      silent: 0.05,
    },
    arriveWithinMs: 3 * DAY_MS,
  })
  return groups
}

/** Most people answer the question they were asked: six in ten with a yes, and some of those also for the night. */
const answerQuestions = ({ simulator, accounts }: Simulation, random: Random, asked: Set<number>) => {
  const botId = accounts[0]?.telegramId ?? 0
  for (const { user } of simulator.people.people()) {
    if (asked.has(user.id)) continue
    const { messages, isBlocked } = simulator.control.getDialog({ userId: user.id, botId })
    if (isBlocked) continue
    const yes = listButtons({ userId: user.id, botId, messages }).find(({ action }) => action === 'consent_yes')
    if (!yes) continue
    asked.add(user.id)
    if (random.next() < 0.6)
      simulator.control.press({ userId: user.id, botId, messageId: yes.messageId, button: yes.label })
  }
}

/** Somebody who allowed messages has had enough, whatever the server is doing. Returns whether there was one. */
const sayStop = ({ simulator, accounts, words, time }: Simulation, random: Random): boolean => {
  const lastWords = new Map(words.words.map((word) => [word.personId, word.allows]))
  const willing = [...lastWords].filter(([, allows]) => allows).map(([personId]) => personId)
  const userId = willing[Math.floor(random.next() * willing.length)]
  const botId = accounts[0]?.telegramId ?? 0
  if (userId === undefined || simulator.control.getDialog({ userId, botId }).isBlocked) return false
  simulator.control.sendText({ userId, botId, text: localHour(time.world.now(), 'UTC') % 2 === 0 ? '/stop' : 'DUR' })
  return true
}

/** Some live elsewhere, where clocks change within the month. */
const spreadOverZones = ({ db, tenantId }: Simulation) =>
  sql`
    update contact set time_zone = case when id % 3 = 0 then 'Europe/Berlin' else 'America/New_York' end
    where tenant_id = ${tenantId} and time_zone is null and id % 10 < 3`.execute(db)

const launch = ({ db, tenantId, accounts, time }: Simulation, kind: 'broadcast' | 'drip') =>
  inTenant(db, tenantId, async (tx) => {
    const at = time.world.now()
    const steps = []
    for (const afterHours of kind === 'drip' ? [0, 48, 120] : [0]) {
      const text = `{{sender}}: {{first_name|merhaba}}, ${kind} ${afterHours}. saat haberi. {{opt_out}}`
      const buttons = [[{ text: 'Fiyat', action: 'price' }]]
      const variants = [{ name: 'a', locale: 'tr', text, buttons }] as const
      const { id } = await createTemplate(
        tx,
        { name: `${kind} ${afterHours}`, messageClass: 'commercial', variants },
        at,
      )
      await approveTemplate(tx, id, at)
      steps.push({ templateId: id, afterHours })
    }
    const account = accounts[kind === 'drip' ? 1 : 0]
    const { id } = await createCampaign(
      tx,
      { name: kind, kind, accountId: account?.accountId ?? 0, steps, holdoutRatio: 0.1 },
      ownerAt(at),
    )
    await startCampaign(tx, id, ownerAt(at))
  })

/** Everything Telegram and the network do to a bot, now and then. */
const addFaults = ({ simulator }: Simulation) => {
  const methods = ['sendMessage']
  const add = (kind: Parameters<typeof simulator.control.addFault>[0]['kind'], probability: number) =>
    simulator.control.addFault({
      kind,
      methods,
      probability,
      ...(kind === 'too_many_requests' && { retryAfter: [1, 120] as const }),
    })
  add('drop_after', 0.02)
  add('drop_before', 0.015)
  add('too_many_requests', 0.01)
  add('restart', 0.01)
  add('bad_gateway', 0.005)
  add('bad_gateway_after', 0.01)
  add('blocked', 0.002)
  simulator.control.addFault({ kind: 'restart', methods: ['getUpdates'], probability: 0.02 })
}

/** Hours after nine in the morning at which the server looks: in between people live on, and read what came. */
const LOOKS = [0, 5, 11].map((hours) => hours * HOUR_MS)

/** Every twelfth look the process may die in the middle of what it says, and about as often its database goes away. */
const mishapOf = (random: Random): TickOptions => {
  const chance = random.next()
  const atCall = 1 + Math.floor(random.next() * 4)
  if (chance < 0.08) return { mishap: { kind: 'death', atCall } }
  return chance < 0.15 ? { mishap: { kind: 'database', atCall } } : {}
}

/** What the month was like, beside what it left behind. */
export interface Month {
  readonly ends: Readonly<Record<TickEnd, number>>
  /** Stop words said beyond those that people say by themselves. */
  readonly stops: number
  readonly talks: Talks
  readonly deeds: DeedCounts
  readonly manual: ManualPhase
}

/** One bot's people answer alone for four days. */
const switchMode = (simulation: Simulation, mode: 'manual' | 'hybrid') =>
  simulation.within((tx) =>
    setReplyMode(tx, { accountId: simulation.accounts[1]?.accountId ?? 0, mode }, ownerAt(simulation.time.world.now())),
  )

/** What is done once, when its day has come. */
const planDays = (simulation: Simulation, groups: Groups): [number, () => Promise<unknown>][] => [
  [START + HOUR_MS, () => runGroups(simulation, groups)],
  [START + 3 * DAY_MS, () => launch(simulation, 'broadcast')],
  [START + 5 * DAY_MS, () => launch(simulation, 'drip')],
  [MANUAL_FROM, () => switchMode(simulation, 'manual')],
  [MANUAL_TO, () => switchMode(simulation, 'hybrid')],
]

/** A last day without mishaps: everything that waits for an hour or a retry has its turn, and doubts are listed. */
const comeToRest = async ({ simulator, time }: Simulation, process: RehearsedProcess) => {
  simulator.control.clearFaults({})
  simulator.control.stopPeople({})
  for (let step = 0; step < 4; step++) {
    await time.world.advance(10 * MINUTE_MS)
    await process.tick()
  }
  await process.stop()
}

/** Thirty days of a tenant with two bots, two groups and a shop, in which nothing outside can be relied on. */
export const liveMonth = async (simulation: Simulation): Promise<Month> => {
  const groups = settle(simulation)
  addFaults(simulation)
  await openShop(simulation)
  const random = seededRandom(SEED)
  const talks = createTalks(simulation, groups, seededRandom(SEED + 1))
  const inbox = openInbox(simulation, { from: MANUAL_FROM, to: MANUAL_TO }, seededRandom(SEED + 2))
  const asked = new Set<number>()
  const ends = { whole: 0, dead: 0, without_database: 0 }
  const days = planDays(simulation, groups)
  let stops = 0
  let process = simulation.start(SEED)
  const { world } = simulation.time
  const look = async () => {
    await world.advance(5 * SECOND_MS)
    const end = await process.tick(mishapOf(random))
    ends[end] += 1
    if (end === 'dead') process = simulation.start(world.now())
  }
  /** People and a member say something, the server looks, a minute goes by. */
  const talk = async () => {
    talks.gather()
    for (let round = 0; round < ROUNDS; round += 1) {
      if (round === 0 || round === 3) talks.act()
      if (round === 4 && random.next() < 0.3 && sayStop(simulation, random)) stops += 1
      talks.react()
      await inbox.work()
      await look()
      await world.advance(MINUTE_MS)
    }
  }
  for (let day = 0; day < DAYS; day += 1)
    for (const [index, after] of LOOKS.entries()) {
      const at = START + day * DAY_MS + after
      // Sending takes its seconds, so the clock may be a little past the hour already.
      await world.advance(Math.max(0, at - world.now()))
      while (days[0] && at >= days[0][0]) await days.shift()?.[1]()
      answerQuestions(simulation, random, asked)
      if (random.next() < 0.15 && sayStop(simulation, random)) stops += 1
      talks.react()
      await spreadOverZones(simulation)
      if (day === 0 && index === 1) talks.arrive()
      if (index === LOOKS.length - 1 && TALK_DAYS.has(day)) await talk()
      else await look()
    }
  await comeToRest(simulation, process)
  const botId = simulation.accounts[1]?.telegramId ?? 0
  return { ends, stops, talks, deeds: inbox.counts, manual: { botId, from: MANUAL_FROM, to: MANUAL_TO } }
}
