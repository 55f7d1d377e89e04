import { notFound } from '#server/base/errors.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import { checkLimit, decodeCursor, encodeCursor } from '#server/modules/contacts/index.ts'
import { maskContact, requireCan } from '#server/modules/tenancy/index.ts'

import type { Conversation } from './conversation.rules.ts'
import { findConversation, listMemberNames } from './conversation.store.ts'
import { type Author, type HistoryRow, authorOf } from './history.rules.ts'
import { selectHistory } from './history.store.ts'
import { type ConversationLine, selectConversations } from './list.store.ts'
import type { Viewer } from './list-conversations.ts'

/** One thing that was said or happened, and who said or did it. */
export type HistoryEntry = HistoryRow & { readonly author: Author }

export interface ConversationView {
  readonly conversation: Conversation
  readonly line: ConversationLine
  /** Newest first. */
  readonly entries: readonly HistoryEntry[]
  /** Null on the last page. */
  readonly nextCursor: string | null
}

const LIMIT_MAX = 200

/**
 * A conversation and what was said in it by both sides, in private chats of bots, business and own accounts alike, with
 * who wrote: newest first, `limit` (1–200) to a page. Errors: `forbidden/not_allowed`, `not_found`,
 * `invalid/cursor_unreadable`, `invalid/limit_out_of_range`.
 */
export const showConversation = async (
  tx: TenantTx,
  conversationId: number,
  page: { readonly cursor?: string | null; readonly limit?: number },
  { access }: Viewer,
): Promise<ConversationView> => {
  requireCan(access, 'conversations.view')
  const limit = checkLimit(page.limit ?? 50, LIMIT_MAX)
  const conversation = await findConversation(tx, conversationId)
  if (!conversation) throw notFound('conversation', conversationId)
  const { accountId, contactId } = conversation
  const [line] = await selectConversations(tx, { accountId, contactId }, null, 1)
  if (!line) throw notFound('conversation', conversationId)
  const [at, type, id] = page.cursor ? decodeCursor(page.cursor, 3) : []
  const cursor = at === undefined ? null : { at: Number(at), type: String(type), id: Number(id) }
  const rows = await selectHistory(tx, conversation, cursor, limit + 1)
  const names = await listMemberNames(tx)
  const entries = rows.slice(0, limit).map((row) => ({ ...row, author: authorOf(row, names) }))
  const last = rows.length > limit ? entries.at(-1) : undefined
  return {
    conversation,
    line: maskContact(access, line),
    entries,
    nextCursor: last === undefined ? null : encodeCursor([last.at, last.type, last.id]),
  }
}
