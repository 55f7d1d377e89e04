import type { Locale } from '#contract/words.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '#server/base/duration.ts'

import type { SecondFactorStand } from './second-factor.rules.ts'

/** Who comes into the web panel. `telegramId` is null for whoever has the console of the server. */
export interface WebPerson {
  readonly telegramId: number | null
}

/** A link into the web panel, as it is kept. */
export interface SignInLink extends WebPerson {
  readonly id: number
  readonly tenantId: number | null
  readonly locale: Locale | null
  readonly expiresAt: number
  readonly usedAt: number | null
}

/** A person's session on one device. */
export interface WebSession extends WebPerson {
  readonly id: number
  /** What the browser calls itself. */
  readonly device: string
  readonly createdAt: number
  readonly lastSeenAt: number
  readonly expiresAt: number
}

/** A session somebody calls with. One that owes a code is half open: it can give one, and end. */
export interface CurrentSession extends WebSession {
  readonly secondFactor: SecondFactorStand
}

/** How long links and sessions live. Sessions move with use, written down no oftener than `touchMs`. */
export const WEB_SESSION_LIMITS = {
  linkMs: 10 * MINUTE_MS,
  links: { max: 10, perMs: HOUR_MS },
  sessionMs: 30 * DAY_MS,
  touchMs: 5 * MINUTE_MS,
  deviceLength: 200,
} as const

/** Why a link lets nobody in; null when it does. */
export const signInFault = (link: SignInLink | null, now: number): 'unknown' | 'used' | 'expired' | null => {
  if (link === null) return 'unknown'
  if (link.usedAt !== null) return 'used'
  return now >= link.expiresAt ? 'expired' : null
}

/** Where a link's page is, below the server's address. */
export const signInPath = (token: string): string => `/enter/${token}`
