import { MINUTE_MS } from '#server/base/duration.ts'

export const PACKAGES = ['trial', 'starter', 'professional', 'enterprise', 'custom'] as const
export type PackageName = (typeof PACKAGES)[number]

/** What a package allows. Null means that this side sets no limit; the hard ceilings hold all the same. */
export interface PackageLimits {
  readonly accountsMax: number | null
  readonly dailyMessagesMax: number | null
  readonly monthlyMessagesMax: number | null
  readonly perMinuteMax: number | null
  readonly outreachHourlyMax: number | null
  readonly outreachDailyMax: number | null
  readonly outreachCooldownMinutes: number
  readonly groupPostCooldownSeconds: number
}

const OUTREACH = { outreachHourlyMax: 10, outreachDailyMax: 50, outreachCooldownMinutes: 60 } as const

const STARTER: PackageLimits = {
  accountsMax: 1,
  dailyMessagesMax: 100,
  monthlyMessagesMax: 10_000,
  perMinuteMax: 2,
  ...OUTREACH,
  groupPostCooldownSeconds: 5 * 60,
}

/** The limits of the package table; a custom package is what the operator makes of it. */
export const PACKAGE_LIMITS: Readonly<Record<PackageName, PackageLimits>> = {
  trial: STARTER,
  starter: STARTER,
  professional: {
    accountsMax: 2,
    dailyMessagesMax: 500,
    monthlyMessagesMax: 50_000,
    perMinuteMax: 4,
    ...OUTREACH,
    groupPostCooldownSeconds: 3 * 60,
  },
  enterprise: {
    accountsMax: 3,
    dailyMessagesMax: 1_000,
    monthlyMessagesMax: null,
    perMinuteMax: 6,
    ...OUTREACH,
    groupPostCooldownSeconds: 60,
  },
  custom: {
    accountsMax: null,
    dailyMessagesMax: null,
    monthlyMessagesMax: null,
    perMinuteMax: null,
    ...OUTREACH,
    groupPostCooldownSeconds: 60,
  },
}

/** A new tenant's strategies only observe for this long. */
export const OBSERVE_MS = 24 * 60 * MINUTE_MS
