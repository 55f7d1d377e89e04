import { decodeCursor, encodeCursor } from '#server/modules/contacts/index.ts'
import {
  type Draft,
  decideDraft,
  getDraft,
  isApprovable,
  listConversations,
  listDrafts,
} from '#server/modules/conversations/index.ts'

import type { Handlers } from '../call.ts'
import { given } from '../given.ts'
import { plainText } from '../plain-text.ts'

/** A draft as screens show it. */
export const showDraft = (draft: Draft) => ({
  ...draft,
  text: plainText(draft.text),
  editedText: plainText(draft.editedText),
  isApprovable: isApprovable(draft),
})

export const draftRoutes: Handlers['drafts'] = () => ({
  list: ({ inTenant, actor, query: { cursor, limit, ...filter } }) =>
    inTenant(async (tx) => {
      const [beforeId] = cursor === undefined ? [] : decodeCursor(cursor, 1)
      const found = await listDrafts(
        tx,
        { ...given(filter), ...(beforeId !== undefined && { beforeId: Number(beforeId) }), limit: limit + 1 },
        actor,
      )
      const page = found.slice(0, limit)
      const ids = page.map(({ conversationId }) => conversationId)
      const { conversations } = await listConversations(tx, { ids }, { limit: 100 }, actor)
      const last = found.length > limit ? page.at(-1) : undefined
      return {
        items: page.map((draft) => {
          const talk = conversations.find(({ id }) => id === draft.conversationId)
          return {
            ...showDraft(draft),
            firstName: talk?.firstName ?? null,
            lastName: talk?.lastName ?? null,
            lastText: (talk?.lastTextIsInbound === true ? talk.lastText : plainText(talk?.lastText ?? null)) ?? null,
          }
        }),
        nextCursor: last === undefined ? null : encodeCursor([last.id]),
      }
    }),
  get: ({ inTenant, actor, params: { id } }) => inTenant(async (tx) => showDraft(await getDraft(tx, id, actor))),
  approve: ({ inTenant, actor, params: { id: draftId }, body }) =>
    inTenant(async (tx) => showDraft(await decideDraft(tx, { ...given(body), draftId, decision: 'approve' }, actor))),
  edit: ({ inTenant, actor, params: { id: draftId }, body: { text, ...sure } }) =>
    inTenant(async (tx) =>
      showDraft(await decideDraft(tx, { ...given(sure), draftId, text, decision: 'edit' }, actor)),
    ),
  reject: ({ inTenant, actor, params: { id: draftId } }) =>
    inTenant(async (tx) => showDraft(await decideDraft(tx, { draftId, decision: 'reject' }, actor))),
})
