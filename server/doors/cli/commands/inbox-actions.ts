import { invalid } from '#server/base/errors.ts'
import {
  assignConversation,
  closeConversation,
  giveBackConversation,
  noteConversation,
  renderSavedReply,
  reopenConversation,
  replyAsMember,
  snoozeConversation,
} from '#server/modules/conversations/index.ts'

import { MEMBER_OPTION, actingMember, readMember } from '../acting-member.ts'
import { command } from '../command.ts'
import { readWhen } from '../read-when.ts'

const TURN_MAX = 2_147_483_647
const CONVERSATION = [{ name: 'conversation' }] as const

export const reply = command({
  name: 'reply',
  args: CONVERSATION,
  options: [
    { name: 'text', value: 'text' },
    { name: 'saved', value: 'name' },
    { name: 'seen', value: 'turn' },
    { name: 'sure' },
    MEMBER_OPTION,
  ],
  run: (context, input) =>
    context.change(async (tx) => {
      const actor = await actingMember(tx, context, input)
      const [conversationId, name] = [input.id('conversation'), input.text('saved')]
      const text = name === null ? input.text('text') : await renderSavedReply(tx, { name, conversationId }, actor)
      if (text === null) throw invalid('argument_missing', '--text')
      const seenTurn = input.whole('seen', 0, TURN_MAX)
      const isSure = input.isOn('sure')
      const deliveryId = await replyAsMember(tx, { conversationId, text, seenTurn, isSure }, actor)
      return { conversationId, deliveryId }
    }),
  render: ({ t }, result) => t('inbox.replied', result),
})

export const assign = command({
  name: 'assign',
  args: [...CONVERSATION, { name: 'assignee' }],
  options: [MEMBER_OPTION],
  run: (context, input) =>
    context.change(async (tx) => {
      const actor = await actingMember(tx, context, input)
      const [conversationId, memberId] = [
        input.id('conversation'),
        readMember(input.arg('assignee'), actor)?.id ?? null,
      ]
      await assignConversation(tx, { conversationId, memberId }, actor)
      return { conversationId, memberId }
    }),
  render: ({ t }, { conversationId, memberId }) =>
    memberId === null ? t('inbox.freed', { id: conversationId }) : t('inbox.given', { id: conversationId, memberId }),
})

export const snooze = command({
  name: 'snooze',
  args: [...CONVERSATION, { name: 'when' }],
  options: [{ name: 'seen', value: 'turn' }, MEMBER_OPTION],
  run: (context, input) =>
    context.change(async (tx) => {
      const actor = await actingMember(tx, context, input)
      const [conversationId, until] = [input.id('conversation'), readWhen('when', input.arg('when'), actor.at)]
      await snoozeConversation(tx, { conversationId, until, seenTurn: input.whole('seen', 0, TURN_MAX) }, actor)
      return { conversationId, until }
    }),
  render: async (context, { conversationId: id, until }) => {
    const { timeZone } = await context.tenant()
    return context.t('inbox.snoozed', { id, until: context.formats.instant(until, timeZone) })
  },
})

export const close = command({
  name: 'close',
  args: CONVERSATION,
  options: [{ name: 'seen', value: 'turn' }, MEMBER_OPTION],
  run: (context, input) =>
    context.change(async (tx) => {
      const actor = await actingMember(tx, context, input)
      const conversationId = input.id('conversation')
      const seenTurn = input.whole('seen', 0, TURN_MAX)
      return { conversationId, wasOpen: await closeConversation(tx, { conversationId, seenTurn }, actor) }
    }),
  render: ({ t }, { conversationId, wasOpen }) =>
    t(wasOpen ? 'inbox.closed' : 'inbox.closedBefore', { id: conversationId }),
})

export const reopen = command({
  name: 'reopen',
  args: CONVERSATION,
  options: [MEMBER_OPTION],
  run: (context, input) =>
    context.change(async (tx) => {
      const conversationId = input.id('conversation')
      const hasMoved = await reopenConversation(tx, conversationId, await actingMember(tx, context, input))
      return { conversationId, hasMoved }
    }),
  render: ({ t }, { conversationId, hasMoved }) =>
    t(hasMoved ? 'inbox.reopened' : 'inbox.openBefore', { id: conversationId }),
})

export const giveBack = command({
  name: 'give-back',
  args: CONVERSATION,
  options: [MEMBER_OPTION],
  run: (context, input) =>
    context.change(async (tx) => {
      const conversationId = input.id('conversation')
      await giveBackConversation(tx, conversationId, await actingMember(tx, context, input))
      return { conversationId }
    }),
  render: ({ t }, { conversationId }) => t('inbox.givenBack', { id: conversationId }),
})

export const note = command({
  name: 'note',
  args: CONVERSATION,
  options: [{ name: 'text', value: 'text', required: true }, MEMBER_OPTION],
  run: (context, input) =>
    context.change(async (tx) => {
      const conversationId = input.id('conversation')
      const text = input.text('text') ?? ''
      const noteId = await noteConversation(tx, { conversationId, text }, await actingMember(tx, context, input))
      return { conversationId, noteId }
    }),
  render: ({ t }, { conversationId }) => t('inbox.noted', { id: conversationId }),
})
