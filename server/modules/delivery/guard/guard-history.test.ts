import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { CONSENT_PURPOSES, MESSAGE_CLASSES } from '#contract/words.ts'
import { DAY_MS, HOUR_MS } from '#server/base/duration.ts'
import { CLOCK_CHANGES, TIME_ZONES, arbitraryLimits, arbitraryStrategy } from '#server/testing/guard-arbitraries.ts'
import {
  type LedgerEntry,
  type LedgerWorld,
  type RecordedEntry,
  brokenPromises,
  factsFromLedger,
  hourIn,
} from '#server/testing/guard-ledger.ts'

import { decide } from './guard.rules.ts'

const CONTACTS = 3
const GROUPS = [-100, -200]
/** Answers only, within a day. */
const BUSINESS_ACCOUNT = 3

interface Step {
  readonly entry: LedgerEntry
  readonly afterMs: number
  /** A word of the contact that comes just before the question. */
  readonly word: 'yes' | 'no' | 'stop' | 'hello' | null
}

const toEntry = (raw: {
  readonly accountId: number
  readonly target: number
  readonly inviteChatId: number | null
  readonly messageClass: LedgerEntry['messageClass']
  readonly isOutreach: boolean
  readonly isHuman: boolean
  readonly contentHash: number
  readonly strategy: LedgerEntry['strategy']
}): LedgerEntry => {
  const { target, ...rest } = raw
  const group = GROUPS[target - CONTACTS]
  return group === undefined
    ? { ...rest, contactId: target, chatId: 1_000 + target }
    : { ...rest, contactId: null, chatId: group, inviteChatId: null, strategy: null }
}

const step = (isSkewed: boolean): fc.Arbitrary<Step> =>
  fc.record({
    entry: fc
      .record({
        accountId: fc.constantFrom(1, 2, BUSINESS_ACCOUNT),
        target: fc.nat(CONTACTS + GROUPS.length - 1),
        inviteChatId: fc.option(fc.constantFrom(-100, -300), { freq: 8 }),
        messageClass: fc.constantFrom(...MESSAGE_CLASSES, 'commercial' as const, 'commercial' as const),
        isOutreach: fc.boolean(),
        isHuman: fc.boolean(),
        contentHash: fc.nat(60),
        strategy: isSkewed ? fc.constant(null) : arbitraryStrategy,
      })
      .map(toEntry),
    afterMs: fc.oneof(
      fc.integer({ min: isSkewed ? -5_000 : 0, max: 2_000 }),
      fc.integer({ min: 0, max: 2 * HOUR_MS }),
      fc.integer({ min: 0, max: 2 * DAY_MS }),
    ),
    word: fc.constantFrom<Step['word']>(null, null, null, null, null, 'hello', 'hello', 'yes', 'no', 'stop'),
  })

const history = fc.boolean().chain((isSkewed) =>
  fc.record({
    startAt: fc
      .tuple(fc.constantFrom(...CLOCK_CHANGES), fc.integer({ min: -DAY_MS, max: DAY_MS }))
      .map(([a, b]) => a + b),
    limits: arbitraryLimits,
    accountAgeMs: fc.integer({ min: 0, max: 9 * DAY_MS }),
    zones: fc.array(fc.constantFrom(...TIME_ZONES), { minLength: CONTACTS, maxLength: CONTACTS }),
    purposes: fc.array(fc.subarray([...CONSENT_PURPOSES]), { minLength: CONTACTS, maxLength: CONTACTS }),
    waiting: fc.nat(30),
    steps: fc.array(step(isSkewed), { minLength: 1, maxLength: 120, size: 'max' }),
  }),
)

type History = typeof history extends fc.Arbitrary<infer T> ? T : never

interface Replay {
  readonly world: LedgerWorld
  readonly ledger: readonly RecordedEntry[]
}

/** Asks about every step in its order, records what is allowed, and gives each allowed step to `onAllow`. */
const replay = (
  h: History,
  onAllow: (entry: RecordedEntry, world: LedgerWorld) => void = () => {},
  onDefer: (entry: LedgerEntry, until: number, world: LedgerWorld, ledger: readonly RecordedEntry[]) => void = () => {},
): Replay => {
  const wroteAt = new Map<number, number>()
  const people = h.zones.map((timeZone, i) => ({ timeZone, consents: new Set(h.purposes[i]), suppressed: false }))
  const world: LedgerWorld = {
    limits: h.limits,
    accountLinkedAt: h.startAt - h.accountAgeMs,
    waiting: h.waiting,
    business: { accountId: BUSINESS_ACCOUNT, windowMs: DAY_MS, wroteAt },
    recipientOf: (contactId) => ({
      reachability: 'reachable',
      isBot: false,
      isOfficial: false,
      hasUnreadUpdate: false,
      ...(people[contactId] ?? { timeZone: 'UTC', consents: new Set(), suppressed: true }),
    }),
  }
  const ledger: RecordedEntry[] = []
  let now = h.startAt
  for (const { entry, afterMs, word } of h.steps) {
    now += afterMs
    const person = entry.contactId === null ? undefined : people[entry.contactId]
    if (person && word !== null) {
      if (entry.contactId !== null) wroteAt.set(entry.contactId, now)
      if (word === 'yes') person.consents.add('marketing')
      else if (word !== 'hello') person.consents.delete('marketing')
      if (word === 'stop') person.suppressed = true
    }
    const decision = decide(factsFromLedger(world, ledger, entry, now), now)
    if (decision.kind === 'defer') onDefer(entry, decision.until, world, ledger)
    if (decision.kind !== 'allow') continue
    const recorded = { ...entry, at: now }
    onAllow(recorded, world)
    ledger.push(recorded)
  }
  return { world, ledger }
}

describe('decide over any history', () => {
  it('never lets a cap be exceeded in any rolling window, in whatever order and at whatever instants it is asked', () => {
    let allowed = 0
    fc.assert(
      fc.property(history, (h) => {
        const { world, ledger } = replay(h)
        allowed += ledger.length
        expect(brokenPromises(world, ledger)).toEqual([])
      }),
      { numRuns: 600 },
    )
    expect(allowed).toBeGreaterThan(600)
  })

  it('never lets a commercial message out without a yes, after a no, or in quiet hours, on any side of a clock change', () => {
    fc.assert(
      fc.property(history, (h) => {
        replay(h, (entry, world) => {
          if (entry.messageClass !== 'commercial' || entry.contactId === null) return
          const person = world.recipientOf(entry.contactId)
          expect(person.consents.has('marketing')).toBe(true)
          expect(person.suppressed).toBe(false)
          const hour = hourIn(person.timeZone, entry.at)
          const { quietFromHour: from, quietToHour: to } = h.limits
          const isQuiet = from <= to ? hour >= from && hour < to : hour >= from || hour < to
          const isEvening = from < 2 ? hour >= from && hour < 2 : hour >= from || hour < 2
          if (isQuiet) expect(person.consents.has('night_hours') && isEvening).toBe(true)
        })
      }),
      { numRuns: 400 },
    )
  })

  it('never lets a business account write to whom did not write to it within a day, nor into a group', () => {
    let answers = 0
    fc.assert(
      fc.property(history, (h) => {
        replay(h, (entry, world) => {
          if (entry.accountId !== BUSINESS_ACCOUNT) return
          answers += 1
          expect(entry.chatId).toBeGreaterThan(0)
          expect(entry.at - (world.business?.wroteAt.get(entry.contactId ?? -1) ?? -Infinity)).toBeLessThan(DAY_MS)
        })
      }),
      { numRuns: 300 },
    )
    expect(answers).toBeGreaterThan(100)
  })

  it('never repeats a commercial content to a person within seven days', () => {
    fc.assert(
      fc.property(history, (h) => {
        const { ledger } = replay(h)
        const repeats = ledger.filter(
          (e, i) =>
            e.messageClass === 'commercial' &&
            e.contactId !== null &&
            ledger
              .slice(0, i)
              .some((o) => o.contactId === e.contactId && o.contentHash === e.contentHash && o.at > e.at - 7 * DAY_MS),
        )
        expect(repeats).toEqual([])
      }),
      { numRuns: 300 },
    )
  })

  it('ends every deferral: asked again at the instant it names, it gets on, and after few times has an answer', () => {
    fc.assert(
      fc.property(history, (h) => {
        replay(h, undefined, (entry, firstUntil, world, ledger) => {
          let until = firstUntil
          for (let asked = 1; ; asked++) {
            const decision = decide(factsFromLedger(world, ledger, entry, until), until)
            if (decision.kind !== 'defer') return
            expect(decision.until).toBeGreaterThan(until)
            expect(asked).toBeLessThan(100)
            until = decision.until
          }
        })
      }),
      { numRuns: 150 },
    )
  })
})
