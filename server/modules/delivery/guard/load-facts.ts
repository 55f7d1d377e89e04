import type { ConsentPurpose } from '#contract/words.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '#server/base/duration.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
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
import {
  type AccountRow,
  type ClaimedRow,
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
  readonly recipients: ReadonlyMap<number, RecipientRow>
  readonly factsOf: (candidate: Candidate) => GuardFacts
  readonly ledger: SlotLedger
}

const groupByContact = (slots: readonly SlotRow[]): ReadonlyMap<number, readonly SlotRow[]> =>
  Map.groupBy(
    slots.filter((s) => s.contact_id !== null),
    (s) => s.contact_id as number,
  )

/**
 * Reads, in a handful of statements, everything `decide` needs for these deliveries of one account. A person the
 * database does not give is treated as unreachable and suppressed: the guard fails closed.
 */
export const loadFacts = async (
  tx: TenantTx,
  accountId: number,
  accountRow: AccountRow,
  rows: readonly ClaimedRow[],
  now: number,
): Promise<LoadedFacts> => {
  const contactIds = [...new Set(rows.flatMap((r) => (r.contact_id === null ? [] : [r.contact_id])))]
  const chatIds = [...new Set(rows.flatMap((r) => (r.contact_id === null ? [r.chat_id] : [])))]
  const account = toAccountFacts(accountRow)
  const recipients = new Map(
    (contactIds.length > 0 ? await listRecipientRows(tx, accountId, contactIds) : []).map((r) => [r.id, r]),
  )
  const slots = [
    ...(contactIds.length > 0 ? await listContactSlots(tx, contactIds, historySince(rows, now)) : []),
    ...(chatIds.length > 0 ? await listChatSlots(tx, chatIds, now - DAY_MS) : []),
  ]
  const waits = await listChatWaits(tx, accountId, now)
  const groupIds = rows.map((row) => row.chat_id).filter((chatId) => chatId < 0)
  const overPackage = groupIds.length > 0 ? await listChatsOverPackage(tx, groupIds) : new Set<number>()
  const left = groupIds.length > 0 ? await listChatsLeft(tx, accountId, groupIds) : new Set<number>()
  const unpostable = chatIds.length > 0 ? await listUnpostable(tx, accountId, chatIds) : new Set<number>()
  const unread = await findUnread(tx, rows)
  const refusals = rows.some((r) => r.invite_chat_id !== null)
    ? await listInviteRefusals(tx, contactIds)
    : new Set<string>()
  const inbound =
    account.replyWindow === null ? new Map<number, number>() : await listLastInbound(tx, accountId, contactIds)
  const aiStandingOf = await loadAiStanding(tx, accountId, rows)
  const slotsByContact = groupByContact(slots)
  const ledger = new SlotLedger(accountId, slots, now)

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
    chatWaitingUntil: waits.get(row.chat_id) ?? null,
    inviteRefused: refusals.has(`${row.contact_id}:${row.invite_chat_id}`),
    isGroupOverPackage: overPackage.has(row.chat_id),
    isGroupLeft: left.has(row.chat_id),
    mayNotPost: row.contact_id === null && unpostable.has(row.chat_id),
    ai: aiStandingOf(row),
  })

  await loadSharedWindows(tx, accountId, account, rows, now, ledger)

  return {
    recipients,
    ledger,
    factsOf: (candidate) => {
      const { row } = candidate
      const recipientRow = row.contact_id === null ? undefined : recipients.get(row.contact_id)
      return {
        account,
        recipient:
          row.contact_id === null
            ? null
            : recipientRow
              ? toRecipient(
                  recipientRow,
                  accountRow.time_zone,
                  slotsByContact.get(row.contact_id) ?? [],
                  unread.has(row.chat_id),
                  inbound.get(row.contact_id) ?? null,
                )
              : NO_RECIPIENT,
        delivery: deliveryFacts(candidate),
        usage: (cap) => ledger.usage(cap, row),
        waiting: (reason, scope) => ledger.waiting(reason, scope),
      }
    },
  }
}

/** Only commercial messages wait for what a person has just said; a private chat has its person's number. */
const findUnread = async (tx: TenantTx, rows: readonly ClaimedRow[]): Promise<ReadonlySet<number>> => {
  const people = rows.flatMap((r) => (r.contact_id !== null && r.message_class === 'commercial' ? [r.chat_id] : []))
  return people.length > 0 ? findUnreadPeople(tx, people) : new Set()
}

const isShared = (cap: Cap) => cap.scope === 'tenant' || cap.scope === 'account'

/** Windows of the account and the tenant are counted by the database once per batch. */
const loadSharedWindows = async (
  tx: TenantTx,
  accountId: number,
  account: AccountFacts,
  rows: readonly ClaimedRow[],
  now: number,
  ledger: SlotLedger,
): Promise<void> => {
  const kinds = rows.map(slotKindOf)
  const bare = { account, delivery: { strategy: null, isGroup: false } as DeliveryFacts }
  for (const cap of capsOf(bare, now).filter(isShared)) {
    const wanted = kinds.filter((kind) => cap.counts(kind)).length
    if (wanted === 0) continue
    const usage = await findWindowUsage(tx, cap, accountId, now, rows.length)
    const overflows = usage.count + wanted > cap.max
    ledger.setShared(cap, usage, overflows ? await countWaiting(tx, cap, accountId, now) : 0)
  }
}
