import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { HOUR_MS } from '#server/base/duration.ts'
import { NOON } from '#server/testing/factories.ts'

import {
  type Advance,
  type FunnelEvent,
  type FunnelPosition,
  REMINDERS_MAX,
  advance,
  startPosition,
  wakeAt,
} from './advance.rules.ts'
import { checkFunnel } from './check-funnel.rules.ts'
import { type FunnelDefinition, isEnd, stageOf, standardFunnel, withReminders } from './funnel.rules.ts'

const nobody = { segments: [], tags: [] } as const
const words = (intent: 'buy' | 'price' | 'product' | null, at: number, product: string | null = null): FunnelEvent => ({
  kind: 'words',
  intent,
  product,
  person: nobody,
  at,
})
const order = (
  change: 'order_opened' | 'order_closed' | 'paid' | 'fulfilled' | 'refunded',
  at: number,
): FunnelEvent => ({
  kind: 'order',
  change,
  product: 'VIP',
  person: nobody,
  at,
})
const silence = (at: number, canSpeak = true): FunnelEvent => ({ kind: 'silence', canSpeak, person: nobody, at })

/** Leads somebody new through these events; gives every advance. */
const walk = (definition: FunnelDefinition, events: readonly FunnelEvent[]): readonly Advance[] => {
  let position = startPosition(definition, NOON)
  return events.map((event) => {
    const next = advance(definition, position, event)
    ;({ position } = next)
    return next
  })
}
const endOf = (definition: FunnelDefinition, events: readonly FunnelEvent[]): FunnelPosition => {
  const last = walk(definition, events).at(-1)
  if (!last) throw new Error('nothing happened')
  return last.position
}

const reminding = withReminders(standardFunnel, true)

describe('advance', () => {
  it('leads from a question over an offer, an order and a payment to what was bought', () => {
    const [asked, opened, paid, done] = walk(standardFunnel, [
      words('buy', NOON),
      order('order_opened', NOON + 1),
      order('paid', NOON + 2),
      order('fulfilled', NOON + 3),
    ])
    expect(asked?.steps.map(({ to }) => to)).toEqual(['interested', 'offered'])
    expect(asked?.effects.map(({ does }) => does)).toEqual(['offer'])
    expect(opened?.position.stage).toBe('payment_pending')
    expect(paid?.position.stage).toBe('paid')
    expect(done?.position).toMatchObject({ stage: 'delivered', endedAt: NOON + 3 })
  })

  it('moves nobody who speaks of something else', () => {
    expect(walk(standardFunnel, [words(null, NOON)])[0]).toMatchObject({ steps: [], effects: [] })
  })

  it('reminds once after a day of silence where that is switched on, never where it is off', () => {
    const events = [words('price', NOON), silence(NOON + 23 * HOUR_MS), silence(NOON + 25 * HOUR_MS)]
    expect(walk(reminding, events).map(({ effects }) => effects.map(({ does }) => does))).toEqual([
      ['offer'],
      [],
      ['remind'],
    ])
    expect(walk(standardFunnel, events).at(-1)?.effects).toEqual([])
  })

  it('counts silence from the last word', () => {
    const events = [words('price', NOON), words(null, NOON + 20 * HOUR_MS), silence(NOON + 30 * HOUR_MS)]
    expect(walk(reminding, events).at(-1)?.effects).toEqual([])
  })

  it('reminds twice at most and then lets go after a week', () => {
    const days = Array.from({ length: 20 }, (_, day) => silence(NOON + (day + 1) * 25 * HOUR_MS))
    const all = walk(reminding, [words('price', NOON), ...days])
    expect(all.flatMap(({ effects }) => effects).filter(({ does }) => does === 'remind')).toHaveLength(REMINDERS_MAX)
    expect(all.at(-1)?.position).toMatchObject({ stage: 'lost' })
  })

  it('keeps quiet where nobody may speak', () => {
    const at = NOON + 25 * HOUR_MS
    expect(walk(reminding, [words('price', NOON), silence(at, false)]).at(-1)?.effects).toEqual([])
  })

  it('hears of a refund after the end, and of nothing else', () => {
    const before = [words('buy', NOON), order('order_opened', NOON), order('paid', NOON), order('fulfilled', NOON)]
    expect(endOf(standardFunnel, [...before, words('buy', NOON + 1)]).stage).toBe('delivered')
    expect(endOf(standardFunnel, [...before, order('refunded', NOON + 1)]).stage).toBe('lost')
  })

  it('offers nothing that follows from silence, and says nothing after an order was closed', () => {
    const definition = checkFunnel({
      start: 'begin',
      stages: [
        { name: 'begin', kind: 'none', transitions: [{ on: 'intent', to: 'shown', does: 'offer' }] },
        {
          name: 'shown',
          kind: 'offered',
          transitions: [
            { on: 'silence', hours: 5, to: 'again' },
            { on: 'order_closed', to: 'left' },
          ],
        },
        { name: 'again', kind: 'interested', transitions: [{ on: 'always', to: 'shown', does: 'offer' }] },
        {
          name: 'left',
          kind: 'interested',
          transitions: [{ on: 'always', to: 'over', does: 'say', text: { tr: 'Olsun' } }],
        },
        { name: 'over', kind: 'lost', transitions: [] },
      ],
    })
    const after = (event: FunnelEvent) => walk(definition, [words('buy', NOON), event]).at(-1)
    expect(after(silence(NOON + 6 * HOUR_MS))).toMatchObject({ position: { stage: 'again' }, effects: [] })
    expect(after(order('order_closed', NOON + 1))).toMatchObject({ position: { stage: 'left' }, effects: [] })
  })

  it('asks about product, segment and tag where a funnel does', () => {
    const definition = checkFunnel({
      start: 'begin',
      stages: [
        {
          name: 'begin',
          kind: 'none',
          transitions: [
            { on: 'intent', to: 'gift', does: 'offer', when: { segments: ['LOYAL_CUSTOMER'], tags: ['vip'] } },
            { on: 'intent', to: 'shown', does: 'offer', when: { products: ['VIP'] } },
          ],
        },
        { name: 'gift', kind: 'offered', transitions: [{ on: 'silence', hours: 5, to: 'over' }] },
        { name: 'shown', kind: 'offered', transitions: [{ on: 'silence', hours: 5, to: 'over' }] },
        { name: 'over', kind: 'lost', transitions: [] },
      ],
    })
    const after = (event: FunnelEvent) => advance(definition, startPosition(definition, NOON), event).position.stage
    expect(after(words('buy', NOON, 'Kurs'))).toBe('begin')
    expect(after(words('buy', NOON, 'VIP'))).toBe('shown')
    const person = { segments: ['LOYAL_CUSTOMER'], tags: ['vip'] } as const
    expect(after({ ...words('buy', NOON, 'VIP'), person })).toBe('gift')
  })
})

const anEvent = (at: number): fc.Arbitrary<FunnelEvent> =>
  fc.oneof(
    fc
      .record({
        intent: fc.constantFrom('buy', 'price', 'product', null),
        product: fc.constantFrom('VIP', 'Kurs', null),
      })
      .map(({ intent, product }) => words(intent, at, product)),
    fc.constantFrom('order_opened', 'order_closed', 'paid', 'fulfilled', 'refunded').map((change) => order(change, at)),
    fc.boolean().map((canSpeak) => silence(at, canSpeak)),
  )
const history = fc
  .array(fc.integer({ min: 0, max: 200 }), { minLength: 1, maxLength: 25 })
  .chain((gaps) =>
    fc.tuple(...gaps.map((_, i) => anEvent(NOON + gaps.slice(0, i + 1).reduce((sum, gap) => sum + gap, 0) * HOUR_MS))),
  )

describe('advance, whatever happens in whatever order', () => {
  it('only takes ways the funnel has, and ends once', () => {
    fc.assert(
      fc.property(history, (events) => {
        let before = startPosition(reminding, NOON)
        for (const { position, steps } of walk(reminding, events)) {
          let { stage } = before
          for (const step of steps) {
            expect(step.from).toBe(stage)
            const ways = stageOf(reminding, step.from)?.transitions ?? []
            expect(ways.some(({ on, to }) => on === step.why && to === step.to)).toBe(true)
            stage = step.to
          }
          expect(position.stage).toBe(stage)
          const kind = stageOf(reminding, stage)?.kind ?? 'none'
          expect(isEnd(kind)).toBe(position.endedAt !== null)
          before = position
        }
      }),
      { numRuns: 300 },
    )
  })

  it('offers nothing to who never asked, and reminds twice at most', () => {
    fc.assert(
      fc.property(history, (events) => {
        const all = walk(reminding, events)
        for (const [i, { effects }] of all.entries())
          if (effects.some(({ does }) => does === 'offer')) expect(events[i]?.kind).toBe('words')
        const asked = events.findIndex((event) => event.kind === 'words' && event.intent !== null)
        const offered = all.findIndex(({ effects }) => effects.some(({ does }) => does === 'offer'))
        if (offered >= 0) expect(asked >= 0 && asked <= offered).toBe(true)
        const reminders = all.flatMap(({ effects }) => effects).filter(({ does }) => does === 'remind')
        expect(reminders.length).toBeLessThanOrEqual(REMINDERS_MAX)
      }),
      { numRuns: 300 },
    )
  })

  it('says when to look again, and then something happens or may not be said', () => {
    fc.assert(
      fc.property(history, (events) => {
        const position = endOf(reminding, events)
        const at = wakeAt(reminding, position)
        if (at === null) return
        const { steps } = advance(reminding, position, silence(at))
        expect(steps.length).toBeGreaterThan(0)
        expect(advance(reminding, position, silence(at - 1)).steps).toEqual([])
      }),
      { numRuns: 300 },
    )
  })
})
