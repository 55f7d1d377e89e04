import { CONVERSATION_STATES, type ConversationState } from '#contract/words.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import { checkLimit, decodeCursor, encodeCursor } from '#server/modules/contacts/index.ts'
import { type ActingPerson, maskContact, requireCan } from '#server/modules/tenancy/index.ts'

import {
  type ConversationCounts,
  type ConversationFilter,
  type ConversationLine,
  selectConversations,
  selectCounts,
} from './list.store.ts'

/** Who looks. */
export type Viewer = Pick<ActingPerson, 'access'>

export interface ConversationPage {
  readonly conversations: readonly ConversationLine[]
  /** Null on the last page. */
  readonly nextCursor: string | null
}

const LIMIT_MAX = 200

/**
 * Conversations, those with the newest message of the contact first (the overdue: longest overdue first), `limit` (1–200)
 * to a page, with the names that the viewer may see. Errors: `forbidden/not_allowed`, `invalid/cursor_unreadable`,
 * `invalid/limit_out_of_range`.
 */
export const listConversations = async (
  tx: TenantTx,
  filter: ConversationFilter,
  page: { readonly cursor?: string | null; readonly limit?: number },
  { access }: Viewer,
): Promise<ConversationPage> => {
  requireCan(access, 'conversations.view')
  const limit = checkLimit(page.limit ?? 50, LIMIT_MAX)
  const [at, id] = page.cursor ? decodeCursor(page.cursor, 2) : []
  const cursor = at === undefined || id === undefined ? null : { at: Number(at), id: Number(id) }
  const rows = await selectConversations(tx, filter, cursor, limit + 1)
  const conversations = rows.slice(0, limit).map((row) => maskContact(access, row))
  const last = rows.length > limit ? conversations.at(-1) : undefined
  const key = filter.overdueAt === undefined ? last?.lastInboundAt : last?.answerDueAt
  return { conversations, nextCursor: last === undefined ? null : encodeCursor([key ?? 0, last.id]) }
}

/** How many conversations stand where at `at`, of all accounts or of one. Errors: `forbidden/not_allowed`. */
export const countConversations = async (
  tx: TenantTx,
  { at, accountId = null }: { readonly at: number; readonly accountId?: number | null },
  { access }: Viewer,
): Promise<ConversationCounts> => {
  requireCan(access, 'conversations.view')
  const rows = await selectCounts(tx, at, accountId)
  const sum = (pick: (row: (typeof rows)[number]) => number) => rows.reduce((total, row) => total + pick(row), 0)
  const totalOf = (state: ConversationState) => rows.find((row) => row.state === state)?.total ?? 0
  return {
    states: Object.fromEntries(
      CONVERSATION_STATES.map((state) => [state, totalOf(state)]),
    ) as ConversationCounts['states'],
    unassigned: sum((row) => row.unassigned),
    unread: sum((row) => row.unread),
    overdue: sum((row) => row.overdue),
    handedOver: sum((row) => row.handedOver),
  }
}
