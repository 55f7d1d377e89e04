import { invalid } from '#server/base/errors.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

import { selectChats } from './chat.store.ts'
import type { Chat, ChatFilter } from './group.rules.ts'

const LIMIT_MAX = 500

/**
 * Chats of the tenant's accounts by title, `limit` (1–500) to a page; groups that became supergroups are left out.
 * The cursor is the id of the last chat of the page before. Errors: `invalid/limit_out_of_range`,
 * `invalid/cursor_unreadable`.
 */
export const listChats = async (
  tx: TenantTx,
  filter: ChatFilter = {},
  page: { readonly cursor?: string | null; readonly limit?: number } = {},
): Promise<{ readonly chats: readonly Chat[]; readonly nextCursor: string | null }> => {
  const limit = page.limit ?? 50
  if (!Number.isInteger(limit) || limit < 1 || limit > LIMIT_MAX) {
    throw invalid('limit_out_of_range', 'limit', { min: 1, max: LIMIT_MAX })
  }
  const rows = await selectChats(tx, filter, page.cursor ? decode(page.cursor) : null, limit + 1)
  const chats = rows.slice(0, limit)
  const last = chats.at(-1)
  return { chats, nextCursor: rows.length > limit && last ? encode(last) : null }
}

const encode = ({ title, id }: Chat): string => Buffer.from(JSON.stringify([title, id])).toString('base64url')

const decode = (cursor: string) => {
  try {
    const [title, id] = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as unknown[]
    if (typeof title === 'string' && Number.isSafeInteger(id)) return { title, id: Number(id) }
  } catch {
    // Refused below, like what decodes to something else.
  }
  throw invalid('cursor_unreadable', 'cursor')
}
