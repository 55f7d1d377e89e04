import { HOUR_MS, MINUTE_MS } from '#server/base/duration.ts'

/**
 * How long a session of the Mini App lasts from its last use: shorter than others, since each launch opens the next. And
 * how old a launch may be when it is shown here, and how far Telegram's clock may be ahead of ours.
 */
export const MINI_APP_LIMITS = {
  sessionMs: 12 * HOUR_MS,
  launchMs: 10 * MINUTE_MS,
  launchAheadMs: 2 * MINUTE_MS,
} as const

/** Whether a launch is recent enough to open a session. */
export const isLaunchFresh = (openedAt: number, now: number): boolean =>
  now - openedAt < MINI_APP_LIMITS.launchMs && openedAt - now <= MINI_APP_LIMITS.launchAheadMs

const PREFIX = 'gvt_app_'

/** The secret of a Mini App's session; what it begins with tells it from a cookie's and from an API key. */
export const miniAppToken = (secret: string): string => `${PREFIX}${secret}`

export const isMiniAppToken = (sessionToken: string): boolean => sessionToken.startsWith(PREFIX)
