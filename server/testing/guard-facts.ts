import { DAY_MS, HOUR_MS } from '#server/base/duration.ts'
import type { SlotKind, TenantLimits } from '#server/modules/delivery/guard/caps.rules.ts'
import type {
  AccountFacts,
  DeliveryFacts,
  GuardFacts,
  RecipientFacts,
} from '#server/modules/delivery/guard/guard.rules.ts'
import { EMPTY_USAGE } from '#server/modules/delivery/guard/usage.rules.ts'

import { NOON } from './factories.ts'

export const NO_LIMITS: TenantLimits = {
  dailyMessagesMax: null,
  monthlyMessagesMax: null,
  perMinuteMax: null,
  outreachHourlyMax: null,
  outreachDailyMax: null,
  outreachCooldownMs: 0,
  groupPostCooldownMs: 0,
  quietFromHour: 21,
  quietToHour: 9,
  warmUp: false,
}

const COMMERCIAL: SlotKind = {
  messageClass: 'commercial',
  isOutreach: false,
  isHuman: false,
  isChatPost: false,
  invites: false,
}

export interface FactsOverride {
  readonly account?: Partial<AccountFacts>
  /** Null for a post into a chat. */
  readonly recipient?: Partial<RecipientFacts> | null
  readonly delivery?: Partial<DeliveryFacts>
  readonly slot?: Partial<SlotKind>
  readonly usage?: GuardFacts['usage']
  readonly waiting?: GuardFacts['waiting']
}

/** Facts under which a commercial message at {@link NOON} may leave, but for what is overridden. */
export const guardFacts = (override: FactsOverride = {}): GuardFacts => ({
  account: {
    globalStopped: false,
    tenantActive: true,
    automatedUntil: null,
    tenantStopped: false,
    accountStopped: false,
    accountUsable: true,
    healthStopped: false,
    waitingUntil: null,
    accountLinkedAt: NOON - 60 * DAY_MS,
    replyWindow: null,
    limits: NO_LIMITS,
    ...override.account,
  },
  recipient:
    override.recipient === null
      ? null
      : {
          reachability: 'reachable',
          suppressed: false,
          isBot: false,
          isOfficial: false,
          consents: new Set(['marketing']),
          hasUnreadUpdate: false,
          lastInboundAt: null,
          timeZone: 'Europe/Istanbul',
          recentContents: [],
          ...override.recipient,
        },
  delivery: {
    slot: { ...COMMERCIAL, ...override.slot },
    isGroup: false,
    isHoldout: false,
    templateApproved: true,
    contentHash: 1,
    expiresAt: NOON + 30 * DAY_MS + HOUR_MS,
    strategy: null,
    chatWaitingUntil: null,
    inviteRefused: false,
    isGroupOverPackage: false,
    isGroupLeft: false,
    mayNotPost: false,
    ai: null,
    ...override.delivery,
  },
  usage: override.usage ?? (() => EMPTY_USAGE),
  waiting: override.waiting ?? (() => 0),
})
