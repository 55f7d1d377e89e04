import type { FunnelStageKind, Segment } from '#contract/words.ts'
import { HOUR_MS } from '#server/base/duration.ts'

import type { BuyingIntent } from './buying-intent.rules.ts'
import {
  type Condition,
  type Deed,
  type FunnelDefinition,
  type Stage,
  type Transition,
  type Trigger,
  isEnd,
  stageOf,
} from './funnel.rules.ts'

/** However a funnel is made, nobody is reminded more often in one run. */
export const REMINDERS_MAX = 2

/** Where somebody stands in a run. Instants are epoch ms. */
export interface FunnelPosition {
  readonly stage: string
  readonly sinceAt: number
  /** The trigger that led here. */
  readonly why: Trigger | 'started'
  /** They asked for it themselves, in words: nothing is offered before. */
  readonly hasIntent: boolean
  /** What they asked about last. */
  readonly product: string | null
  readonly reminders: number
  readonly lastInboundAt: number | null
  readonly endedAt: number | null
}

/** What conditions look at besides the event. */
export interface PersonFacts {
  readonly segments: readonly Segment[]
  readonly tags: readonly string[]
}

export type OrderTrigger = 'order_opened' | 'order_closed' | 'paid' | 'fulfilled' | 'refunded'

export type FunnelEvent = { readonly at: number; readonly person: PersonFacts } & (
  | { readonly kind: 'words'; readonly intent: BuyingIntent | null; readonly product: string | null }
  | { readonly kind: 'order'; readonly change: OrderTrigger; readonly product: string }
  /** Time went by. `canSpeak`: the conversation is open and nobody else speaks there. */
  | { readonly kind: 'silence'; readonly canSpeak: boolean }
)

export interface FunnelStep {
  readonly from: string
  readonly to: string
  readonly kind: FunnelStageKind
  readonly why: Trigger
  readonly at: number
}

export interface FunnelEffect {
  readonly does: Deed
  readonly transition: Transition
}

export interface Advance {
  readonly position: FunnelPosition
  readonly steps: readonly FunnelStep[]
  readonly effects: readonly FunnelEffect[]
}

export const startPosition = (definition: FunnelDefinition, at: number): FunnelPosition => ({
  stage: definition.start,
  sinceAt: at,
  why: 'started',
  hasIntent: false,
  product: null,
  reminders: 0,
  lastInboundAt: null,
  endedAt: null,
})

const quietSince = ({ sinceAt, lastInboundAt }: FunnelPosition): number => Math.max(sinceAt, lastInboundAt ?? sinceAt)

const triggersOf = (event: FunnelEvent): readonly Trigger[] => {
  switch (event.kind) {
    case 'words':
      return event.intent === null ? ['words'] : ['intent', 'words']
    case 'order':
      return [event.change]
    case 'silence':
      return ['silence']
  }
}

const fits = ({ intents, products, segments, tags }: Condition, event: FunnelEvent, product: string | null): boolean =>
  (intents === undefined || (event.kind === 'words' && event.intent !== null && intents.includes(event.intent))) &&
  (products === undefined || (product !== null && products.includes(product))) &&
  (segments === undefined || segments.some((segment) => event.person.segments.includes(segment))) &&
  (tags === undefined || tags.some((tag) => event.person.tags.includes(tag)))

/** Whether this reminder may still come in the run. */
const hasReminderLeft = (transition: Transition, position: FunnelPosition): boolean =>
  transition.does !== 'remind' || position.reminders < REMINDERS_MAX

/** Somebody has just spoken, pressed or paid: a word to them comes unasked at no other time. */
const isAnswerable = (event: FunnelEvent): boolean =>
  event.kind === 'words' || (event.kind === 'order' && ANSWERABLE.includes(event.change))
const ANSWERABLE: readonly OrderTrigger[] = ['order_opened', 'paid', 'fulfilled']

const isOpenTo = (transition: Transition, position: FunnelPosition, event: FunnelEvent): boolean => {
  if (transition.isOff || !fits(transition.when ?? {}, event, position.product)) return false
  if (transition.does === 'offer' && !(position.hasIntent && event.kind === 'words')) return false
  if (transition.does === 'say' && !isAnswerable(event)) return false
  if (!hasReminderLeft(transition, position)) return false
  if (transition.on !== 'silence') return true
  if (event.kind !== 'silence' || (transition.does === 'remind' && !event.canSpeak)) return false
  return event.at >= quietSince(position) + (transition.hours ?? 0) * HOUR_MS
}

const heard = (position: FunnelPosition, event: FunnelEvent): FunnelPosition => {
  if (event.kind === 'order') return { ...position, product: event.product }
  if (event.kind !== 'words') return position
  return {
    ...position,
    lastInboundAt: Math.max(event.at, position.lastInboundAt ?? event.at),
    hasIntent: position.hasIntent || event.intent !== null,
    product: event.product ?? position.product,
  }
}

const take = (position: FunnelPosition, stage: Stage, { on, does }: Transition, at: number): FunnelPosition => ({
  ...position,
  stage: stage.name,
  sinceAt: at,
  why: on,
  reminders: position.reminders + (does === 'remind' ? 1 : 0),
  endedAt: isEnd(stage.kind) ? (position.endedAt ?? at) : position.endedAt,
})

/**
 * Where an event leads somebody, what they pass on the way, and what is to be done. A stage moves on by the first of its
 * transitions that fits, then by those that follow at once. An event that fits nothing moves nobody. A run that is over
 * hears of its orders alone. Pure and total: also for a stage its funnel does not know.
 */
export const advance = (definition: FunnelDefinition, given: FunnelPosition, event: FunnelEvent): Advance => {
  if (given.endedAt !== null && event.kind !== 'order') return { position: given, steps: [], effects: [] }
  let position = heard(given, event)
  const steps: FunnelStep[] = []
  const effects: FunnelEffect[] = []
  let wanted: readonly Trigger[] = triggersOf(event)
  // No circle is without a wait, so there are no more moves than stages.
  for (let moves = 0; moves <= definition.stages.length; moves += 1) {
    const transition = stageOf(definition, position.stage)?.transitions.find(
      (one) => wanted.includes(one.on) && isOpenTo(one, position, event),
    )
    const stage = transition && stageOf(definition, transition.to)
    if (!transition || !stage) break
    steps.push({ from: position.stage, to: stage.name, kind: stage.kind, why: transition.on, at: event.at })
    if (transition.does) effects.push({ does: transition.does, transition })
    position = take(position, stage, transition, event.at)
    wanted = ['always']
  }
  return { position, steps, effects }
}

/** When silence alone moves somebody on, epoch ms; null for never. */
export const wakeAt = (definition: FunnelDefinition, position: FunnelPosition): number | null => {
  if (position.endedAt !== null) return null
  const waits = (stageOf(definition, position.stage)?.transitions ?? []).filter(
    (one) => one.on === 'silence' && !one.isOff && hasReminderLeft(one, position),
  )
  if (waits.length === 0) return null
  return quietSince(position) + Math.min(...waits.map((one) => one.hours ?? 0)) * HOUR_MS
}
