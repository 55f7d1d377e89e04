import { DAY_MS } from '#server/base/duration.ts'
import type { Db } from '#server/db/pool.ts'
import { asOperator } from '#server/db/tenant-scope.ts'
import { getPayment } from '#server/modules/billing/index.ts'

import { findAnnouncementText } from './announce.ts'
import { dropAnnouncementTexts } from './announcement.store.ts'
import { NOTICE_ATTEMPTS_MAX, retryDelayMs } from './notice.rules.ts'
import {
  type NoticeGroup,
  endStaleNotices,
  findNextNoticeAt,
  removeOldNotices,
  returnNotices,
  saveNoticeOutcome,
  takeNotices,
} from './notice.store.ts'
import { setPanelBlocked } from './panel-person.store.ts'
import { dropTicketTexts, selectTicketMessage } from './ticket.store.ts'

/** How telling one group ended. */
export type NoticeEnd =
  | { readonly kind: 'sent' | 'unknown' | 'blocked' | 'rejected' | 'withdrawn' }
  /** Provably not said; `afterMs` is what Telegram asks for, 0 for nothing. */
  | { readonly kind: 'retry'; readonly afterMs: number }

/**
 * Takes what is due at `now`, grouped by person and kind, committed before anything is said: what is taken is said once
 * at most, by whoever took it. At most `limit` groups.
 */
export const claimNotices = (db: Db, now: number, limit: number): Promise<readonly NoticeGroup[]> =>
  asOperator(db, 'claim notices', (tx) => takeNotices(tx, now, limit))

/** When there is something to say next, epoch ms; null for nothing. */
export const nextNoticeAt = (db: Db): Promise<number | null> => asOperator(db, 'look for notices', findNextNoticeAt)

/** Writes how telling a claimed group ended. A person who stopped the bot is left alone until they start it again. */
export const recordNoticeEnd = (db: Db, group: NoticeGroup, end: NoticeEnd, at: number): Promise<void> =>
  asOperator(db, 'end notices', async (tx) => {
    const ids = group.notices.map((notice) => notice.id)
    const attempts = Math.max(...group.notices.map((notice) => notice.attempts))
    if (end.kind === 'retry' && attempts < NOTICE_ATTEMPTS_MAX)
      return returnNotices(tx, ids, at + retryDelayMs(attempts, end.afterMs))
    await saveNoticeOutcome(tx, ids, end.kind === 'retry' ? 'rejected' : end.kind, at)
    if (end.kind === 'blocked') await setPanelBlocked(tx, group.recipient, at)
  })

/** Ends what was cut off half said, and what is old news. Returns how many of each. */
export const endOldNotices = (
  db: Db,
  now: number,
): Promise<{ readonly interrupted: number; readonly expired: number }> =>
  asOperator(db, 'end old notices', (tx) => endStaleNotices(tx, now))

/** Where a text is that a notice brings and does not hold itself. */
export type NoticeText =
  | { readonly ticketMessageId: number }
  | { readonly announcementId: number }
  /** Why the payment was turned down. */
  | { readonly paymentId: number }

/** The text, or null when it is kept no longer. */
export const findNoticeText = (db: Db, what: NoticeText): Promise<string | null> =>
  asOperator(db, 'read a notice', async (tx) => {
    if ('ticketMessageId' in what) return (await selectTicketMessage(tx, what.ticketMessageId))?.text ?? null
    if ('announcementId' in what) return findAnnouncementText(tx, what.announcementId)
    return (await getPayment(tx, { id: what.paymentId })).decisionNote
  })

/** Texts are dropped after 90 days, as those of messages are; ended notices are removed after 30. */
const TEXT_MS = 90 * DAY_MS
const NOTICE_KEPT_MS = 30 * DAY_MS

/** What support and notices keep no longer. Daily; repeatable. */
export const removeOldSupportTexts = (
  db: Db,
  now: number,
): Promise<{ readonly ticketTexts: number; readonly announcements: number; readonly notices: number }> =>
  asOperator(db, 'retention of support', async (tx) => ({
    ticketTexts: await dropTicketTexts(tx, now - TEXT_MS),
    announcements: await dropAnnouncementTexts(tx, now - TEXT_MS),
    notices: await removeOldNotices(tx, now - NOTICE_KEPT_MS),
  }))
