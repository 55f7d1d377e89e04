import { CONVERSATION_STATES, SEGMENTS } from '#contract/words.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import {
  type ConversationFilter,
  countConversations,
  listConversations,
  markConversationRead,
  showConversation,
} from '#server/modules/conversations/index.ts'
import type { ActingPerson } from '#server/modules/tenancy/index.ts'

import { MEMBER_OPTION, actingMember, readMember } from '../acting-member.ts'
import type { CommandInput } from '../command-input.ts'
import { type CommandGroup, command } from '../command.ts'
import { conversationColumns, renderConversation } from '../present/conversation.ts'
import { renderPairs, renderTable } from '../present/table.ts'
import { assign, close, giveBack, note, reopen, reply, snooze } from './inbox-actions.ts'
import { ratings, saved, settings } from './inbox-keeping.ts'

const ID_MAX = Number.MAX_SAFE_INTEGER

const filterOf = (input: CommandInput, actor: ActingPerson): ConversationFilter => {
  const [state, segment] = [input.oneOf('state', CONVERSATION_STATES), input.oneOf('segment', SEGMENTS)]
  const [tag, accountId] = [input.text('tag'), input.whole('account', 1, ID_MAX)]
  const assigned = readMember(input.text('assigned'), actor)
  return {
    ...(state !== null && { state }),
    ...(segment !== null && { segment }),
    ...(tag !== null && { tag }),
    ...(accountId !== null && { accountId }),
    ...(assigned !== null && { assignedTo: assigned.id }),
    ...(input.isOn('overdue') && { overdueAt: actor.at }),
    ...(input.isOn('unread') && { isUnread: true }),
  }
}

const list = command({
  name: 'list',
  options: [
    { name: 'state', value: CONVERSATION_STATES.join('|') },
    { name: 'assigned', value: 'me|nobody|id' },
    { name: 'overdue' },
    { name: 'unread' },
    { name: 'tag', value: 'tag' },
    { name: 'segment', value: 'segment' },
    { name: 'account', value: 'id' },
    { name: 'limit', value: 'n' },
    { name: 'cursor', value: 'cursor' },
    MEMBER_OPTION,
  ],
  run: (context, input) =>
    context.read(async (tx) => {
      const actor = await actingMember(tx, context, input)
      const page = { limit: input.whole('limit', 1, 200) ?? 50, cursor: input.text('cursor') }
      return listConversations(tx, filterOf(input, actor), page, actor)
    }),
  render: (context, { conversations, nextCursor }) => {
    const { terminal, t } = context
    const table = renderTable(terminal, conversationColumns(context), conversations, t('inbox.none'))
    return nextCursor === null ? table : `${table}\n\n${t('talk.more', { option: `--cursor ${nextCursor}` })}`
  },
})

const show = command({
  name: 'show',
  args: [{ name: 'conversation' }],
  options: [{ name: 'limit', value: 'n' }, { name: 'cursor', value: 'cursor' }, { name: 'read' }, MEMBER_OPTION],
  run: (context, input) => {
    const look = async (tx: TenantTx) => {
      const actor = await actingMember(tx, context, input)
      const page = { limit: input.whole('limit', 1, 200) ?? 50, cursor: input.text('cursor') }
      const view = await showConversation(tx, input.id('conversation'), page, actor)
      const { id: conversationId, turn: seenTurn } = view.conversation
      if (input.isOn('read')) await markConversationRead(tx, { conversationId, seenTurn }, actor)
      return view
    }
    return input.isOn('read') ? context.change(look) : context.read(look)
  },
  render: async (context, view) => renderConversation(context, view, (await context.tenant()).timeZone),
})

const counts = command({
  name: 'counts',
  options: [{ name: 'account', value: 'id' }, MEMBER_OPTION],
  run: (context, input) =>
    context.read(async (tx) => {
      const actor = await actingMember(tx, context, input)
      return countConversations(tx, { at: actor.at, accountId: input.whole('account', 1, ID_MAX) }, actor)
    }),
  render: ({ t, terminal, formats }, { states, ...rest }) =>
    renderPairs(terminal, [
      ...CONVERSATION_STATES.map(
        (state) => [t(`words:conversationState.${state}`), formats.number(states[state])] as const,
      ),
      [t('inbox.unassigned'), formats.number(rest.unassigned)],
      [t('inbox.unread'), formats.number(rest.unread)],
      [t('inbox.overdue'), formats.number(rest.overdue)],
      [t('inbox.handedOver'), formats.number(rest.handedOver)],
    ]),
})

export const inbox: CommandGroup = {
  name: 'inbox',
  commands: [list, show, counts, reply, assign, snooze, close, reopen, giveBack, note, saved, ratings, settings],
}
