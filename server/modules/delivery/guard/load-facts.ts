import type { ConsentPurpose } from '#contract/words.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '#server/base/duration.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import { together } from '#server/db/together.ts'
import { CAPABILITIES } from '#server/gateways/telegram/capabilities.ts'
import { findUnreadPeople } from '#server/modules/accounts/index.ts'
import { listUnpostable } from '#server/modules/groups/index.ts'

import { type Cap, type SlotKind, INVITE_COOLDOWN_MS } from './caps.rules.ts'
import {
  type AccountFacts,
  type DeliveryFacts,
  type GuardFacts,
  type RecipientFacts,
  DUPLICATE_WINDOW_MS,
  capsOf,
} from './guard.rules.ts'
import type { AccountRow } from './account-row.store.ts'
import type { ClaimedRow } from './claim.store.ts'
import {
  type Meeting,
  type RecipientRow,
  type SlotRow,
  countWaiting,
  findWindowUsage,
  listChatSlots,
  listChatWaits,
  listChatsLeft,
  listChatsOverPackage,
  listContactSlots,
  listInviteRefusals,
  listRecipientRows,
  meetingKey,
} from './guard.store.ts'
import { listLastInbound } from './last-inbound.store.ts'
import { loadAiStanding } from './load-ai-standing.ts'
import { SlotLedger } from './slot-ledger.ts'

const replyWindowOf = ({ kind, business_rights: rights }: AccountRow): AccountFacts['replyWindow'] => {
  const { replyWindowMs } = CAPABILITIES[kind]
  return replyWindowMs === null ? null : { ms: replyWindowMs, canReply: rights?.includes('can_reply') ?? false }
}

export const toAccountFacts = (row: AccountRow): AccountFacts => ({
  globalStopped: row.global_stopped,
  tenantActive: row.tenant_state === 'active',
  automatedUntil: row.automated_until?.getTime() ?? null,
  tenantStopped: row.tenant_stopped,
  accountStopped: row.account_stopped,
  accountUsable: row.account_state === 'active',
  healthStopped: row.health === 'stopped',
  waitingUntil: row.waiting_until?.getTime() ?? null,
  accountLinkedAt: row.linked_at.getTime(),
  replyWindow: replyWindowOf(row),
  limits: {
    dailyMessagesMax: row.daily_messages_max,
    monthlyMessagesMax: row.monthly_messages_max,
    perMinuteMax: row.per_minute_max,
    outreachHourlyMax: row.outreach_hourly_max,
    outreachDailyMax: row.outreach_daily_max,
    outreachCooldownMs: row.outreach_cooldown_minutes * MINUTE_MS,
    groupPostCooldownMs: row.group_post_cooldown_seconds * SECOND_MS,
    quietFromHour: row.quiet_from_hour,
    quietToHour: row.quiet_to_hour,
    warmUp: row.warm_up,
  },
})

/** A delivery as the guard sees it: the row, and what only the template can tell. */
export interface Candidate {
  readonly row: ClaimedRow
  readonly contentHash: number | null
  readonly templateApproved: boolean
}

export const slotKindOf = (
  row: Pick<ClaimedRow, 'message_class' | 'is_outreach' | 'is_human' | 'contact_id' | 'invite_chat_id'>,
): SlotKind => ({
  messageClass: row.message_class,
  isOutreach: row.is_outreach,
  isHuman: row.is_human,
  isChatPost: row.contact_id === null,
  invites: row.invite_chat_id !== null,
})

const historySince = (rows: readonly ClaimedRow[], now: number): number => {
  const strategyHours = Math.max(0, ...rows.map((r) => r.strategy_cooldown_hours ?? 0))
  const inviteMs = rows.some((r) => r.invite_chat_id !== null) ? INVITE_COOLDOWN_MS : 0
  return now - Math.max(DUPLICATE_WINDOW_MS, strategyHours * HOUR_MS, inviteMs)
}

const toRecipient = (
  row: RecipientRow,
  timeZone: string,
  slots: readonly SlotRow[],
  hasUnreadUpdate: boolean,
  lastInboundAt: number | null,
): RecipientFacts => ({
  reachability: row.reachability,
  suppressed: row.suppressed,
  isBot: row.is_bot,
  isOfficial: row.is_official,
  consents: new Set<ConsentPurpose>(row.consents),
  hasUnreadUpdate,
  lastInboundAt,
  timeZone: row.time_zone ?? timeZone,
  recentContents: slots.flatMap((s) =>
    s.content_hash === null ? [] : [{ hash: s.content_hash, at: s.reserved_at.getTime() }],
  ),
})

const NO_RECIPIENT: RecipientFacts = {
  reachability: 'unknown',
  suppressed: true,
  isBot: false,
  isOfficial: false,
  consents: new Set(),
  hasUnreadUpdate: true,
  lastInboundAt: null,
  timeZone: 'UTC',
  recentContents: [],
}

export interface LoadedFacts {
  /** What is known of the person a delivery goes to; nothing for a post, or where the database does not give them. */
  readonly recipientOf: (row: ClaimedRow) => RecipientRow | undefined
  readonly factsOf: (candidate: Candidate) => GuardFacts
  readonly ledger: SlotLedger
}

const groupByContact = (slots: readonly SlotRow[]): ReadonlyMap<number, readonly SlotRow[]> =>
  Map.groupBy(
    slots.filter((s) => s.contact_id !== null),
    (s) => s.contact_id as number,
  )

type Accounts = ReadonlyMap<number, AccountRow>

const NOBODY = Promise.resolve<readonly RecipientRow[]>([])
const NO_SLOTS = Promise.resolve<readonly SlotRow[]>([])
const NO_REFUSALS = Promise.resolve<ReadonlySet<string>>(new Set())

/**
 * Reads, in a handful of statements, everything `decide` needs for these deliveries of these accounts, which hold all
 * accounts of the deliveries. A person the database does not give is treated as unreachable and suppressed: the guard
 * fails closed.
 */
export const loadFacts = async (
  tx: TenantTx,
  accounts: Accounts,
  rows: readonly ClaimedRow[],
  now: number,
): Promise<LoadedFacts> => {
  const contactIds = [...new Set(rows.flatMap((r) => (r.contact_id === null ? [] : [r.contact_id])))]
  const chatIds = [...new Set(rows.flatMap((r) => (r.contact_id === null ? [r.chat_id] : [])))]
  const meetings = meetingsOf(rows)
  const facts = new Map([...accounts].map(([id, row]) => [id, toAccountFacts(row)]))
  const [people, contactSlots, chatSlots, waits, chatFacts, unread, refusals, inbound, aiStandingOf] = await together(
    tx,
    (side) => [
      meetings.length > 0 ? listRecipientRows(side, meetings) : NOBODY,
      contactIds.length > 0 ? listContactSlots(side, contactIds, historySince(rows, now)) : NO_SLOTS,
      chatIds.length > 0 ? listChatSlots(side, chatIds, now - DAY_MS) : NO_SLOTS,
      listChatWaits(side, [...accounts.keys()], now),
      loadChatFacts(side, rows),
      findUnread(side, rows),
      rows.some((r) => r.invite_chat_id !== null) ? listInviteRefusals(side, contactIds) : NO_REFUSALS,
      loadLastInbound(side, facts, meetings),
      loadAiStanding(side, rows),
    ],
  )
  const recipients = new Map(people.map((r) => [meetingKey(r.account_id, r.id), r]))
  const slots = [...contactSlots, ...chatSlots]
  const slotsByContact = groupByContact(slots)
  const ledger = new SlotLedger(slots, now)
  await loadSharedWindows(tx, facts, rows, now, ledger)

  const recipientOf = ({ account_id: accountId, contact_id: contactId }: ClaimedRow) =>
    contactId === null ? undefined : recipients.get(meetingKey(accountId, contactId))
  const recipientFacts = (row: ClaimedRow): RecipientFacts | null => {
    if (row.contact_id === null) return null
    const known = recipientOf(row)
    if (!known) return NO_RECIPIENT
    const lastInboundAt = inbound.get(meetingKey(row.account_id, row.contact_id)) ?? null
    const timeZone = accounts.get(row.account_id)?.time_zone ?? 'UTC'
    return toRecipient(
      known,
      timeZone,
      slotsByContact.get(row.contact_id) ?? [],
      unread.has(row.chat_id),
      lastInboundAt,
    )
  }
  const deliveryFacts = ({ row, contentHash, templateApproved }: Candidate): DeliveryFacts => ({
    slot: slotKindOf(row),
    isGroup: row.chat_id < 0,
    isHoldout: row.is_holdout,
    templateApproved,
    contentHash,
    expiresAt: row.expires_at?.getTime() ?? null,
    strategy:
      row.strategy_cooldown_hours === null
        ? null
        : { cooldownHours: row.strategy_cooldown_hours, maxPerDay: row.strategy_max_per_day ?? 0 },
    chatWaitingUntil: waits.get(`${row.account_id}:${row.chat_id}`) ?? null,
    inviteRefused: refusals.has(`${row.contact_id}:${row.invite_chat_id}`),
    ai: aiStandingOf(row),
    ...chatFacts(row),
  })

  return {
    recipientOf,
    ledger,
    factsOf: (candidate) => {
      const { row } = candidate
      const account = facts.get(row.account_id)
      if (!account) throw new Error('a delivery is of none of the accounts its facts were read for')
      return {
        account,
        recipient: recipientFacts(row),
        delivery: deliveryFacts(candidate),
        usage: (cap) => ledger.usage(cap, row),
        waiting: (reason, scope) => ledger.waiting(reason, scope, row.account_id),
      }
    },
  }
}

const meetingsOf = (rows: readonly ClaimedRow[]): readonly Meeting[] => {
  const meetings = new Map<string, Meeting>()
  for (const { account_id: accountId, contact_id: contactId } of rows)
    if (contactId !== null) meetings.set(meetingKey(accountId, contactId), { accountId, contactId })
  return [...meetings.values()]
}

type ChatFacts = Pick<DeliveryFacts, 'isGroupOverPackage' | 'isGroupLeft' | 'mayNotPost'>

/** What is known of groups and channels; reads nothing where all goes to people. */
const loadChatFacts = async (tx: TenantTx, rows: readonly ClaimedRow[]): Promise<(row: ClaimedRow) => ChatFacts> => {
  const inGroups = rows.filter((row) => row.chat_id < 0)
  const groupIds = inGroups.map((row) => row.chat_id)
  const overPackage = groupIds.length > 0 ? await listChatsOverPackage(tx, groupIds) : new Set<number>()
  const left = await byAccount(inGroups, (accountId, chatIds) => listChatsLeft(tx, accountId, chatIds))
  const posts = rows.filter((row) => row.contact_id === null)
  const unpostable = await byAccount(posts, (accountId, chatIds) => listUnpostable(tx, accountId, chatIds))
  return (row) => ({
    isGroupOverPackage: overPackage.has(row.chat_id),
    isGroupLeft: left(row),
    mayNotPost: row.contact_id === null && unpostable(row),
  })
}

/** Asks for each account about the chats of its deliveries; answers whether a delivery's chat was named. */
const byAccount = async (
  rows: readonly ClaimedRow[],
  ask: (accountId: number, chatIds: readonly number[]) => Promise<ReadonlySet<number>>,
): Promise<(row: ClaimedRow) => boolean> => {
  const named = new Map<number, ReadonlySet<number>>()
  for (const [accountId, own] of Map.groupBy(rows, (row) => row.account_id))
    named.set(accountId, await ask(accountId, [...new Set(own.map((row) => row.chat_id))]))
  return (row) => named.get(row.account_id)?.has(row.chat_id) ?? false
}

/** When people wrote last, to accounts that may only answer for a while after it. */
const loadLastInbound = async (
  tx: TenantTx,
  accounts: ReadonlyMap<number, AccountFacts>,
  meetings: readonly Meeting[],
): Promise<ReadonlyMap<string, number>> => {
  const last = new Map<string, number>()
  for (const [accountId, { replyWindow }] of accounts) {
    const contactIds = meetings.filter((m) => m.accountId === accountId).map((m) => m.contactId)
    if (replyWindow === null || contactIds.length === 0) continue
    for (const [contactId, at] of await listLastInbound(tx, accountId, contactIds))
      last.set(meetingKey(accountId, contactId), at)
  }
  return last
}

/** Only commercial messages wait for what a person has just said; a private chat has its person's number. */
const findUnread = async (tx: TenantTx, rows: readonly ClaimedRow[]): Promise<ReadonlySet<number>> => {
  const people = rows.flatMap((r) => (r.contact_id !== null && r.message_class === 'commercial' ? [r.chat_id] : []))
  return people.length > 0 ? findUnreadPeople(tx, people) : new Set()
}

const isShared = (cap: Cap) => cap.scope === 'tenant' || cap.scope === 'account'

/** Windows of the accounts and of the tenant are counted by the database once per batch. */
const loadSharedWindows = async (
  tx: TenantTx,
  accounts: ReadonlyMap<number, AccountFacts>,
  rows: readonly ClaimedRow[],
  now: number,
  ledger: SlotLedger,
): Promise<void> => {
  const loaded = new Set<string>()
  for (const [accountId, account] of accounts) {
    const bare = { account, delivery: { strategy: null, isGroup: false } as DeliveryFacts }
    for (const cap of capsOf(bare, now).filter(isShared)) {
      const counted = cap.scope === 'tenant' ? rows : rows.filter((row) => row.account_id === accountId)
      const wanted = counted.filter((row) => cap.counts(slotKindOf(row))).length
      if (wanted === 0 || loaded.has(cap.reason)) continue
      // The tenant's own are the same for all its accounts.
      if (cap.scope === 'tenant') loaded.add(cap.reason)
      const usage = await findWindowUsage(tx, cap, accountId, now, counted.length)
      const overflows = usage.count + wanted > cap.max
      ledger.setShared(cap, accountId, usage, overflows ? await countWaiting(tx, cap, accountId, now) : 0)
    }
  }
}
