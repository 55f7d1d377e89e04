import { describe, expect, it } from 'vitest'

import { inTenant } from '#server/db/tenant-scope.ts'
import { auditGuard, deliveryStatus } from '#server/modules/delivery/index.ts'

import { inspectLedger } from './simulation/inspect-ledger.ts'
import { inspectSales, inspectTalks } from './simulation/inspect-talks.ts'
import { PEOPLE, SEED, START, liveMonth } from './simulation/live-month.ts'
import { openSimulation } from './simulation/open-simulation.ts'
import { TALKERS } from './simulation/live-talks.ts'
import { findUnknownBlocks, readKnowledge } from './simulation/read-knowledge.ts'
import { POST, WELCOME } from './simulation/settle-shop.ts'

describe('thirty days of people, talks, sales, floods, faults, kills and restarts', () => {
  it('lose nobody, message nobody twice, and nobody against their will', async () => {
    const simulation = await openSimulation(SEED, START)
    try {
      const { ends, stops, talks, deeds, manual } = await liveMonth(simulation)
      const { simulator, tenantId, db, accepted } = simulation
      const stats = simulator.control.getStats({})
      const people = simulator.people.counts

      // The month was as bad as it was meant to be.
      expect(ends.dead).toBeGreaterThanOrEqual(4)
      expect(ends.without_database).toBeGreaterThanOrEqual(2)
      expect(Object.keys(stats.faults)).toEqual(
        expect.arrayContaining(['drop_after', 'drop_before', 'too_many_requests', 'restart', 'bad_gateway_after']),
      )
      expect(stops).toBeGreaterThan(5)
      expect(people.blocked).toBeGreaterThan(0)

      // Nobody was lost: every start, every message and every block is known, and nothing waits unread.
      const known = await readKnowledge(simulation)
      expect(known.contacts).toBe(PEOPLE + TALKERS)
      expect(known.started).toBe(people.started + 2 * TALKERS)
      expect(known.received).toBe(people.wrote + people.answered + people.stopped + stops + talks.written())
      expect(known.unfinished).toBe(0)
      expect(await findUnknownBlocks(simulation)).toEqual([])

      // The ledger and Telegram tell the same story, and nothing in it breaks a promise.
      const ledger = await inspectLedger(simulation)
      expect(ledger.sentTwice).toEqual([])
      expect(ledger.unaccounted).toEqual([])
      expect(ledger.neverAccepted).toEqual([])
      expect(ledger.againstWill).toEqual([])
      expect(ledger.commercial).toBeGreaterThan(70)
      expect(accepted).toHaveLength(stats.acceptedMessages)
      expect(stats.prematureRetries).toBe(0)
      const audit = await auditGuard(db, tenantId)
      expect(audit.findings).toEqual([])
      expect(audit.checked).toBeGreaterThanOrEqual(accepted.length)

      // The loop is closed: people answered, answers were credited, and segments tell people apart.
      const status = await inTenant(db, tenantId, deliveryStatus)
      expect(status.deliveries.reserved).toBe(0)
      expect(status.deliveries.unknown).toBeGreaterThan(0)
      expect(status.responses).toBeGreaterThan(30)
      expect(status.refusedBy['holdout']).toBeGreaterThan(0)
      expect(Object.keys(known.segments).length).toBeGreaterThanOrEqual(4)
      expect(Math.max(...Object.values(known.segments))).toBeLessThan((PEOPLE + TALKERS) / 2)

      // Whatever was said to people, a member or a rule of theirs stood behind it.
      const said = await inspectTalks(simulation, manual)
      expect(said.sentInManualMode).toEqual([])
      expect(said.writtenByMembers).toBeGreaterThan(3)
      expect(said.leftUndecided).toEqual([])
      expect(said.draftStates['rejected']).toBeGreaterThan(1)
      expect(said.draftStates['expired']).toBeGreaterThan(3)
      expect(said.draftStates['approved']).toBeGreaterThan(1)
      expect(said.undisclosed).toEqual([])
      expect(said.saidByModel).toBeGreaterThan(7)
      expect(said.outOfTurn).toEqual([])
      expect(said.takeovers).toBeGreaterThan(5)
      expect(said.invented).toEqual([])
      expect(said.priced).toBeGreaterThan(20)
      expect(simulation.model.given.get('invented')).toBeGreaterThan(1)
      expect(simulation.model.given.get('outage')).toBeGreaterThan(0)
      expect(talks.counts.askedForPerson).toBeGreaterThan(1)
      expect(deeds.gaveBack).toBeGreaterThan(2)
      expect(known.ratings).toBeGreaterThan(1)

      // In groups bots speak to people alone, and spam goes.
      expect(said.botToBot).toEqual([])
      expect(said.answersInGroups).toBeGreaterThan(5)
      expect(accepted.filter(({ text }) => text.startsWith(WELCOME)).length).toBeGreaterThan(1)
      expect(accepted.filter(({ text }) => text.startsWith(POST)).length).toBeGreaterThan(15)
      expect(known.spamRemoved).toBeGreaterThan(3)

      // Nobody is invited who said no or was asked within the month, and who comes by a link is known.
      expect(said.pestered).toEqual([])
      expect(said.invitations).toBeGreaterThan(5)
      expect(simulation.words.refusals.length).toBeGreaterThan(0)
      expect(known.joinedByLink).toBe(talks.counts.joinedByLink)
      expect(talks.counts.joinedByLink).toBeGreaterThan(0)

      // What was paid was handed over once, and what was paid twice is known and given back.
      const sold = await inspectSales(simulation)
      expect(sold.deliveredWrong).toEqual([])
      expect(sold.deliveredUnpaid).toEqual([])
      expect(sold.delivered).toBeGreaterThan(5)
      expect(sold.paidOrders).toBeGreaterThanOrEqual(sold.delivered)
      expect(sold.paidTwice).toBeGreaterThan(0)
      expect(sold.givenBack).toBe(sold.paidTwice)
    } finally {
      await simulation.close()
    }
  }, 900_000)
})
