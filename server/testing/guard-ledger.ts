import type { MessageClass } from '#contract/words.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '#server/base/duration.ts'
import type { Cap, SlotKind, StrategyCaps, TenantLimits } from '#server/modules/delivery/guard/caps.rules.ts'
import type { GuardFacts, RecipientFacts } from '#server/modules/delivery/guard/guard.rules.ts'
import { usageOf } from '#server/modules/delivery/guard/usage.rules.ts'

/** A delivery of the in-memory ledger, asked for or recorded. */
export interface LedgerEntry {
  readonly accountId: number
  /** Null for a post into a chat. */
  readonly contactId: number | null
  readonly chatId: number
  readonly inviteChatId: number | null
  readonly messageClass: MessageClass
  readonly isOutreach: boolean
  readonly isHuman: boolean
  readonly contentHash: number
  readonly strategy: StrategyCaps | null
}

export type RecordedEntry = LedgerEntry & { readonly at: number }

const slotOf = (e: LedgerEntry): SlotKind => ({
  messageClass: e.messageClass,
  isOutreach: e.isOutreach,
  isHuman: e.isHuman,
  isChatPost: e.contactId === null,
  invites: e.inviteChatId !== null,
})

const sameScope = (cap: Cap, a: LedgerEntry, b: LedgerEntry): boolean => {
  switch (cap.scope) {
    case 'tenant':
      return true
    case 'account':
      return a.accountId === b.accountId
    case 'contact':
      return a.contactId !== null && a.contactId === b.contactId
    case 'chat':
      return a.chatId === b.chatId && (cap.reason === 'group_post_cooldown' || a.accountId === b.accountId)
    case 'contact_chat':
      return a.contactId === b.contactId && a.inviteChatId === b.inviteChatId
  }
}

export interface LedgerWorld {
  readonly limits: TenantLimits
  readonly accountLinkedAt: number
  readonly recipientOf: (contactId: number) => Omit<RecipientFacts, 'recentContents' | 'lastInboundAt'>
  readonly waiting: number
  /** Of a business account: the window it answers within, and when each person wrote to it last. */
  readonly business?: {
    readonly accountId: number
    readonly windowMs: number
    readonly wroteAt: ReadonlyMap<number, number>
  }
}

/** What the guard may look at when it is asked about `entry` at `now`: this ledger and nothing else. */
export const factsFromLedger = (
  world: LedgerWorld,
  ledger: readonly RecordedEntry[],
  entry: LedgerEntry,
  now: number,
): GuardFacts => ({
  account: {
    globalStopped: false,
    tenantActive: true,
    automatedUntil: null,
    tenantStopped: false,
    accountStopped: false,
    accountUsable: true,
    healthStopped: false,
    waitingUntil: null,
    accountLinkedAt: world.accountLinkedAt,
    replyWindow: world.business?.accountId === entry.accountId ? { ms: world.business.windowMs, canReply: true } : null,
    limits: world.limits,
  },
  recipient:
    entry.contactId === null
      ? null
      : {
          ...world.recipientOf(entry.contactId),
          lastInboundAt: world.business?.wroteAt.get(entry.contactId) ?? null,
          recentContents: ledger
            .filter((e) => e.contactId === entry.contactId)
            .map((e) => ({ hash: e.contentHash, at: e.at })),
        },
  delivery: {
    slot: slotOf(entry),
    isGroup: entry.chatId < 0,
    isHoldout: false,
    templateApproved: true,
    contentHash: entry.contentHash,
    expiresAt: null,
    strategy: entry.strategy,
    chatWaitingUntil: null,
    inviteRefused: false,
    isGroupOverPackage: false,
    isGroupLeft: false,
    mayNotPost: false,
    ai: null,
  },
  usage: (cap) =>
    usageOf(
      ledger.filter((e) => sameScope(cap, e, entry) && cap.counts(slotOf(e))).map((e) => e.at),
      cap.windowMs,
      now,
    ),
  waiting: () => world.waiting,
})

interface CapPromise {
  readonly name: string
  readonly counts: (e: LedgerEntry) => boolean
  /** Whose entries are counted together. */
  readonly key: (e: LedgerEntry) => string
  readonly windowMs: (e: RecordedEntry) => number
  /** Null where the promise does not hold this entry. */
  readonly max: (e: RecordedEntry) => number | null
}

const commercial = (e: LedgerEntry) => e.messageClass === 'commercial' && e.contactId !== null
const quota = (e: LedgerEntry) => e.messageClass !== 'reply' && !e.isHuman
const always = () => true
const contact = (e: LedgerEntry) => `${e.contactId}`
const account = (e: LedgerEntry) => `${e.accountId}`
const tenant = () => 'tenant'
const chat = (e: LedgerEntry) => `${e.accountId}:${e.chatId}`

/** The caps of the domain said once more, apart from the code that keeps them. */
const promisesOf = ({ limits, accountLinkedAt }: LedgerWorld): readonly CapPromise[] => {
  const fixed = (value: number | null) => () => value
  const within = (ms: number) => () => ms
  const personal = (e: LedgerEntry) => e.isOutreach && e.contactId !== null
  const row = (
    name: string,
    counts: CapPromise['counts'],
    key: CapPromise['key'],
    windowMs: CapPromise['windowMs'],
    max: CapPromise['max'],
  ): CapPromise => ({ name, counts, key, windowMs, max })
  return [
    row('five a day', commercial, contact, within(DAY_MS), fixed(5)),
    row('two hours apart', commercial, contact, within(2 * HOUR_MS), fixed(1)),
    row('strategy per day', commercial, contact, within(DAY_MS), (e) => e.strategy?.maxPerDay ?? null),
    row(
      'strategy cooldown',
      commercial,
      contact,
      (e) => (e.strategy?.cooldownHours ?? 0) * HOUR_MS,
      (e) => (e.strategy ? 1 : null),
    ),
    row('outreach apart', personal, contact, within(limits.outreachCooldownMs), fixed(1)),
    row(
      'invites',
      (e) => e.inviteChatId !== null,
      (e) => `${e.contactId}:${e.inviteChatId}`,
      within(30 * DAY_MS),
      fixed(1),
    ),
    row(
      'group posts',
      (e) => e.contactId === null && e.messageClass !== 'reply',
      (e) => `${e.chatId}`,
      within(limits.groupPostCooldownMs),
      fixed(1),
    ),
    row('outreach per hour', (e) => e.isOutreach, account, within(HOUR_MS), fixed(limits.outreachHourlyMax)),
    row('outreach per day', (e) => e.isOutreach, account, within(DAY_MS), fixed(limits.outreachDailyMax)),
    row(
      'warm-up',
      (e) => e.messageClass === 'commercial',
      account,
      within(DAY_MS),
      (e) => {
        const days = Math.floor((e.at - accountLinkedAt) / DAY_MS)
        return limits.warmUp && days < 7 ? 100 * 2 ** Math.max(0, days) : null
      },
    ),
    row('account per minute', always, account, within(MINUTE_MS), fixed(limits.perMinuteMax)),
    row('daily quota', quota, tenant, within(DAY_MS), fixed(limits.dailyMessagesMax)),
    row('monthly quota', quota, tenant, within(30 * DAY_MS), fixed(limits.monthlyMessagesMax)),
    row('chat a second', always, chat, within(SECOND_MS), fixed(1)),
    row('group a minute', always, chat, within(MINUTE_MS), (e) => (e.chatId < 0 ? 20 : null)),
  ]
}

/** Every promise that some rolling window of this ledger breaks: looking back from each entry, by its own limits. */
export const brokenPromises = (world: LedgerWorld, ledger: readonly RecordedEntry[]): readonly string[] =>
  promisesOf(world).flatMap((p) =>
    ledger
      .filter((e) => p.counts(e))
      .filter((e) => {
        const max = p.max(e)
        if (max === null) return false
        const used = ledger.filter(
          (o) => p.counts(o) && p.key(o) === p.key(e) && o.at > e.at - p.windowMs(e) && o.at <= e.at,
        )
        // The entry itself is inside its own window, even one of no length.
        return Math.max(1, used.length) > Math.max(max, p.windowMs(e) === 0 ? used.length : 0)
      })
      .map((e) => `${p.name} at ${e.at}`),
  )

/** The local hour as the platform tells it, apart from the guard's own arithmetic. */
export const hourIn = (timeZone: string, at: number): number =>
  Number(new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', hourCycle: 'h23' }).format(at))
