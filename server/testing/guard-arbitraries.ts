import fc from 'fast-check'

import { CONSENT_PURPOSES, MESSAGE_CLASSES, REACHABILITIES } from '#contract/words.ts'
import { DAY_MS, HOUR_MS } from '#server/base/duration.ts'
import type { SlotKind, StrategyCaps, TenantLimits } from '#server/modules/delivery/guard/caps.rules.ts'
import type { GuardFacts } from '#server/modules/delivery/guard/guard.rules.ts'
import { usageOf } from '#server/modules/delivery/guard/usage.rules.ts'

/** Zones with summer time on both halves of the globe, half and quarter hours, half-hour and two-hour shifts, and far ends. */
export const TIME_ZONES = [
  'UTC',
  'Europe/Istanbul',
  'Europe/Berlin',
  'America/New_York',
  'America/St_Johns',
  'Asia/Kathmandu',
  'Australia/Lord_Howe',
  'Pacific/Chatham',
  'Pacific/Apia',
  'Africa/Casablanca',
  'Antarctica/Troll',
] as const

/** Instants close to which the clocks of those zones jump, in 2026. */
export const CLOCK_CHANGES = [
  Date.UTC(2026, 2, 8, 7),
  Date.UTC(2026, 2, 29, 1),
  Date.UTC(2026, 3, 4, 15),
  Date.UTC(2026, 9, 25, 1),
  Date.UTC(2026, 10, 1, 6),
]

const orNull = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { freq: 3 })
const seldom = fc.integer({ min: 0, max: 11 }).map((n) => n === 0)

export const arbitraryLimits: fc.Arbitrary<TenantLimits> = fc.record({
  dailyMessagesMax: orNull(fc.integer({ min: 0, max: 40 })),
  monthlyMessagesMax: orNull(fc.integer({ min: 0, max: 120 })),
  perMinuteMax: orNull(fc.integer({ min: 0, max: 6 })),
  outreachHourlyMax: orNull(fc.integer({ min: 0, max: 10 })),
  outreachDailyMax: orNull(fc.integer({ min: 0, max: 50 })),
  outreachCooldownMs: fc.constantFrom(0, HOUR_MS / 2, HOUR_MS, 30 * HOUR_MS),
  groupPostCooldownMs: fc.constantFrom(0, 60_000, 300_000),
  quietFromHour: fc.constantFrom(21, 22, 0, 24, 13),
  quietToHour: fc.constantFrom(9, 7, 0, 24, 12),
  warmUp: fc.boolean(),
})

export const arbitraryStrategy: fc.Arbitrary<StrategyCaps | null> = orNull(
  fc.record({ cooldownHours: fc.constantFrom(0, 2, 4, 24, 72), maxPerDay: fc.integer({ min: 0, max: 5 }) }),
)

/** Facts of any kind at any instant, mostly without a hindrance, so that every rule is reached. */
export const arbitraryQuestion: fc.Arbitrary<{ readonly facts: GuardFacts; readonly now: number }> = fc
  .record({
    now: fc.integer({ min: 0, max: 2 ** 42 }),
    account: fc.record({
      globalStopped: seldom,
      tenantActive: seldom.map((no) => !no),
      automatedUntil: fc.oneof({ weight: 9, arbitrary: fc.constant(null) }, fc.integer({ min: 0, max: 2 ** 43 })),
      tenantStopped: seldom,
      accountStopped: seldom,
      accountUsable: seldom.map((no) => !no),
      healthStopped: seldom,
      waitingUntil: orNull(fc.integer({ min: 0, max: 2 ** 43 })),
      accountLinkedAt: fc.integer({ min: 0, max: 2 ** 42 }),
      replyWindow: orNull(fc.record({ ms: fc.integer({ min: 1, max: 2 ** 42 }), canReply: seldom.map((no) => !no) })),
      limits: arbitraryLimits,
    }),
    recipient: orNull(
      fc.record({
        reachability: fc.constantFrom('reachable', 'reachable', 'reachable', ...REACHABILITIES),
        suppressed: seldom,
        isBot: seldom,
        isOfficial: seldom,
        consents: fc.subarray([...CONSENT_PURPOSES]).map((list) => new Set(list)),
        hasUnreadUpdate: seldom,
        lastInboundAt: orNull(fc.integer({ min: 0, max: 2 ** 42 })),
        timeZone: fc.oneof(
          { weight: 9, arbitrary: fc.constantFrom(...TIME_ZONES) },
          { weight: 1, arbitrary: fc.string() },
        ),
        recentContents: fc.array(fc.record({ hash: fc.nat(3), at: fc.integer({ min: 0, max: 2 ** 42 }) }), {
          maxLength: 3,
        }),
      }),
    ),
    delivery: fc.record({
      slot: fc.record<SlotKind>({
        messageClass: fc.constantFrom(...MESSAGE_CLASSES, 'commercial'),
        isOutreach: fc.boolean(),
        isHuman: fc.boolean(),
        isChatPost: fc.boolean(),
        invites: fc.boolean(),
      }),
      isGroup: fc.boolean(),
      isHoldout: seldom,
      templateApproved: seldom.map((no) => !no),
      contentHash: orNull(fc.nat(3)),
      expiresAt: orNull(fc.integer({ min: 0, max: 2 ** 44 })),
      strategy: arbitraryStrategy,
      chatWaitingUntil: orNull(fc.integer({ min: 0, max: 2 ** 43 })),
      inviteRefused: seldom,
      isGroupOverPackage: seldom,
      isGroupLeft: seldom,
      mayNotPost: seldom,
      ai: orNull(
        fc.record({
          isOn: seldom.map((no) => !no),
          isOpen: seldom.map((no) => !no),
          pausedUntil: orNull(fc.integer({ min: 0, max: 2 ** 42 })),
          isChanging: seldom,
        }),
      ),
    }),
    ages: fc.array(fc.integer({ min: -5_000, max: 2 * DAY_MS }), { maxLength: 8 }),
    waiting: fc.nat(500),
  })
  .map(({ now, ages, waiting, ...facts }) => ({
    now,
    facts: {
      ...facts,
      usage: (cap) =>
        usageOf(
          ages.map((age) => now - age),
          cap.windowMs,
          now,
        ),
      waiting: () => waiting,
    },
  }))
