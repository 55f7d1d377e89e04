import type { Locale } from '#contract/words.ts'
import { HOUR_MS, MINUTE_MS } from '#server/base/duration.ts'

export const PAGE_PURPOSES = ['login', 'pay'] as const
export type PagePurpose = (typeof PAGE_PURPOSES)[number]

/** Who a page is for, and what about. */
export interface PageSubject {
  readonly purpose: PagePurpose
  readonly telegramId: number
  /** Null before there is a tenant. */
  readonly tenantId: number | null
  readonly onboardingId: number | null
  /** The person's language; the tenant's, or the browser's, where it is not known. */
  readonly locale: Locale | null
}

/** A link as it is kept. */
export interface PageLink extends PageSubject {
  readonly id: number
  readonly expiresAt: number
  readonly openedAt: number | null
}

/** A link that was opened: what its cookie stands for until `endsAt`. */
export interface PageVisit extends PageSubject {
  readonly linkId: number
  readonly endsAt: number
}

/** How long links and visits live, and how many links one person gets. */
export const PAGE_LINK_LIMITS = {
  linkMs: 10 * MINUTE_MS,
  visitMs: 30 * MINUTE_MS,
  links: { max: 10, perMs: HOUR_MS },
} as const

/** Why a link opens nothing; null when it does. */
export const pageLinkFault = (link: PageLink | null, now: number): 'unknown' | 'used' | 'expired' | null => {
  if (link === null) return 'unknown'
  if (link.openedAt !== null) return 'used'
  return now >= link.expiresAt ? 'expired' : null
}

/** Where a link's page is, below the server's public address. */
export const pageLinkPath = (token: string): string => `/open/${token}`
