import type { ConsentPurpose, GuardReason, Reachability } from '#contract/words.ts'
import { DAY_MS } from '#server/base/duration.ts'

import { type Cap, type CapScope, type SlotKind, type StrategyCaps, type TenantLimits, capsFor } from './caps.rules.ts'
import { quietUntil } from '../quiet-hours.rules.ts'
import { type WindowUsage, freeAt } from './usage.rules.ts'

export type GuardDecision =
  | { readonly kind: 'allow' }
  | { readonly kind: 'defer'; readonly until: number; readonly reason: GuardReason }
  | { readonly kind: 'refuse'; readonly reason: GuardReason }

/** Same content to the same contact is refused within this time. */
export const DUPLICATE_WINDOW_MS = 7 * DAY_MS

/** What holds for every delivery of one account at one moment. */
export interface AccountFacts {
  readonly globalStopped: boolean
  readonly tenantActive: boolean
  /** From then on only what people type leaves, as the subscription is over; null for no end. */
  readonly automatedUntil: number | null
  readonly tenantStopped: boolean
  readonly accountStopped: boolean
  readonly accountUsable: boolean
  readonly healthStopped: boolean
  readonly waitingUntil: number | null
  readonly accountLinkedAt: number
  /** For an account that may only answer, and only for so long after the person wrote to it; null for any other. */
  readonly replyWindow: { readonly ms: number; readonly canReply: boolean } | null
  readonly limits: TenantLimits
}

export interface RecipientFacts {
  readonly reachability: Reachability
  readonly suppressed: boolean
  readonly isBot: boolean
  readonly isOfficial: boolean
  readonly consents: ReadonlySet<ConsentPurpose>
  /** The person has said something that is not applied yet; it may be a withdrawal. */
  readonly hasUnreadUpdate: boolean
  /** When the person wrote last to this account in private; known for accounts with a reply window only. */
  readonly lastInboundAt: number | null
  readonly timeZone: string
  /** Contents reserved for this contact, with their instants. */
  readonly recentContents: readonly { readonly hash: number; readonly at: number }[]
}

export interface DeliveryFacts {
  readonly slot: SlotKind
  readonly isGroup: boolean
  readonly isHoldout: boolean
  readonly templateApproved: boolean
  readonly contentHash: number | null
  readonly expiresAt: number | null
  readonly strategy: StrategyCaps | null
  readonly chatWaitingUntil: number | null
  readonly inviteRefused: boolean
  /** The group is one more than the package has room for. */
  readonly isGroupOverPackage: boolean
  /** The account left the group or was put out of it. */
  readonly isGroupLeft: boolean
  /** The account is known to have no right to write there. */
  readonly mayNotPost: boolean
  /** What may silence the words of a model; null for words of anybody else. */
  readonly ai: AiStanding | null
}

/** Whether a model may speak in a conversation, as it stands. */
export interface AiStanding {
  /** The account answers by model: so it was chosen, and so its package lets it. */
  readonly isOn: boolean
  /** The conversation goes on: it is there, not closed and not given to a person. */
  readonly isOpen: boolean
  readonly pausedUntil: number | null
  /** Somebody changes the conversation at this very moment. */
  readonly isChanging: boolean
}

/** Everything a decision looks at. `usage` answers for the scope of one cap, `waiting` for those already in line before it. */
export interface GuardFacts {
  readonly account: AccountFacts
  /** Null for a post into a chat. */
  readonly recipient: RecipientFacts | null
  readonly delivery: DeliveryFacts
  readonly usage: (cap: Cap) => WindowUsage
  readonly waiting: (reason: GuardReason, scope: CapScope) => number
}

/** Stopped by a switch that only a person turns back: looked at again after this long. */
const SWITCH_RECHECK_MS = 60_000

const refuse = (reason: GuardReason): GuardDecision => ({ kind: 'refuse', reason })
const defer = (reason: GuardReason, until: number): GuardDecision =>
  Number.isFinite(until) ? { kind: 'defer', reason, until } : refuse(reason)

export interface GuardRule {
  readonly name: string
  /** Null when the rule has nothing against the delivery. */
  readonly check: (facts: GuardFacts, now: number) => GuardDecision | null
}

const onSwitch = (name: string, reason: GuardReason, holds: (facts: GuardFacts) => boolean): GuardRule => ({
  name,
  check: (facts, now) => (holds(facts) ? defer(reason, now + SWITCH_RECHECK_MS) : null),
})

const onRecipient = (
  name: string,
  reason: GuardReason,
  holds: (r: RecipientFacts, f: GuardFacts) => boolean,
): GuardRule => ({
  name,
  check: (facts) => (facts.recipient && holds(facts.recipient, facts) ? refuse(reason) : null),
})

const isCommercial = (f: GuardFacts) => f.delivery.slot.messageClass === 'commercial'

const REACH_REASONS: Readonly<Record<Exclude<Reachability, 'reachable'>, GuardReason>> = {
  not_started: 'not_started',
  blocked: 'blocked',
  deactivated: 'deactivated',
  unknown: 'unreachable',
}

/** Looked at again after this long, for a renewal; until then the queue is not written over and over. */
const SUBSCRIPTION_RECHECK_MS = 5 * 60_000

/** A subscription that is over holds what leaves by itself; people go on answering people. */
const subscription: GuardRule = {
  name: 'subscription',
  check: ({ account: { automatedUntil }, delivery: { slot } }, now) =>
    automatedUntil !== null && now >= automatedUntil && !slot.isHuman
      ? defer('tenant_inactive', now + SUBSCRIPTION_RECHECK_MS)
      : null,
}

/** Nothing is posted into groups beyond the package, by nobody; looked at again for room. */
const groupOverPackage: GuardRule = {
  name: 'group_over_package',
  check: ({ delivery }, now) =>
    delivery.isGroupOverPackage ? defer('group_over_package', now + SUBSCRIPTION_RECHECK_MS) : null,
}

const unreachable: GuardRule = {
  name: 'reachability',
  check: ({ recipient }) =>
    recipient && recipient.reachability !== 'reachable' ? refuse(REACH_REASONS[recipient.reachability]) : null,
}

/**
 * A business account answers whom wrote to it within the window, whatever the message is: Telegram takes nothing else,
 * and nothing else is allowed. Posts into groups have no window at all.
 */
const replyWindow: GuardRule = {
  name: 'reply_window',
  check: ({ account, recipient, delivery }, now) => {
    if (account.replyWindow === null) return null
    const { ms, canReply } = account.replyWindow
    const wroteAt = recipient?.lastInboundAt ?? null
    const isOpen = canReply && !delivery.isGroup && wroteAt !== null && wroteAt > now - ms
    return isOpen ? null : refuse('business_window_closed')
  },
}

/** Whoever changes a conversation is done by then. */
const AI_RECHECK_MS = 250

/** A model says nothing once a person took over, the contact said stop, or the account no longer answers by model. */
const aiSilenced: GuardRule = {
  name: 'ai_silenced',
  check: ({ recipient, delivery: { ai } }, now) => {
    if (ai === null) return null
    if (ai.isChanging) return defer('ai_silenced', now + AI_RECHECK_MS)
    const isPaused = ai.pausedUntil !== null && ai.pausedUntil > now
    return !ai.isOn || !ai.isOpen || isPaused || (recipient?.suppressed ?? true) ? refuse('ai_silenced') : null
  },
}

/** Updates are applied within milliseconds; a backlog is looked at again soon. */
const UNREAD_RECHECK_MS = 2_000

const unread: GuardRule = {
  name: 'unread_update',
  check: (facts, now) =>
    facts.recipient?.hasUnreadUpdate && isCommercial(facts) ? defer('unread_update', now + UNREAD_RECHECK_MS) : null,
}

const quietHours: GuardRule = {
  name: 'quiet_hours',
  check: (facts, now) => {
    if (!facts.recipient || !isCommercial(facts)) return null
    const until = quietUntil(now, facts.recipient.timeZone, {
      fromHour: facts.account.limits.quietFromHour,
      toHour: facts.account.limits.quietToHour,
      nightConsent: facts.recipient.consents.has('night_hours'),
    })
    return until === null ? null : defer('quiet_hours', until)
  },
}

const duplicateContent: GuardRule = {
  name: 'duplicate_content',
  check: ({ recipient, delivery }, now) =>
    recipient &&
    delivery.slot.messageClass === 'commercial' &&
    delivery.contentHash !== null &&
    recipient.recentContents.some((c) => c.hash === delivery.contentHash && c.at > now - DUPLICATE_WINDOW_MS)
      ? refuse('duplicate_content')
      : null,
}

/** The cap that would hold the delivery longest decides, so it is not looked at again in vain. */
const caps: GuardRule = {
  name: 'caps',
  check: (facts, now) => {
    let latest: GuardDecision | null = null
    for (const cap of capsOf(facts, now)) {
      if (!cap.counts(facts.delivery.slot)) continue
      const until = freeAt(facts.usage(cap), cap.max, cap.windowMs, now, facts.waiting(cap.reason, cap.scope))
      if (until === null) continue
      const decision = defer(cap.reason, until)
      if (decision.kind === 'refuse') return decision
      if (!latest || (latest.kind === 'defer' && decision.kind === 'defer' && decision.until > latest.until))
        latest = decision
    }
    return latest
  },
}

const waiting = (name: string, until: (f: GuardFacts) => number | null): GuardRule => ({
  name,
  check: (facts, now) => {
    const end = until(facts)
    return end !== null && end > now ? defer('account_waiting', end) : null
  },
})

/**
 * The rules in the order they speak; the first objection counts. An array, so that the mutation check can take one
 * out and see that a test misses it.
 */
export const GUARD_RULES: GuardRule[] = [
  onSwitch('tenant_active', 'tenant_inactive', (f) => !f.account.tenantActive),
  onSwitch('kill_switch_global', 'kill_switch_global', (f) => f.account.globalStopped),
  onSwitch('kill_switch_tenant', 'kill_switch_tenant', (f) => f.account.tenantStopped),
  onSwitch('kill_switch_account', 'kill_switch_account', (f) => f.account.accountStopped),
  onSwitch('account_usable', 'account_unusable', (f) => !f.account.accountUsable),
  onSwitch('account_health', 'account_paused_by_health', (f) => f.account.healthStopped && isCommercial(f)),
  {
    name: 'expiry',
    check: ({ delivery }, now) => (delivery.expiresAt !== null && delivery.expiresAt <= now ? refuse('expired') : null),
  },
  subscription,
  { name: 'holdout', check: ({ delivery }) => (delivery.isHoldout ? refuse('holdout') : null) },
  {
    name: 'class_approved',
    check: ({ delivery }) => (delivery.templateApproved ? null : refuse('class_not_approved')),
  },
  onRecipient('suppression', 'suppressed', (r, f) => r.suppressed && f.delivery.slot.messageClass === 'commercial'),
  onRecipient('consent', 'no_consent', (r, f) => isCommercial(f) && !r.consents.has('marketing')),
  onRecipient('recipient_is_bot', 'recipient_is_bot', (r) => r.isBot),
  onRecipient('recipient_is_official', 'recipient_is_official', (r) => r.isOfficial),
  unreachable,
  replyWindow,
  aiSilenced,
  unread,
  { name: 'invite_refused', check: ({ delivery }) => (delivery.inviteRefused ? refuse('invite_refused') : null) },
  { name: 'group_left', check: ({ delivery }) => (delivery.isGroupLeft ? refuse('chat_left') : null) },
  {
    name: 'post_right',
    check: ({ recipient, delivery }) => (recipient === null && delivery.mayNotPost ? refuse('no_right_to_post') : null),
  },
  groupOverPackage,
  quietHours,
  duplicateContent,
  caps,
  waiting('account_waiting', (f) => f.account.waitingUntil),
  waiting('chat_waiting', (f) => f.delivery.chatWaitingUntil),
]

/** Rules that count slots, and would find the delivery's own among them. */
const COUNT_SLOTS: ReadonlySet<string> = new Set(['duplicate_content', 'caps'])

/**
 * May a send be repeated that holds its slot already and may have arrived? A repetition that Telegram knows does
 * nothing, one it does not know is the first message: so everything but the counting is asked again. Pure and total.
 */
export const decideRepeat = (facts: GuardFacts, now: number): GuardDecision => {
  for (const rule of GUARD_RULES) {
    const objection = COUNT_SLOTS.has(rule.name) ? null : rule.check(facts, now)
    if (objection) return objection
  }
  return { kind: 'allow' }
}

/** The caps that could hold this delivery at `now`. */
export const capsOf = (facts: Pick<GuardFacts, 'account' | 'delivery'>, now: number): readonly Cap[] =>
  capsFor({
    limits: facts.account.limits,
    accountAgeMs: now - facts.account.accountLinkedAt,
    strategy: facts.delivery.strategy,
    isGroup: facts.delivery.isGroup,
  })

/** May this delivery leave now? Pure and total: the same facts give the same answer, on every machine, for ever. */
export const decide = (facts: GuardFacts, now: number): GuardDecision => {
  for (const rule of GUARD_RULES) {
    const objection = rule.check(facts, now)
    if (objection) return objection
  }
  return { kind: 'allow' }
}
