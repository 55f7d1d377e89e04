import { MINUTE_MS } from '#server/base/duration.ts'

import { sourceOf } from './activity.rules.ts'
import type { ContactActivity } from './contact.rules.ts'
import type { ContactFeatures } from './feature.rules.ts'

/** A contact with its features, locked. Instants are epoch ms. */
export interface LockedContact {
  readonly id: number
  readonly telegramId: number
  readonly username: string | null
  readonly firstName: string
  readonly lastName: string
  readonly languageCode: string | null
  readonly isPremium: boolean
  readonly source: string | null
  readonly suppressed: boolean
  /** The contact's own zone, else the tenant's. */
  readonly timeZone: string
  readonly firstSeenAt: number
  readonly lastSeenAt: number | null
  readonly features: ContactFeatures
}

/** New values of a contact's profile. */
export interface ProfileChange {
  readonly id: number
  readonly username: string | null
  readonly firstName: string
  readonly lastName: string
  readonly languageCode: string | null
  readonly isPremium: boolean
  readonly source: string | null
  readonly firstSeenAt: number
  readonly lastSeenAt: number
}

/**
 * The profile after the newest of somebody's activities, the earliest of them being at `earliestAt`; null when nothing
 * is worth writing. History renames nobody, but fills a missing name.
 */
export const nextProfile = (
  contact: LockedContact,
  activity: ContactActivity,
  earliestAt: number,
  history: boolean,
): ProfileChange | null => {
  const { person, at } = activity
  const current = !history && at >= (contact.lastSeenAt ?? at)
  const next: ProfileChange = {
    id: contact.id,
    username: current ? (person.username ?? null) : contact.username,
    firstName: current || contact.firstName === '' ? person.firstName : contact.firstName,
    lastName: current ? person.lastName : contact.lastName,
    languageCode: (current ? person.languageCode : null) ?? contact.languageCode,
    isPremium: current ? person.isPremium : contact.isPremium,
    source: contact.source ?? sourceOf(activity),
    firstSeenAt: Math.min(contact.firstSeenAt, earliestAt),
    lastSeenAt: Math.max(contact.lastSeenAt ?? at, at),
  }
  const changed =
    next.username !== contact.username ||
    next.firstName !== contact.firstName ||
    next.lastName !== contact.lastName ||
    next.languageCode !== contact.languageCode ||
    next.isPremium !== contact.isPremium ||
    next.source !== contact.source ||
    next.firstSeenAt < contact.firstSeenAt ||
    next.lastSeenAt - (contact.lastSeenAt ?? 0) >= MINUTE_MS
  return changed ? next : null
}
