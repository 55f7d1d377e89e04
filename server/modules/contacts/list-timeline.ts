import type { TenantTx } from '#server/db/tenant-scope.ts'

import { checkLimit, decodeCursor, encodeCursor } from './cursor.rules.ts'
import { type TimelineEntry, selectTimeline } from './timeline.store.ts'

const LIMIT_MAX = 200

/**
 * What happened with a contact: messages both ways, events and consents, newest first, `limit` (1–200) to a page.
 * Errors: `invalid/cursor_unreadable`, `invalid/limit_out_of_range`.
 */
export const listTimeline = async (
  tx: TenantTx,
  contactId: number,
  page: { readonly cursor?: string | null; readonly limit?: number } = {},
): Promise<{ readonly entries: readonly TimelineEntry[]; readonly nextCursor: string | null }> => {
  const limit = checkLimit(page.limit ?? 50, LIMIT_MAX)
  const after = page.cursor ? decodeCursor(page.cursor, 3) : null
  const cursor = after && { at: Number(after[0]), type: String(after[1]), id: Number(after[2]) }
  const rows = await selectTimeline(tx, contactId, cursor, limit + 1)
  const entries = rows.slice(0, limit)
  const last = entries.at(-1)
  return { entries, nextCursor: rows.length > limit && last ? encodeCursor([last.at, last.type, last.id]) : null }
}
