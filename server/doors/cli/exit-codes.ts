import type { ErrorKind } from '#contract/words.ts'

/** What the command's end says to a script; the numbers of sysexits.h, and 130 for a person's Ctrl-C. */
export const EXIT = {
  ok: 0,
  refused: 1,
  usage: 64,
  unavailable: 69,
  bug: 70,
  tryAgain: 75,
  config: 78,
  cancelled: 130,
} as const

export const EXIT_BY_KIND: Readonly<Record<ErrorKind, number>> = {
  invalid: EXIT.usage,
  unauthenticated: EXIT.refused,
  forbidden: EXIT.refused,
  not_found: EXIT.refused,
  conflict: EXIT.refused,
  limit_reached: EXIT.refused,
  rate_limited: EXIT.tryAgain,
  unavailable: EXIT.unavailable,
  internal: EXIT.bug,
}
