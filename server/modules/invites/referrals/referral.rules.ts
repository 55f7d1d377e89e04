import { invalid } from '#server/base/errors.ts'

/** How people are rewarded for bringing people. Off until a tenant says what it gives for points. */
export interface ReferralSettings {
  readonly isOn: boolean
  readonly pointsPerPerson: number
  /** Newcomers of one person that count in 24 hours; those beyond never do. */
  readonly dailyMax: number
  /** A newcomer who did nothing for so long counts no more. */
  readonly waitDays: number
}

export const DEFAULT_REFERRALS: ReferralSettings = { isOn: false, pointsPerPerson: 10, dailyMax: 5, waitDays: 30 }

const BOUNDS: Readonly<Record<Exclude<keyof ReferralSettings, 'isOn'>, number>> = {
  pointsPerPerson: 1_000_000,
  dailyMax: 1_000,
  waitDays: 90,
}

/** Errors: `invalid/whole_number_expected` naming the field. */
export const checkReferralSettings = (settings: ReferralSettings): ReferralSettings => {
  for (const field of ['pointsPerPerson', 'dailyMax', 'waitDays'] as const) {
    const value = settings[field]
    if (!Number.isInteger(value) || value < 1 || value > BOUNDS[field])
      throw invalid('whole_number_expected', field, { given: String(value), min: 1, max: BOUNDS[field] })
  }
  return settings
}

/** A newcomer acts by allowing marketing, or by this many messages of their own on this many days. */
export const ACTS = { messages: 3, days: 2 } as const

const PAYLOAD = /^r_([A-Za-z0-9_-]{8,32})$/

/** The code in what came behind `/start`; null when it is something else. */
export const referralCodeOf = (payload: string | undefined): string | null => PAYLOAD.exec(payload ?? '')?.[1] ?? null

/** The address somebody hands on. */
export const referralLink = (botUsername: string, code: string): string => `https://t.me/${botUsername}?start=r_${code}`

/** A person in a list that others read: the first name and one letter of the last. */
export const publicName = (firstName: string, lastName: string): string => {
  const [initial] = new Intl.Segmenter().segment(lastName.trim())
  return `${firstName.trim()}${initial ? ` ${initial.segment}.` : ''}`.trim() || '–'
}

const COUPON = /^[\p{L}\p{N}_-]{3,40}$/u

/** Errors: `invalid/coupon_malformed`. */
export const checkCoupon = (coupon: string): string => {
  const given = coupon.trim()
  if (!COUPON.test(given)) throw invalid('coupon_malformed', 'coupon', { given: given.slice(0, 40) })
  return given
}
