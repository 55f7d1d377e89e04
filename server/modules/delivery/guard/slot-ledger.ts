import type { GuardReason } from '#contract/words.ts'

import type { Cap, CapScope, SlotKind } from './caps.rules.ts'
import type { ClaimedRow, SlotRow } from './guard.store.ts'
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
  readonly #accountId: number
  readonly #now: number
  /** By contact id, or by negative chat id for posts; the two never meet. */
  readonly #slots = new Map<string, Slot[]>()
  readonly #shared = new Map<GuardReason, WindowUsage>()
  readonly #waiting = new Map<GuardReason, number>()
  readonly #caps = new Map<GuardReason, Cap>()

  constructor(accountId: number, slots: readonly SlotRow[], now: number) {
    this.#accountId = accountId
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

  setShared(cap: Cap, usage: WindowUsage, waiting: number): void {
    this.#caps.set(cap.reason, cap)
    this.#shared.set(cap.reason, usage)
    this.#waiting.set(cap.reason, waiting)
  }

  /** How full `cap` is for this delivery. */
  usage(cap: Cap, row: ClaimedRow): WindowUsage {
    if (cap.scope === 'tenant' || cap.scope === 'account') return this.#shared.get(cap.reason) ?? EMPTY_USAGE
    const slots = this.#slots.get(keyOf(row)) ?? []
    const counted = slots.filter(
      (s) =>
        cap.counts(s.kind) &&
        (cap.scope !== 'contact_chat' || s.inviteChatId === row.invite_chat_id) &&
        (cap.scope !== 'chat' ||
          countsAcrossAccounts(cap.reason) ||
          (s.accountId === this.#accountId && s.chatId === row.chat_id)),
    )
    return usageOf(
      counted.map((s) => s.at),
      cap.windowMs,
      this.#now,
    )
  }

  /** Deliveries already in line for a shared cap; people and chats have no line. */
  waiting(reason: GuardReason, scope: CapScope): number {
    return scope === 'tenant' || scope === 'account' ? (this.#waiting.get(reason) ?? 0) : 0
  }

  /** The delivery was allowed: its slots are taken. */
  take(row: ClaimedRow, kind: SlotKind): void {
    this.#add(keyOf(row), {
      kind,
      accountId: this.#accountId,
      chatId: row.chat_id,
      inviteChatId: row.invite_chat_id,
      at: this.#now,
    })
    for (const [reason, cap] of this.#caps) {
      if (cap.counts(kind))
        this.#shared.set(reason, withReservation(this.#shared.get(reason) ?? EMPTY_USAGE, this.#now))
    }
  }

  /** The delivery was deferred by this cap: whoever comes next waits behind it. */
  wait(reason: GuardReason): void {
    const line = this.#waiting.get(reason)
    if (line !== undefined) this.#waiting.set(reason, line + 1)
  }

  #add(key: string, slot: Slot): void {
    const slots = this.#slots.get(key)
    if (slots) slots.push(slot)
    else this.#slots.set(key, [slot])
  }
}

const keyOf = (row: { readonly contact_id: number | null; readonly chat_id: number }): string =>
  row.contact_id === null ? `chat:${row.chat_id}` : `contact:${row.contact_id}`
