import {
  type SavedReply,
  addSavedReply,
  listSavedReplies,
  removeSavedReply,
  rewriteSavedReply,
  savedReplyVersion,
} from '#server/modules/conversations/index.ts'

import type { Handlers } from '../call.ts'
import { given } from '../given.ts'

const shown = (reply: SavedReply) => ({
  id: reply.id,
  name: reply.name,
  texts: reply.texts,
  version: savedReplyVersion(reply),
})

export const savedReplyRoutes: Handlers['savedReplies'] = () => ({
  list: ({ inTenant, actor }) => inTenant(async (tx) => ({ items: (await listSavedReplies(tx, actor)).map(shown) })),
  create: ({ inTenant, actor, body: { name, texts } }) =>
    inTenant(async (tx) => shown(await addSavedReply(tx, { name, texts: given(texts) }, actor))),
  update: ({ inTenant, actor, params, body: { name, texts, expectedVersion } }) =>
    inTenant(async (tx) =>
      shown(await rewriteSavedReply(tx, params.name, { name, texts: given(texts), expectedVersion }, actor)),
    ),
  remove: ({ inTenant, actor, params: { name } }) =>
    inTenant(async (tx) => {
      await removeSavedReply(tx, name, actor)
      return {}
    }),
})
