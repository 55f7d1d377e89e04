import type { TicketKind, TicketPriority, TicketState } from '#contract/words.ts'
import { invalid } from '#server/base/errors.ts'
import { DAY_MS, HOUR_MS } from '#server/base/duration.ts'
import { CATALOGUE, type Package, type Subscription } from '#server/modules/billing/index.ts'

/** Instants are epoch ms; people are Telegram numbers. */
export interface Ticket {
  readonly id: number
  /** Null for those who are no customers yet. */
  readonly tenantId: number | null
  readonly telegramId: number
  readonly kind: TicketKind
  readonly subject: string
  readonly state: TicketState
  readonly priority: TicketPriority
  readonly openedAt: number
  readonly firstResponseDueAt: number
  readonly firstResponseAt: number | null
  readonly closedAt: number | null
  readonly assignedTo: number | null
}

export interface TicketMessage {
  readonly id: number
  readonly ticketId: number
  /** `telegram:123` for who asks, `operator:777` for who answers. */
  readonly author: string
  /** Null once its 90 days are over. */
  readonly text: string | null
  readonly at: number
}

/** What one person may have open, and write in an hour. */
export const OPEN_TICKETS_MAX = 3
export const TICKET_MESSAGES_HOURLY_MAX = 20

const TEXT_MAX = 4_000
const SUBJECT_MAX = 80

export interface SupportTerms {
  readonly channels: Package['support']['channels']
  readonly priority: TicketPriority
  /** A first answer comes within this time; null window end means at any time. */
  readonly firstResponseMs: number
  /** Until when the package includes support, epoch ms; null for as long as it runs. */
  readonly includedUntil: number | null
}

/** What a package promises of support; without one (null), what strangers get: the general promise. */
export const supportTermsOf = (subscription: Pick<Subscription, 'package' | 'periodStartsAt'> | null): SupportTerms => {
  const { support } = CATALOGUE.packages[subscription?.package ?? 'starter']
  return {
    channels: subscription === null ? ['telegram'] : support.channels,
    priority: support.priority ? 'high' : 'normal',
    firstResponseMs: support.firstResponseHours * HOUR_MS,
    includedUntil:
      subscription === null || support.days === null ? null : subscription.periodStartsAt + support.days * DAY_MS,
  }
}

/** Errors: `invalid/text_length`. */
export const checkTicketText = (text: string): string => {
  const trimmed = text.trim()
  if (trimmed.length === 0 || trimmed.length > TEXT_MAX)
    throw invalid('text_length', 'text', { min: 1, max: TEXT_MAX, length: trimmed.length })
  return trimmed
}

/** The first line of what was written, cut to fit a list. */
export const subjectOf = (text: string): string => {
  const line = text.split('\n', 1)[0]?.trim() ?? ''
  return line.length <= SUBJECT_MAX ? line : `${line.slice(0, SUBJECT_MAX - 1)}…`
}

/** No first answer came in time. */
export const isOverdue = (
  ticket: Pick<Ticket, 'state' | 'firstResponseAt' | 'firstResponseDueAt'>,
  now: number,
): boolean => ticket.state !== 'closed' && ticket.firstResponseAt === null && now >= ticket.firstResponseDueAt

/** What somebody says next: the asker opens an answered ticket again, an operator's word answers it. Null when closed. */
export const stateAfterMessage = (state: TicketState, from: 'asker' | 'operator'): TicketState | null =>
  state === 'closed' ? null : from === 'operator' ? 'answered' : 'open'
