import {
  type ConversationLine,
  type HistoryEntry,
  countConversations,
  listConversations,
  listDrafts,
  renderSavedReply,
  showConversation,
} from '#server/modules/conversations/index.ts'
import { type ActingPerson, can, listMembers } from '#server/modules/tenancy/index.ts'

import type { Handlers } from '../call.ts'
import { given } from '../given.ts'
import { plainText } from '../plain-text.ts'
import { CHANGES } from './conversation-changes.ts'
import { showDraft } from './drafts.ts'

/** The member who asks; nobody has the number of an API key or of the console. */
const memberIdOf = ({ by }: ActingPerson): number => Number(/^member:(\d+)$/.exec(by)?.[1] ?? 0)

const showLine = (line: ConversationLine) => ({
  ...line,
  // What a contact wrote is text as it stands.
  lastText: line.lastTextIsInbound === true ? line.lastText : plainText(line.lastText),
})

const showEntry = (entry: HistoryEntry) =>
  entry.type === 'event' || (entry.type === 'message' && entry.direction === 'in')
    ? entry
    : { ...entry, text: plainText(entry.text) }

export const conversationRoutes: Handlers['conversations'] = () => ({
  list: ({ inTenant, actor, at, query: { cursor, limit, assigned, only, ...filter } }) =>
    inTenant(async (tx) => {
      const wanted = {
        ...given(filter),
        ...(assigned !== undefined && { assignedTo: assigned === 'me' ? memberIdOf(actor) : null }),
        ...(only === 'unread' && { isUnread: true }),
        ...(only === 'overdue' && { overdueAt: at }),
      }
      const page = await listConversations(tx, wanted, { cursor: cursor ?? null, limit }, actor)
      return { items: page.conversations.map(showLine), nextCursor: page.nextCursor }
    }),
  counts: ({ inTenant, actor, at }) => inTenant((tx) => countConversations(tx, { at }, actor)),
  listAssignees: ({ inTenant, actor }) =>
    inTenant(async (tx) => {
      const members = await listMembers(tx)
      return {
        items: members
          .filter(({ role }) => can({ kind: 'member', role }, 'conversations.reply'))
          .map(({ id, name }) => ({ id, name, isMe: id === memberIdOf(actor) })),
      }
    }),
  renderSavedReply: ({ inTenant, actor, params: { id: conversationId, name } }) =>
    inTenant(async (tx) => ({ text: await renderSavedReply(tx, { name, conversationId }, actor) })),
  get: ({ inTenant, actor, at, params: { id }, query: { cursor, limit } }) =>
    inTenant(async (tx) => {
      const view = await showConversation(tx, id, { cursor: cursor ?? null, limit }, actor)
      const [draft] = await listDrafts(tx, { conversationId: id, state: 'proposed', limit: 1 }, actor)
      return {
        conversation: showLine(view.line),
        now: at,
        handOverReason: view.conversation.handOverReason,
        aiPausedUntil: view.conversation.aiPausedUntil,
        draft: draft && draft.expiresAt > at ? showDraft(draft) : null,
        entries: view.entries.map(showEntry),
        nextCursor: view.nextCursor,
      }
    }),
  ...CHANGES,
})
