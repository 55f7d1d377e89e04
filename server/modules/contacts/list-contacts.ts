import type { TenantTx } from '#server/db/tenant-scope.ts'

import { type Contact, type ContactFilter, selectContacts } from './contact-list.store.ts'
import { checkLimit, decodeCursor, encodeCursor } from './cursor.rules.ts'
import { checkTags } from './tag.rules.ts'

const LIMIT_MAX = 500

export interface ContactPage {
  readonly contacts: readonly Contact[]
  /** Where the next page begins; null after the last. */
  readonly nextCursor: string | null
}

/**
 * Living contacts that fit `filter`, last seen first, `limit` (1–500) to a page; each page is one indexed query.
 * Errors: `invalid/cursor_unreadable`, `invalid/limit_out_of_range`, `invalid/tag_length`.
 */
export const listContacts = async (
  tx: TenantTx,
  filter: ContactFilter = {},
  page: { readonly cursor?: string | null; readonly limit?: number } = {},
): Promise<ContactPage> => {
  const limit = checkLimit(page.limit ?? 50, LIMIT_MAX)
  const after = page.cursor ? decodeCursor(page.cursor, 2) : null
  const cursor = after && { lastSeenAt: after[0] === null ? null : Number(after[0]), id: Number(after[1]) }
  const tag = filter.tag === undefined ? undefined : checkTags([filter.tag])[0]
  const rows = await selectContacts(tx, { ...filter, ...(tag !== undefined && { tag }) }, cursor, limit + 1)
  const contacts = rows.slice(0, limit)
  const last = contacts.at(-1)
  return { contacts, nextCursor: rows.length > limit && last ? encodeCursor([last.lastSeenAt, last.id]) : null }
}
