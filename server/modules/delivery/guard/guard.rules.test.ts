import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { type GuardReason, GUARD_REASONS } from '#contract/words.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '#server/base/duration.ts'
import { NOON } from '#server/testing/factories.ts'
import { arbitraryQuestion } from '#server/testing/guard-arbitraries.ts'
import { type FactsOverride, NO_LIMITS, guardFacts } from '#server/testing/guard-facts.ts'
import { REPLY_WINDOW_CASES } from '#server/testing/reply-window-cases.ts'

import { type SlotKind, type StrategyCaps, type TenantLimits, capsFor } from './caps.rules.ts'
import { GUARD_RULES, capsOf, decide, decideRepeat } from './guard.rules.ts'

const answer = (override: FactsOverride, now = NOON) => decide(guardFacts(override), now)
const ALLOW = { kind: 'allow' }

interface RuleCase {
  readonly rule: string
  readonly reason: GuardReason
  readonly bad: FactsOverride
  /** The nearest facts the rule has nothing against. */
  readonly good: FactsOverride
  /** For a deferral; the rule refuses otherwise. */
  readonly until?: number
}

const SWITCHED = NOON + MINUTE_MS
const REPLY = { messageClass: 'reply' } as const
const SPEAKING = { isOn: true, isOpen: true, pausedUntil: null, isChanging: false }
const CASES: readonly RuleCase[] = [
  {
    rule: 'tenant_active',
    reason: 'tenant_inactive',
    bad: { account: { tenantActive: false }, slot: REPLY },
    good: {},
    until: SWITCHED,
  },
  {
    rule: 'subscription',
    reason: 'tenant_inactive',
    bad: { account: { automatedUntil: NOON }, slot: REPLY },
    good: { account: { automatedUntil: NOON }, slot: { isHuman: true } },
    until: NOON + 5 * MINUTE_MS,
  },
  {
    rule: 'kill_switch_global',
    reason: 'kill_switch_global',
    bad: { account: { globalStopped: true }, slot: REPLY },
    good: {},
    until: SWITCHED,
  },
  {
    rule: 'kill_switch_tenant',
    reason: 'kill_switch_tenant',
    bad: { account: { tenantStopped: true }, slot: REPLY },
    good: {},
    until: SWITCHED,
  },
  {
    rule: 'kill_switch_account',
    reason: 'kill_switch_account',
    bad: { account: { accountStopped: true }, slot: REPLY },
    good: {},
    until: SWITCHED,
  },
  {
    rule: 'account_usable',
    reason: 'account_unusable',
    bad: { account: { accountUsable: false }, slot: REPLY },
    good: {},
    until: SWITCHED,
  },
  {
    rule: 'account_health',
    reason: 'account_paused_by_health',
    bad: { account: { healthStopped: true } },
    good: { account: { healthStopped: true }, slot: REPLY },
    until: SWITCHED,
  },
  {
    rule: 'expiry',
    reason: 'expired',
    bad: { delivery: { expiresAt: NOON } },
    good: { delivery: { expiresAt: NOON + 1 } },
  },
  { rule: 'holdout', reason: 'holdout', bad: { delivery: { isHoldout: true } }, good: {} },
  { rule: 'class_approved', reason: 'class_not_approved', bad: { delivery: { templateApproved: false } }, good: {} },
  {
    rule: 'suppression',
    reason: 'suppressed',
    bad: { recipient: { suppressed: true } },
    good: { recipient: { suppressed: true }, slot: REPLY },
  },
  {
    rule: 'consent',
    reason: 'no_consent',
    bad: { recipient: { consents: new Set(['night_hours', 'ai_processing']) } },
    good: { recipient: { consents: new Set() }, slot: { messageClass: 'transactional' } },
  },
  { rule: 'recipient_is_bot', reason: 'recipient_is_bot', bad: { recipient: { isBot: true }, slot: REPLY }, good: {} },
  {
    rule: 'recipient_is_official',
    reason: 'recipient_is_official',
    bad: { recipient: { isOfficial: true }, slot: REPLY },
    good: {},
  },
  ...(
    [
      [{ isOn: false }, undefined],
      [{ isOpen: false }, undefined],
      [{ pausedUntil: NOON + 1 }, undefined],
      [{ isChanging: true, isOpen: false }, NOON + 250],
    ] as const
  ).map(([silent, until]) => ({
    rule: 'ai_silenced',
    reason: 'ai_silenced' as const,
    bad: { delivery: { ai: { ...SPEAKING, ...silent } }, slot: REPLY },
    good: { delivery: { ai: { ...SPEAKING, pausedUntil: NOON } }, slot: REPLY },
    ...(until !== undefined && { until }),
  })),
  {
    rule: 'ai_silenced',
    reason: 'ai_silenced',
    bad: { recipient: { suppressed: true }, delivery: { ai: SPEAKING }, slot: REPLY },
    good: { recipient: { suppressed: true }, slot: REPLY },
  },
  {
    rule: 'ai_silenced',
    reason: 'ai_silenced',
    bad: { recipient: null, delivery: { ai: SPEAKING }, slot: REPLY },
    good: { recipient: null, slot: REPLY },
  },
  {
    rule: 'unread_update',
    reason: 'unread_update',
    bad: { recipient: { hasUnreadUpdate: true } },
    good: { recipient: { hasUnreadUpdate: true }, slot: REPLY },
    until: NOON + 2_000,
  },
  ...(['blocked', 'deactivated', 'not_started'] as const).map((reachability) => ({
    rule: 'reachability',
    reason: reachability,
    bad: { recipient: { reachability }, slot: REPLY },
    good: {},
  })),
  {
    rule: 'reachability',
    reason: 'unreachable',
    bad: { recipient: { reachability: 'unknown' }, slot: REPLY },
    good: { recipient: null },
  },
  { rule: 'invite_refused', reason: 'invite_refused', bad: { delivery: { inviteRefused: true } }, good: {} },
  {
    rule: 'quiet_hours',
    reason: 'quiet_hours',
    // In Kamchatka it is 21:00 when it is noon in Istanbul.
    bad: { recipient: { timeZone: 'Asia/Kamchatka' } },
    good: { recipient: { timeZone: 'Asia/Kamchatka', consents: new Set(['marketing', 'night_hours']) } },
    until: NOON + 12 * HOUR_MS,
  },
  {
    rule: 'quiet_hours',
    reason: 'quiet_hours',
    bad: { recipient: { timeZone: 'Mars/Olympus' } },
    good: { recipient: { timeZone: 'Mars/Olympus' }, slot: REPLY },
  },
  {
    rule: 'duplicate_content',
    reason: 'duplicate_content',
    bad: { recipient: { recentContents: [{ hash: 1, at: NOON - 7 * DAY_MS + 1 }] } },
    good: {
      recipient: {
        recentContents: [
          { hash: 1, at: NOON - 7 * DAY_MS },
          { hash: 2, at: NOON },
        ],
      },
    },
  },
  ...REPLY_WINDOW_CASES,
  {
    rule: 'group_left',
    reason: 'chat_left',
    bad: { recipient: null, delivery: { isGroup: true, isGroupLeft: true }, slot: { ...REPLY, isHuman: true } },
    good: { recipient: null, delivery: { isGroup: true, isGroupLeft: false }, slot: REPLY },
  },
  {
    rule: 'post_right',
    reason: 'no_right_to_post',
    bad: { recipient: null, delivery: { isGroup: true, mayNotPost: true }, slot: { isChatPost: true } },
    good: { recipient: null, delivery: { isGroup: true, mayNotPost: false }, slot: { isChatPost: true } },
  },
  {
    rule: 'group_over_package',
    reason: 'group_over_package',
    bad: { recipient: null, delivery: { isGroup: true, isGroupOverPackage: true }, slot: { ...REPLY, isHuman: true } },
    good: { recipient: null, delivery: { isGroup: true, isGroupOverPackage: false }, slot: REPLY },
    until: NOON + 5 * MINUTE_MS,
  },
  {
    rule: 'account_waiting',
    reason: 'account_waiting',
    bad: { account: { waitingUntil: NOON + 1 }, slot: REPLY },
    good: { account: { waitingUntil: NOON } },
    until: NOON + 1,
  },
  {
    rule: 'chat_waiting',
    reason: 'account_waiting',
    bad: { delivery: { chatWaitingUntil: NOON + 5 }, slot: REPLY },
    good: { delivery: { chatWaitingUntil: NOON } },
    until: NOON + 5,
  },
]

interface CapCase {
  readonly reason: GuardReason
  readonly limits?: Partial<TenantLimits>
  readonly strategy?: StrategyCaps
  readonly slot: Partial<SlotKind>
  /** A message the cap neither counts nor holds. */
  readonly exempt?: Partial<SlotKind>
  readonly isGroup?: boolean
  readonly accountAgeMs?: number
  readonly max: number
  readonly windowMs: number
}

const OUTREACH = { isOutreach: true, messageClass: 'transactional' } as const
const TRANSACTIONAL = { messageClass: 'transactional' } as const
const CAPS: readonly CapCase[] = [
  { reason: 'hard_ceiling_daily', slot: {}, exempt: TRANSACTIONAL, max: 5, windowMs: DAY_MS },
  { reason: 'hard_ceiling_gap', slot: {}, exempt: TRANSACTIONAL, max: 1, windowMs: 2 * HOUR_MS },
  {
    reason: 'strategy_daily',
    strategy: { cooldownHours: 1, maxPerDay: 3 },
    slot: {},
    exempt: TRANSACTIONAL,
    max: 3,
    windowMs: DAY_MS,
  },
  {
    reason: 'strategy_cooldown',
    strategy: { cooldownHours: 9, maxPerDay: 3 },
    slot: {},
    exempt: TRANSACTIONAL,
    max: 1,
    windowMs: 9 * HOUR_MS,
  },
  {
    reason: 'outreach_cooldown',
    limits: { outreachCooldownMs: HOUR_MS },
    slot: OUTREACH,
    exempt: TRANSACTIONAL,
    max: 1,
    windowMs: HOUR_MS,
  },
  {
    reason: 'group_invite_cooldown',
    slot: { invites: true, messageClass: 'transactional' },
    exempt: TRANSACTIONAL,
    max: 1,
    windowMs: 30 * DAY_MS,
  },
  {
    reason: 'group_post_cooldown',
    limits: { groupPostCooldownMs: 5 * MINUTE_MS },
    slot: { isChatPost: true, messageClass: 'transactional' },
    exempt: { isChatPost: true, ...REPLY },
    isGroup: true,
    max: 1,
    windowMs: 5 * MINUTE_MS,
  },
  {
    reason: 'outreach_hourly',
    limits: { outreachHourlyMax: 10 },
    slot: OUTREACH,
    exempt: TRANSACTIONAL,
    max: 10,
    windowMs: HOUR_MS,
  },
  {
    reason: 'outreach_daily',
    limits: { outreachDailyMax: 50 },
    slot: OUTREACH,
    exempt: TRANSACTIONAL,
    max: 50,
    windowMs: DAY_MS,
  },
  {
    reason: 'warm_up_daily',
    limits: { warmUp: true },
    accountAgeMs: 2 * DAY_MS,
    slot: {},
    exempt: TRANSACTIONAL,
    max: 400,
    windowMs: DAY_MS,
  },
  { reason: 'account_per_minute', limits: { perMinuteMax: 2 }, slot: REPLY, max: 2, windowMs: MINUTE_MS },
  {
    reason: 'tenant_daily_quota',
    limits: { dailyMessagesMax: 100 },
    slot: TRANSACTIONAL,
    exempt: REPLY,
    max: 100,
    windowMs: DAY_MS,
  },
  {
    reason: 'tenant_monthly_quota',
    limits: { monthlyMessagesMax: 1_000 },
    slot: TRANSACTIONAL,
    exempt: { ...TRANSACTIONAL, isHuman: true },
    max: 1_000,
    windowMs: 30 * DAY_MS,
  },
  { reason: 'telegram_chat_rate', slot: REPLY, max: 1, windowMs: SECOND_MS },
  { reason: 'telegram_group_rate', isGroup: true, slot: REPLY, max: 20, windowMs: MINUTE_MS },
]

describe('decide', () => {
  it('allows a commercial message nothing speaks against', () => {
    expect(answer({})).toEqual(ALLOW)
  })

  it.each(CASES)('$rule objects with $reason, and not to the nearest harmless facts', (c) => {
    expect(answer(c.bad)).toEqual(
      c.until === undefined
        ? { kind: 'refuse', reason: c.reason }
        : { kind: 'defer', reason: c.reason, until: c.until },
    )
    expect(answer(c.good)).toEqual(ALLOW)
  })

  it('has a case for every rule', () => {
    const known = new Set([...CASES.map((c) => c.rule), 'caps'])
    expect(GUARD_RULES.map((r) => r.name).filter((name) => !known.has(name))).toEqual([])
  })

  it.each(CAPS)('$reason holds at its maximum until its window has passed, and one below it does not', (c) => {
    const usedBy = (count: number, slot: Partial<SlotKind> = c.slot) =>
      answer({
        account: {
          limits: { ...NO_LIMITS, quietFromHour: 0, quietToHour: 0, ...c.limits },
          ...(c.accountAgeMs !== undefined && { accountLinkedAt: NOON - c.accountAgeMs }),
        },
        ...(c.slot.isChatPost && { recipient: null }),
        delivery: { strategy: c.strategy ?? null, isGroup: c.isGroup ?? false },
        slot,
        usage: (cap) =>
          cap.reason === c.reason
            ? { count, oldest: Array.from({ length: count }, (_, i) => NOON - c.windowMs + 10 + i) }
            : { count: 0, oldest: [] },
      })
    expect(usedBy(c.max)).toEqual({ kind: 'defer', reason: c.reason, until: NOON + 10 })
    expect(usedBy(c.max - 1)).toEqual(ALLOW)
    if (c.exempt) expect(usedBy(c.max, c.exempt)).toEqual(ALLOW)
  })

  it('has a case for every cap', () => {
    const limits: TenantLimits = {
      ...NO_LIMITS,
      dailyMessagesMax: 1,
      monthlyMessagesMax: 1,
      perMinuteMax: 1,
      outreachHourlyMax: 1,
      outreachDailyMax: 1,
      outreachCooldownMs: 1,
      groupPostCooldownMs: 1,
      warmUp: true,
    }
    const all = capsFor({ limits, accountAgeMs: 0, strategy: { cooldownHours: 1, maxPerDay: 1 }, isGroup: true })
    const known = new Set(CAPS.map((c) => c.reason))
    expect(all.map((c) => c.reason).filter((reason) => !known.has(reason))).toEqual([])
  })

  it('refuses for good what a cap of nothing holds', () => {
    expect(answer({ account: { limits: { ...NO_LIMITS, dailyMessagesMax: 0 } } })).toEqual({
      kind: 'refuse',
      reason: 'tenant_daily_quota',
    })
  })

  it('waits for the cap that frees a slot last', () => {
    const facts = guardFacts({
      delivery: { strategy: { cooldownHours: 9, maxPerDay: 3 } },
      usage: (cap) => ({ count: cap.max, oldest: Array.from({ length: cap.max }, () => NOON - 1) }),
    })
    const answers = capsOf(facts, NOON).filter((cap) => cap.counts(facts.delivery.slot))
    expect(decide(facts, NOON)).toMatchObject({
      kind: 'defer',
      until: NOON - 1 + Math.max(...answers.map((cap) => cap.windowMs)),
    })
  })

  it('refuses everything commercial to a person the database does not know', () => {
    const unknown = {
      reachability: 'unknown',
      suppressed: true,
      consents: new Set<never>(),
      timeZone: 'UTC',
    } as const
    expect(answer({ recipient: unknown })).toMatchObject({ kind: 'refuse' })
    expect(answer({ recipient: unknown, slot: REPLY })).toMatchObject({ kind: 'refuse' })
  })

  it('answers any facts at any instant, with a known reason and never with an instant that has passed', () => {
    fc.assert(
      fc.property(arbitraryQuestion, ({ facts, now }) => {
        const decision = decide(facts, now)
        if (decision.kind === 'allow') return
        expect(GUARD_REASONS).toContain(decision.reason)
        if (decision.kind === 'defer') {
          expect(decision.until).toBeGreaterThan(now)
          expect(Number.isFinite(decision.until)).toBe(true)
        }
        expect(decide(facts, now)).toEqual(decision)
      }),
      { numRuns: 2_000 },
    )
  })

  it('never allows a commercial message without a yes, after a no, or to whom nobody may write', () => {
    fc.assert(
      fc.property(arbitraryQuestion, ({ facts, now }) => {
        if (decide(facts, now).kind !== 'allow') return
        const { account, recipient, delivery } = facts
        expect(account.tenantActive && account.accountUsable).toBe(true)
        if (!delivery.slot.isHuman) expect(account.automatedUntil ?? Infinity).toBeGreaterThan(now)
        expect(account.globalStopped || account.tenantStopped || account.accountStopped).toBe(false)
        expect(delivery.isHoldout || delivery.inviteRefused || !delivery.templateApproved).toBe(false)
        expect(delivery.isGroupOverPackage).toBe(false)
        expect(delivery.isGroupLeft).toBe(false)
        if (account.replyWindow) {
          expect(account.replyWindow.canReply && !delivery.isGroup).toBe(true)
          expect(recipient?.lastInboundAt ?? -Infinity).toBeGreaterThan(now - account.replyWindow.ms)
        }
        if (!recipient) return
        expect(recipient.reachability).toBe('reachable')
        expect(recipient.isBot || recipient.isOfficial).toBe(false)
        if (delivery.slot.messageClass !== 'commercial') return
        expect(recipient.suppressed).toBe(false)
        expect(recipient.consents.has('marketing')).toBe(true)
        expect(account.healthStopped).toBe(false)
      }),
      { numRuns: 2_000 },
    )
  })
})

describe('decideRepeat', () => {
  it('objects to whatever the guard objects to, save the slots: the delivery holds its own', () => {
    fc.assert(
      fc.property(arbitraryQuestion, ({ facts, now }) => {
        const speaks = GUARD_RULES.find((rule) => rule.check(facts, now) !== null)
        const isOfSlots = speaks !== undefined && ['duplicate_content', 'caps'].includes(speaks.name)
        const again = decideRepeat(facts, now)
        expect(again).toEqual(isOfSlots ? again : decide(facts, now))
      }),
    )
  })

  it('does not take the slot and the content of the first call for somebody else’s', () => {
    const own = guardFacts({
      delivery: { contentHash: 5 },
      recipient: { recentContents: [{ hash: 5, at: NOON }] },
    })
    expect(decide(own, NOON)).toEqual({ kind: 'refuse', reason: 'duplicate_content' })
    expect(decideRepeat(own, NOON)).toEqual(ALLOW)
  })
})
