import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'

import { DAY_MS, HOUR_MS, MINUTE_MS } from '#server/base/duration.ts'
import { localHour } from '#server/base/local-time.ts'
import { type Random, seededRandom } from '#server/base/random.ts'
import { inTenant } from '#server/db/tenant-scope.ts'
import { createCampaign, startCampaign } from '#server/modules/campaigns/index.ts'
import { auditGuard, deliveryStatus } from '#server/modules/delivery/index.ts'
import { approveTemplate, createTemplate } from '#server/modules/templates/index.ts'

import { inspectLedger } from './simulation/inspect-ledger.ts'
import { type Simulation, openSimulation } from './simulation/open-simulation.ts'
import type { RehearsedProcess, TickOptions } from './simulation/rehearsed-process.ts'

const SEED = 20_260_320
/** Friday, 09:00 in Istanbul; the clocks of Europe change on the tenth day. */
const START = Date.UTC(2026, 2, 20, 6)
const DAYS = 30
const PEOPLE = 200

const settle = (simulation: Simulation) => {
  const { control } = simulation.simulator
  const botIds = simulation.accounts.map((account) => account.telegramId)
  const owner = control.createUser({ firstName: 'Sahip' })
  const { id: chatId } = control.createChat({ type: 'supergroup', title: 'Müşteriler', ownerId: owner.id })
  for (const memberId of botIds) control.setMember({ chatId, memberId, status: 'administrator' })
  control.populate({
    count: PEOPLE,
    botIds,
    chatIds: [chatId],
    mix: {
      enthusiast: 0.2,
      loyal: 0.15,
      casual: 0.2,
      night_owl: 0.1,
      bargain_hunter: 0.1,
      lurker: 0.1,
      blocker: 0.1,
      silent: 0.05,
    },
    arriveWithinMs: 3 * DAY_MS,
  })
}

/** Most people answer the question they were asked: six in ten with a yes, and some of those also for the night. */
const answerQuestions = ({ simulator, accounts }: Simulation, random: Random, asked: Set<number>) => {
  const botId = accounts[0]?.telegramId ?? 0
  for (const { user } of simulator.people.people()) {
    if (asked.has(user.id)) continue
    const { messages, isBlocked } = simulator.control.getDialog({ userId: user.id, botId })
    const question = messages.findLast((message) => message.from?.id === botId && message.reply_markup)
    if (!question || isBlocked) continue
    asked.add(user.id)
    const buttons = (question.reply_markup?.inline_keyboard ?? []).flat()
    const yes = buttons.find((button) => 'callback_data' in button && button.callback_data.includes('consent_yes'))
    if (yes && random.next() < 0.6)
      simulator.control.press({ userId: user.id, botId, messageId: question.message_id, button: yes.text })
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
      at,
    )
    await startCampaign(tx, id, at)
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
  add('drop_before', 0.01)
  add('too_many_requests', 0.01)
  add('restart', 0.01)
  add('bad_gateway', 0.005)
  add('bad_gateway_after', 0.005)
  add('blocked', 0.002)
  simulator.control.addFault({ kind: 'restart', methods: ['getUpdates'], probability: 0.02 })
}

/** Every hour of the day, three times a night: until the next look of the server, people live on. */
const nextStepMs = (at: number): number => {
  const hour = localHour(at, 'Europe/Istanbul')
  if (hour >= 9 && hour < 23) return HOUR_MS
  return (hour === 2 ? 4 : 3) * HOUR_MS
}

/** The process dies about every other day in the middle of its sends, and about every third day its database goes away. */
const mishapOf = (random: Random): TickOptions => {
  const chance = random.next()
  const atSend = 1 + Math.floor(random.next() * 4)
  if (chance < 0.15) return { mishap: { kind: 'death', atSend } }
  return chance < 0.25 ? { mishap: { kind: 'database', atSend } } : {}
}

const live = async (simulation: Simulation) => {
  const random = seededRandom(SEED)
  const asked = new Set<number>()
  const ends = { whole: 0, dead: 0, without_database: 0 }
  let stops = 0
  let process: RehearsedProcess = simulation.start(SEED)
  const launches: [number, 'broadcast' | 'drip'][] = [
    [START + 3 * DAY_MS, 'broadcast'],
    [START + 5 * DAY_MS, 'drip'],
  ]
  const { world } = simulation.time
  for (let at = START; at < START + DAYS * DAY_MS; at += nextStepMs(at)) {
    // Sending takes its seconds, so the clock may be a little past the hour already.
    await world.advance(Math.max(0, at - world.now()))
    if (launches[0] && at >= launches[0][0]) await launch(simulation, launches.shift()?.[1] ?? 'drip')
    answerQuestions(simulation, random, asked)
    if (random.next() < 0.05 && sayStop(simulation, random)) stops += 1
    await spreadOverZones(simulation)
    const end = await process.tick(mishapOf(random))
    ends[end] += 1
    if (end === 'dead') process = simulation.start(at)
  }
  // A last day without mishaps: everything that waits for an hour or a retry has its turn, and doubts are listed.
  simulation.simulator.control.clearFaults({})
  simulation.simulator.control.stopPeople({})
  for (let step = 0; step < 4; step++) {
    await world.advance(10 * MINUTE_MS)
    await process.tick()
  }
  await process.stop()
  return { ends, stops }
}

/** What the server knows in the end, beside the ledger. */
const readKnowledge = async ({ db, tenantId }: Simulation) => {
  const { rows } = await sql<{
    contacts: number
    started: number
    received: number
    unfinished: number
    segments: Record<string, number>
  }>`
    select (select count(*) from contact where tenant_id = ${tenantId}) as contacts,
      (select count(*) from contact_account where tenant_id = ${tenantId} and started_at is not null) as started,
      (select count(*) from message where tenant_id = ${tenantId} and direction = 'in' and chat_id > 0) as received,
      (select count(*) from update_inbox where state in ('new', 'parked')) as unfinished,
      (select jsonb_object_agg(s, n) from (
        select primary_segment as s, count(*) as n from segment_assignment
        where tenant_id = ${tenantId} and primary_segment is not null group by 1
      ) of_segment) as segments`.execute(db)
  const row = rows[0]
  if (!row) throw new Error('the database counts nothing')
  return row
}

/** Dialogs in which the person has blocked the bot and the server believes it could write. */
const findUnknownBlocks = async ({ db, tenantId, simulator, accounts }: Simulation): Promise<readonly string[]> => {
  const rows = await db
    .selectFrom('contact_account as a')
    .innerJoin('contact as c', (join) =>
      join.onRef('c.id', '=', 'a.contact_id').onRef('c.tenant_id', '=', 'a.tenant_id'),
    )
    .select(['c.telegram_id', 'a.account_id'])
    .where('a.tenant_id', '=', tenantId)
    .where('a.reachability', '=', 'reachable')
    .execute()
  const botOf = new Map(accounts.map((account) => [account.accountId, account.telegramId]))
  return rows.flatMap(({ telegram_id: userId, account_id: accountId }) => {
    const botId = botOf.get(accountId) ?? 0
    return userId !== null && simulator.control.getDialog({ userId, botId }).isBlocked ? [`${userId}:${botId}`] : []
  })
}

describe('thirty days of people, floods, faults, kills and restarts', () => {
  it('lose nobody, message nobody twice, and nobody against their will', async () => {
    const simulation = await openSimulation(SEED, START)
    try {
      settle(simulation)
      addFaults(simulation)
      const { ends, stops } = await live(simulation)
      const { simulator, tenantId, db, accepted } = simulation
      const stats = simulator.control.getStats({})
      const people = simulator.people.counts

      // The month was as bad as it was meant to be.
      expect(ends.dead).toBeGreaterThanOrEqual(10)
      expect(ends.without_database).toBeGreaterThanOrEqual(3)
      expect(Object.keys(stats.faults)).toEqual(
        expect.arrayContaining(['drop_after', 'drop_before', 'too_many_requests', 'restart', 'bad_gateway_after']),
      )
      expect(stops).toBeGreaterThan(10)
      expect(people.blocked).toBeGreaterThan(5)

      // Nobody was lost: every start, every message and every block is known, and nothing waits unread.
      const known = await readKnowledge(simulation)
      expect(known.contacts).toBe(PEOPLE)
      expect(known.started).toBe(people.started)
      expect(known.received).toBe(people.wrote + people.answered + people.stopped + stops)
      expect(known.unfinished).toBe(0)
      expect(await findUnknownBlocks(simulation)).toEqual([])

      // The ledger and Telegram tell the same story, and nothing in it breaks a promise.
      const ledger = await inspectLedger(simulation)
      expect(ledger.sentTwice).toEqual([])
      expect(ledger.unaccounted).toEqual([])
      expect(ledger.neverAccepted).toEqual([])
      expect(ledger.againstWill).toEqual([])
      expect(ledger.commercial).toBeGreaterThan(300)
      expect(accepted).toHaveLength(stats.acceptedMessages)
      expect(stats.prematureRetries).toBe(0)
      const audit = await auditGuard(db, tenantId)
      expect(audit.findings).toEqual([])
      expect(audit.checked).toBeGreaterThanOrEqual(accepted.length)

      // The loop is closed: people answered, answers were credited, and segments tell people apart.
      const status = await inTenant(db, tenantId, deliveryStatus)
      expect(status.deliveries.reserved).toBe(0)
      expect(status.deliveries.unknown).toBeGreaterThan(0)
      expect(status.responses).toBeGreaterThan(100)
      expect(status.refusedBy['holdout']).toBeGreaterThan(0)
      expect(Object.keys(known.segments).length).toBeGreaterThanOrEqual(5)
      expect(Math.max(...Object.values(known.segments))).toBeLessThan(PEOPLE / 2)
    } finally {
      await simulation.close()
    }
  }, 900_000)
})
