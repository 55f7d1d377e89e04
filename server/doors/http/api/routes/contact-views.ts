import type { api } from '#contract/api.ts'
import type { RouteOutput } from '#contract/route.ts'
import { CONSENT_PURPOSES, REACHABILITIES } from '#contract/words.ts'
import { type ContactProfile, type TimelineEntry, hourShares } from '#server/modules/contacts/index.ts'
import type { SegmentsExplanation } from '#server/modules/segments/index.ts'

import { plainText } from '../plain-text.ts'

type Rooms = typeof api.contacts
type Explanation = RouteOutput<Rooms['explainSegments']>
type Entry = RouteOutput<Rooms['timeline']>['items'][number]

/** The word of the vocabulary that a row holds; the database admits no other. */
const wordOf = <W extends string>(words: readonly W[], given: string): W => {
  const word = words.find((known) => known === given)
  if (word === undefined) throw new Error(`"${given}" is none of ${words.join(', ')}`)
  return word
}

/** The profile without who it is. */
export const presentProfile = (profile: ContactProfile) => ({
  timeZone: profile.timeZone,
  engagementScore: profile.engagementScore,
  sent: profile.outboundCount,
  answered: profile.responseCount,
  orders: profile.orderCount,
  bestHours: profile.bestHours,
  hourShares: hourShares(profile.features.hourCounts),
  advice: profile.frequency,
  reach: profile.reach.map(({ accountId, reachability, lastInboundAt }) => ({
    accountId,
    reachability: wordOf(REACHABILITIES, reachability),
    lastInboundAt,
  })),
  consents: profile.consents.map((consent) => ({ ...consent, purpose: wordOf(CONSENT_PURPOSES, consent.purpose) })),
  chats: profile.chats.map(({ chatId, title, status, messageCount }) => ({ chatId, title, status, messageCount })),
})

/** "Never" is infinite days, which JSON cannot say. */
const finite = (value: number | null): number | null => (value !== null && Number.isFinite(value) ? value : null)

/** A model's reasons tell what a person wrote, so they are for those who may read along. */
export const presentExplanation = ({ primary, segments }: SegmentsExplanation, mayRead: boolean): Explanation => ({
  primary: primary.segment,
  segments: segments.map(({ segment, heldConfidence, source, conditions, opinion }) => ({
    segment,
    confidence: heldConfidence,
    source,
    conditions: conditions.map(({ condition, input, passed }) => {
      const shared = { input: finite(input), passed }
      return 'without' in condition
        ? { feature: null, op: null, threshold: null, without: condition.without, ...shared }
        : { feature: condition.feature, op: condition.op, threshold: Number(condition.value), without: null, ...shared }
    }),
    opinion: opinion && {
      confidence: opinion.confidence,
      model: opinion.model,
      reason: mayRead ? opinion.reason : null,
    },
  })),
})

export const presentEntry = (entry: TimelineEntry, mayRead: boolean): Entry => {
  const { type, id, at } = entry
  const plain = { type, id, at, direction: null, text: null, granted: null, source: null }
  switch (entry.type) {
    case 'message': {
      const { direction, kind, text } = entry
      // What they wrote is theirs, and shown as it is.
      const shown = direction === 'in' ? text : plainText(text)
      return { ...plain, direction, kind, text: mayRead ? shown : null }
    }
    case 'event':
      return { ...plain, kind: entry.kind }
    case 'consent':
      return { ...plain, kind: entry.purpose, granted: entry.granted, source: entry.source }
  }
}
