import type { TenantTx } from '#server/db/tenant-scope.ts'

import { type FrequencyRecommendation, bestContactHours, recommendFrequency } from './contact-hours.rules.ts'
import type { Contact } from './contact-list.store.ts'
import { engagementScore } from './engagement.rules.ts'
import { type ContactFeatures, emptyFeatures } from './feature.rules.ts'
import { findFeatures } from './feature.store.ts'
import { getContact } from './find-contact.ts'
import {
  type ContactConsent,
  type ContactMembership,
  type ContactReach,
  selectConsents,
  selectCounters,
  selectMemberships,
  selectReach,
} from './profile.store.ts'

/** What the contact screen shows of one contact besides its segments. Instants are epoch ms, hours local 0–23. */
export interface ContactProfile {
  readonly contact: Contact
  readonly timeZone: string
  readonly features: ContactFeatures
  readonly outboundCount: number
  readonly responseCount: number
  readonly orderCount: number
  readonly revenueMinor: number
  readonly lastPaidAt: number | null
  readonly accountCount: number
  readonly memberSince: number | null
  /** 0–100. */
  readonly engagementScore: number
  readonly bestHours: readonly number[]
  readonly frequency: FrequencyRecommendation
  readonly reach: readonly ContactReach[]
  readonly consents: readonly ContactConsent[]
  readonly chats: readonly ContactMembership[]
}

export interface ProfileOptions {
  /** Local hours in which the contact's strategy may write; all if empty. */
  readonly allowedHours?: readonly number[]
  /** What the contact's strategy, or the hard ceiling, allows at most. */
  readonly cap?: { readonly everyHours: number; readonly maxPerDay: number }
}

/** The hard ceiling of commercial messages: five a day, two hours apart. */
const CEILING = { everyHours: 2, maxPerDay: 5 }

/** One contact in full, with best hours and recommended frequency as of `now`. Errors: `not_found`. */
export const getContactProfile = async (
  tx: TenantTx,
  id: number,
  now: number,
  options: ProfileOptions = {},
): Promise<ContactProfile> => {
  const contact = await getContact(tx, id)
  const [known, counters] = [await findFeatures(tx, contact.id), await selectCounters(tx, contact.id)]
  const features = known?.features ?? emptyFeatures(contact.firstSeenAt)
  const score = engagementScore(features.mass, features.massAt, now)
  const [outboundCount, responseCount] = [counters?.outbound_count ?? 0, counters?.response_count ?? 0]
  return {
    contact,
    timeZone: known?.timeZone ?? 'UTC',
    features,
    outboundCount,
    responseCount,
    orderCount: counters?.order_count ?? 0,
    revenueMinor: counters?.revenue_minor ?? 0,
    lastPaidAt: counters?.last_paid_at?.getTime() ?? null,
    accountCount: counters?.account_count ?? 0,
    memberSince: counters?.member_since?.getTime() ?? null,
    engagementScore: score,
    bestHours: bestContactHours(features.hourCounts, options.allowedHours),
    frequency: recommendFrequency({ engagementScore: score, outboundCount, responseCount }, options.cap ?? CEILING),
    reach: await selectReach(tx, contact.id),
    consents: await selectConsents(tx, contact.id),
    chats: await selectMemberships(tx, contact.id),
  }
}
