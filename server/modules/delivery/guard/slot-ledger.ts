import type { GuardReason } from '#contract/words.ts'

import type { Cap, CapScope, SlotKind } from './caps.rules.ts'
import type { ClaimedRow } from './claim.store.ts'
import type { SlotRow } from './guard.store.ts'
import { type WindowUsage, EMPTY_USAGE, usageOf, withReservation } from './usage.rules.ts'

interface Slot {
  readonly kind: SlotKind
  readonly accountId: number
  readonly chatId: number
  readonly inviteChatId: number | null
  readonly at: number
}

const kindOf = (s: SlotRow): SlotKind => ({
  messageClass: s.message_class,
  isOutreach: s.is_outreach,
  isHuman: s.is_human,
  isChatPost: s.contact_id === null,
  invites: s.invite_chat_id !== null,
})

/** Telegram counts a chat per account; our own post cooldown protects the chat from all accounts together. */
const countsAcrossAccounts = (reason: GuardReason) => reason === 'group_post_cooldown'

/**
 * The reservations one batch has to respect, including those the batch itself makes: two deliveries of one batch never
 * share a slot. Filled from the database, then moved forward by `take` and `wait`.
 */
export class SlotLedger {
  readonly #now: number
  /** By contact id, or by negative chat id for posts; the two never meet. */
  readonly #slots = new Map<string, Slot[]>()
  /** By whose they are: the tenant's own, or those of one of its accounts. */
  readonly #shared = new Map<string, SharedWindow>()

  constructor(slots: readonly SlotRow[], now: number) {
    this.#now = now
    for (const s of slots) {
      this.#add(keyOf(s), {
        kind: kindOf(s),
        accountId: s.account_id,
        chatId: s.chat_id,
        inviteChatId: s.invite_chat_id,
        at: s.reserved_at.getTime(),
      })
    }
  }

  /** How full a window of the tenant, or of `accountId`, is, and how many already wait for it. */
  setShared(cap: Cap, accountId: number, usage: WindowUsage, waiting: number): void {
    this.#shared.set(shareOf(cap.reason, cap.scope, accountId), { cap, accountId, usage, waiting })
  }

  /** How full `cap` is for this delivery. */
  usage(cap: Cap, row: ClaimedRow): WindowUsage {
    if (cap.scope === 'tenant' || cap.scope === 'account')
      return this.#shared.get(shareOf(cap.reason, cap.scope, row.account_id))?.usage ?? EMPTY_USAGE
    const slots = this.#slots.get(keyOf(row)) ?? []
    const counted = slots.filter(
      (s) =>
        cap.counts(s.kind) &&
        (cap.scope !== 'contact_chat' || s.inviteChatId === row.invite_chat_id) &&
        (cap.scope !== 'chat' ||
          countsAcrossAccounts(cap.reason) ||
          (s.accountId === row.account_id && s.chatId === row.chat_id)),
    )
    return usageOf(
      counted.map((s) => s.at),
      cap.windowMs,
      this.#now,
    )
  }

  /** Deliveries of the account (or tenant) already in line for a shared cap; people and chats have no line. */
  waiting(reason: GuardReason, scope: CapScope, accountId: number): number {
    return this.#shared.get(shareOf(reason, scope, accountId))?.waiting ?? 0
  }

  /** The delivery was allowed: its slots are taken. */
  take(row: ClaimedRow, kind: SlotKind): void {
    this.#add(keyOf(row), {
      kind,
      accountId: row.account_id,
      chatId: row.chat_id,
      inviteChatId: row.invite_chat_id,
      at: this.#now,
    })
    for (const window of this.#shared.values())
      if (isOf(window, row) && window.cap.counts(kind)) window.usage = withReservation(window.usage, this.#now)
  }

  /** The delivery was deferred by this cap: whoever comes next waits behind it. */
  wait(reason: GuardReason, row: ClaimedRow): void {
    for (const window of this.#shared.values())
      if (window.cap.reason === reason && isOf(window, row)) window.waiting += 1
  }

  #add(key: string, slot: Slot): void {
    const slots = this.#slots.get(key)
    if (slots) slots.push(slot)
    else this.#slots.set(key, [slot])
  }
}

interface SharedWindow {
  readonly cap: Cap
  readonly accountId: number
  usage: WindowUsage
  waiting: number
}

const shareOf = (reason: GuardReason, scope: CapScope, accountId: number): string =>
  scope === 'account' ? `${reason}:${accountId}` : reason

const isOf = ({ cap, accountId }: SharedWindow, row: ClaimedRow): boolean =>
  cap.scope === 'tenant' || accountId === row.account_id

const keyOf = (row: { readonly contact_id: number | null; readonly chat_id: number }): string =>
  row.contact_id === null ? `chat:${row.chat_id}` : `contact:${row.contact_id}`
