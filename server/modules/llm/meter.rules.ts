import { MINUTE_MS, SECOND_MS } from '#server/base/duration.ts'

/** What a tenant's questions have taken, and how its endpoint is. Instants are epoch ms. */
export interface Meter {
  /** First day of the month that `tokensTaken` counts, `YYYY-MM-01`. */
  readonly month: string
  /** Used, and held for questions that are being answered. */
  readonly tokensTaken: number
  readonly minuteAt: number
  readonly minuteCount: number
  readonly failureCount: number
  readonly failingSince: number | null
  /** Nothing is asked before; null while the endpoint works. */
  readonly restingUntil: number | null
  readonly restingReason: 'circuit_open' | 'rate_limited' | null
  /** Until when one question tries the endpoint again. */
  readonly probeUntil: number | null
}

export interface MeterLimits {
  readonly tokensPerMonth: number
  readonly perMinuteMax: number
}

export type Admission =
  | { readonly kind: 'admitted'; readonly tokens: number; readonly month: string; readonly isProbe: boolean }
  | {
      readonly kind: 'refused'
      readonly reason: 'over_budget' | 'rate_limited' | 'circuit_open'
      readonly retryAfterMs: number | null
    }

export const TOKENS_PER_MONTH_DEFAULT = 2_000_000
export const PER_MINUTE_DEFAULT = 120
/** So many failures within the window, and the endpoint is given a rest. */
export const FAILURES_MAX = 5
const FAILURE_WINDOW_MS = MINUTE_MS
const FIRST_REST_MS = 30 * SECOND_MS
const LONGEST_REST_MS = 10 * MINUTE_MS
const LIMITED_REST_MS = 10 * SECOND_MS
const LONGEST_LIMITED_MS = 60 * MINUTE_MS

/**
 * May a question that costs at most `tokens` be put at `now`, in the month it is there? Pure: what is admitted is taken
 * in the meter that is returned, so of any number of questions the last place goes to one.
 */
export const admitQuestion = (
  given: Meter,
  limits: MeterLimits,
  ask: { readonly tokens: number; readonly timeoutMs: number; readonly month: string },
  now: number,
): { readonly meter: Meter; readonly admission: Admission } => {
  const meter = turnPages(given, ask.month, now)
  const refuse = (reason: (Admission & { kind: 'refused' })['reason'], retryAfterMs: number | null) => ({
    meter,
    admission: { kind: 'refused', reason, retryAfterMs } as const,
  })
  const { restingUntil, restingReason, probeUntil } = meter
  if (restingUntil !== null && now < restingUntil) return refuse(restingReason ?? 'circuit_open', restingUntil - now)
  if (probeUntil !== null && now < probeUntil) return refuse(restingReason ?? 'circuit_open', probeUntil - now)
  if (meter.minuteCount >= limits.perMinuteMax) return refuse('rate_limited', meter.minuteAt + MINUTE_MS - now)
  if (meter.tokensTaken + ask.tokens > limits.tokensPerMonth) return refuse('over_budget', null)
  const isProbe = restingUntil !== null
  return {
    meter: {
      ...meter,
      tokensTaken: meter.tokensTaken + ask.tokens,
      minuteCount: meter.minuteCount + 1,
      probeUntil: isProbe ? now + ask.timeoutMs + FIRST_REST_MS : null,
    },
    admission: { kind: 'admitted', tokens: ask.tokens, month: meter.month, isProbe },
  }
}

/** A new month and a new minute begin at nothing; time that runs backwards begins none. */
const turnPages = (meter: Meter, month: string, now: number): Meter => {
  const minuteAt = Math.floor(now / MINUTE_MS) * MINUTE_MS
  return {
    ...meter,
    ...(month > meter.month && { month, tokensTaken: 0 }),
    ...(minuteAt > meter.minuteAt && { minuteAt, minuteCount: 0 }),
  }
}

/** How a question ended, as far as the meter is concerned. */
export interface MeterEnd {
  readonly admission: Admission & { readonly kind: 'admitted' }
  /** What it cost; what was held beyond is given back. */
  readonly tokens: number
  /** `unknown`: the end says nothing about the endpoint. */
  readonly endpoint: 'works' | 'fails' | 'limits' | 'unknown'
  /** How long an endpoint that limits asks to wait. */
  readonly afterMs?: number | null
}

/** Settles a question: gives back what it did not use, and notes how its endpoint is. Pure and total. */
export const settleQuestion = (meter: Meter, end: MeterEnd, now: number): Meter => {
  const { admission, tokens } = end
  const settled =
    admission.month === meter.month
      ? { ...meter, tokensTaken: Math.max(0, meter.tokensTaken - admission.tokens + tokens) }
      : meter
  switch (end.endpoint) {
    case 'works':
      // What was under way when the rest began was asked before it.
      return (settled.restingUntil ?? 0) > now && !admission.isProbe ? settled : { ...settled, ...WORKS }
    case 'fails':
      return noteFailure(settled, admission.isProbe, now)
    case 'limits': {
      const restMs = Math.min(end.afterMs ?? LIMITED_REST_MS, LONGEST_LIMITED_MS)
      const restingUntil = Math.max(settled.restingUntil ?? 0, now + restMs)
      return { ...settled, restingUntil, restingReason: 'rate_limited', probeUntil: null }
    }
    case 'unknown':
      return admission.isProbe ? { ...settled, probeUntil: null } : settled
  }
}

const WORKS = { failureCount: 0, failingSince: null, restingUntil: null, restingReason: null, probeUntil: null }

const noteFailure = (meter: Meter, isProbe: boolean, now: number): Meter => {
  // What was under way when the rest began says nothing new.
  if (meter.restingUntil !== null && !isProbe) return meter
  const isNewWindow = !isProbe && (meter.failingSince === null || now - meter.failingSince > FAILURE_WINDOW_MS)
  const failureCount = isNewWindow ? 1 : meter.failureCount + 1
  const failingSince = isNewWindow ? now : (meter.failingSince ?? now)
  if (failureCount < FAILURES_MAX && !isProbe) return { ...meter, failureCount, failingSince }
  const restMs = Math.min(FIRST_REST_MS * 2 ** Math.max(0, failureCount - FAILURES_MAX), LONGEST_REST_MS)
  return {
    ...meter,
    failureCount,
    failingSince,
    restingUntil: now + restMs,
    restingReason: 'circuit_open',
    probeUntil: null,
  }
}
