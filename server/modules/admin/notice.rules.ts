import { DAY_MS, MINUTE_MS, SECOND_MS } from '#server/base/duration.ts'
import type { Action } from '#server/modules/tenancy/index.ts'

export const NOTICE_AUDIENCES = ['operator', 'member'] as const
export type NoticeAudience = (typeof NOTICE_AUDIENCES)[number]

interface KindSpec {
  readonly audience: NoticeAudience
  /** Who of the audience is told: those who may do this. */
  readonly action: Action
}

/** Everything that is told by itself. The text is `notice.<kind>` of the panel's catalogue. */
export const NOTICE_KINDS = {
  payment_claimed: { audience: 'operator', action: 'payments.view' },
  payment_review: { audience: 'operator', action: 'payments.view' },
  ticket_opened: { audience: 'operator', action: 'support.answer' },
  ticket_message: { audience: 'operator', action: 'support.answer' },
  ticket_overdue: { audience: 'operator', action: 'support.answer' },
  customer_ready: { audience: 'operator', action: 'tenants.view' },
  account_down: { audience: 'operator', action: 'installation.errors' },
  fault_opened: { audience: 'operator', action: 'installation.errors' },
  fault_closed: { audience: 'operator', action: 'installation.errors' },
  payment_approved: { audience: 'member', action: 'billing.view' },
  payment_rejected: { audience: 'member', action: 'billing.view' },
  payment_expired: { audience: 'member', action: 'billing.view' },
  payment_refunded: { audience: 'member', action: 'billing.view' },
  usage_80: { audience: 'member', action: 'tenant.update' },
  usage_100: { audience: 'member', action: 'tenant.update' },
  subscription_active: { audience: 'member', action: 'billing.view' },
  subscription_grace: { audience: 'member', action: 'billing.view' },
  subscription_expired: { audience: 'member', action: 'billing.view' },
  subscription_cancelled: { audience: 'member', action: 'billing.view' },
  account_lost: { audience: 'member', action: 'accounts.link' },
  account_linked: { audience: 'member', action: 'accounts.link' },
  webhook_disabled: { audience: 'member', action: 'webhooks.edit' },
  tenant_suspended: { audience: 'member', action: 'tenant.view' },
  tenant_active: { audience: 'member', action: 'tenant.view' },
  onboarding_ended: { audience: 'member', action: 'panel.open' },
  ticket_answered: { audience: 'member', action: 'support.ask' },
  ticket_closed: { audience: 'member', action: 'support.ask' },
  conversation_overdue: { audience: 'member', action: 'conversations.reply' },
  conversation_handed_over: { audience: 'member', action: 'conversations.reply' },
  task_overdue: { audience: 'member', action: 'contacts.edit' },
  order_paid: { audience: 'member', action: 'sales.fulfil' },
  order_review: { audience: 'member', action: 'sales.fulfil' },
  announcement: { audience: 'member', action: 'panel.open' },
} as const satisfies Readonly<Record<string, KindSpec>>
export type NoticeKind = keyof typeof NOTICE_KINDS
export type NoticeKindOf<A extends NoticeAudience> = {
  [K in NoticeKind]: (typeof NOTICE_KINDS)[K]['audience'] extends A ? K : never
}[NoticeKind]

/** Ids, words and figures; never what somebody wrote, never a secret. */
export type NoticeParams = Readonly<Record<string, string | number>>

/** One notice of one person, claimed for sending. */
export interface Notice {
  readonly id: number
  readonly kind: NoticeKind
  readonly params: NoticeParams
  readonly createdAt: number
  readonly attempts: number
}

/** What comes within this time of the first becomes one message with it. */
export const GROUPING_MS = 5 * SECOND_MS

/** What could not be said within this time is old news. */
export const NOTICE_LIFE_MS = 3 * DAY_MS

/** A claim that nobody ended within this time was cut off: whether it was said is not known. */
export const CLAIM_LIFE_MS = 5 * MINUTE_MS

/** A notice that provably was not said is tried this often. */
export const NOTICE_ATTEMPTS_MAX = 8

/** The wait after the n-th failed try, at least what Telegram asked for. */
export const retryDelayMs = (attempts: number, askedMs: number): number =>
  Math.max(askedMs, Math.min(30 * MINUTE_MS, 5 * SECOND_MS * 2 ** Math.max(0, attempts - 1)))
