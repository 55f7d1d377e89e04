import type { Api } from '#contract/api.ts'
import {
  assignConversation,
  closeConversation,
  giveBackConversation,
  handOverAsMember,
  markConversationRead,
  noteConversation,
  reopenConversation,
  replyAsMember,
  snoozeConversation,
} from '#server/modules/conversations/index.ts'

import type { RoomHandlers } from '../call.ts'
import { given } from '../given.ts'

type Change = 'reply' | 'note' | 'read' | 'assign' | 'snooze' | 'close' | 'reopen' | 'handOver' | 'giveBack'

/** What members do with a conversation. */
export const CHANGES: Pick<RoomHandlers<Api['conversations']>, Change> = {
  reply: ({ inTenant, actor, params: { id: conversationId }, body }) =>
    inTenant(async (tx) => {
      const { text, seenTurn, isSure } = body
      const reply = { conversationId, text, ...given({ seenTurn, isSure }) }
      return { deliveryId: await replyAsMember(tx, reply, actor) }
    }),
  note: ({ inTenant, actor, params: { id: conversationId }, body: { text } }) =>
    inTenant(async (tx) => ({ id: await noteConversation(tx, { conversationId, text }, actor) })),
  read: ({ inTenant, actor, params: { id: conversationId }, body: { seenTurn } }) =>
    inTenant(async (tx) => {
      await markConversationRead(tx, { conversationId, seenTurn }, actor)
      return {}
    }),
  assign: ({ inTenant, actor, params: { id: conversationId }, body: { memberId } }) =>
    inTenant(async (tx) => {
      await assignConversation(tx, { conversationId, memberId }, actor)
      return {}
    }),
  snooze: ({ inTenant, actor, params: { id: conversationId }, body: { until, ...seen } }) =>
    inTenant(async (tx) => {
      await snoozeConversation(tx, { conversationId, until, ...given(seen) }, actor)
      return {}
    }),
  close: ({ inTenant, actor, params: { id: conversationId }, body }) =>
    inTenant(async (tx) => {
      await closeConversation(tx, { conversationId, ...given(body) }, actor)
      return {}
    }),
  reopen: ({ inTenant, actor, params: { id } }) =>
    inTenant(async (tx) => {
      await reopenConversation(tx, id, actor)
      return {}
    }),
  handOver: ({ inTenant, actor, params: { id } }) =>
    inTenant(async (tx) => {
      await handOverAsMember(tx, id, actor)
      return {}
    }),
  giveBack: ({ inTenant, actor, params: { id } }) =>
    inTenant(async (tx) => {
      await giveBackConversation(tx, id, actor)
      return {}
    }),
}
