import { GROUP_ACTIONS, GROUP_ACT_STATES, JOIN_ADMISSIONS, JOIN_REQUEST_STATES } from '#contract/words.ts'
import {
  type ChatModeration,
  type GroupAct,
  JOIN_OTHERWISE,
  type JoinRequest,
  type JoinRule,
  decideJoinRequest,
  getJoinRule,
  getModeration,
  listGroupActs,
  listJoinRequests,
  removeHeld,
  setJoinRule,
  setModeration,
  setTrust,
  undoAct,
} from '#server/modules/groups/index.ts'

import { command } from '../command.ts'
import type { CommandInput } from '../command-input.ts'
import type { CliContext } from '../context.ts'
import { reasonText } from '../present/reason-text.ts'
import { renderPairs, renderTable } from '../present/table.ts'
import { asOwner } from './members.ts'

const ID_MAX = Number.MAX_SAFE_INTEGER
const SHOWN = 50

const inChat = (input: CommandInput) => {
  const chatId = input.whole('in-chat', 1, ID_MAX)
  return chatId === null ? {} : { chatId }
}

const renderActs = ({ t, terminal, formats, now }: CliContext, acts: readonly GroupAct[]): string =>
  renderTable(
    terminal,
    [
      { title: t('column.id'), value: (act) => act.id, align: 'right' },
      { title: t('groups.group'), value: (act) => act.chatTitle },
      { title: t('column.contact'), value: (act) => act.contactId ?? '', align: 'right' },
      { title: t('groups.act'), value: (act) => t(`words:groupAct.${act.kind}`) },
      {
        title: t('groups.pattern'),
        value: (act) => (act.pattern === null ? '' : t(`words:spamPattern.${act.pattern}`)),
      },
      { title: t('column.state'), value: (act) => t(`words:groupActState.${act.state}`) },
      { title: t('column.reason'), value: (act) => reasonText(t, act.reason) },
      { title: t('groups.last'), value: (act) => formats.relative(act.finishedAt ?? act.wantedAt, now()) },
      { title: t('groups.settledBy'), value: (act) => act.settledBy ?? '' },
    ],
    acts,
    t('groups.noActs'),
  )

type ModerationAnswer = readonly GroupAct[] | ChatModeration

const LOG_ACTIONS = ['log', 'set', 'undo', 'remove', 'trust', 'untrust'] as const

const setting = (context: CliContext, input: CommandInput, chatId: number): Promise<ChatModeration> => {
  const action = input.oneOf('action', GROUP_ACTIONS)
  const restrictMinutes = input.whole('minutes', 1, 525_600)
  const afterFindings = input.whole('after', 1, 20)
  const change = {
    ...(action !== null && { action }),
    ...(restrictMinutes !== null && { restrictMinutes }),
    ...(afterFindings !== null && { afterFindings }),
  }
  return context.change((tx) =>
    Object.keys(change).length === 0
      ? getModeration(tx, chatId)
      : setModeration(tx, { chatId, ...change }, asOwner(context)),
  )
}

/** `groups moderation`: the log; `set` a group, `undo` or `remove` by the number of a line, `trust` a contact. */
export const moderation = command({
  name: 'moderation',
  args: [
    { name: 'order-action', optional: true },
    { name: 'number', optional: true },
  ],
  options: [
    { name: 'in-chat', value: 'id' },
    { name: 'state', value: GROUP_ACT_STATES.join('|') },
    { name: 'action', value: GROUP_ACTIONS.join('|') },
    { name: 'minutes', value: 'n' },
    { name: 'after', value: 'n' },
  ],
  run: async (context, input): Promise<ModerationAnswer> => {
    const verb = input.findArg('order-action') === null ? 'log' : input.argOf('order-action', LOG_ACTIONS)
    if (verb === 'log') {
      const state = input.oneOf('state', GROUP_ACT_STATES)
      return context.read((tx) => listGroupActs(tx, { ...inChat(input), ...(state !== null && { state }) }, SHOWN))
    }
    const number = input.id('number')
    if (verb === 'set') return setting(context, input, number)
    if (verb === 'undo') return [await context.change((tx) => undoAct(tx, number, asOwner(context)))]
    if (verb === 'remove') return [await context.change((tx) => removeHeld(tx, number, asOwner(context)))]
    const { chatId = 0 } = inChat(input)
    const trust = { chatId, contactId: number, isTrusted: verb === 'trust' }
    return context.change((tx) => setTrust(tx, trust, asOwner(context)))
  },
  render: (context, answer) => {
    if (!('chatId' in answer)) return renderActs(context, answer)
    const { t, terminal } = context
    return renderPairs(terminal, [
      [t('groups.group'), answer.chatId],
      [t('groups.action'), t(`words:groupAction.${answer.action}`)],
      [t('groups.afterFindings'), answer.afterFindings],
      [t('groups.restrictMinutes'), answer.restrictMinutes],
      [t('groups.trusted'), answer.trustedContactIds.join(', ') || '–'],
    ])
  },
})

type RequestsAnswer = readonly JoinRequest[] | JoinRule

const REQUEST_ACTIONS = ['list', 'approve', 'decline', 'rule'] as const

/** `groups requests`: who asks to join; `approve` and `decline` by number, `rule` by the number of a group. */
export const requests = command({
  name: 'requests',
  args: [
    { name: 'request-action', optional: true },
    { name: 'number', optional: true },
  ],
  options: [
    { name: 'in-chat', value: 'id' },
    { name: 'state', value: JOIN_REQUEST_STATES.join('|') },
    { name: 'admit', value: JOIN_ADMISSIONS.join('|') },
    { name: 'otherwise', value: JOIN_OTHERWISE.join('|') },
  ],
  run: async (context, input): Promise<RequestsAnswer> => {
    const verb = input.findArg('request-action') === null ? 'list' : input.argOf('request-action', REQUEST_ACTIONS)
    if (verb === 'list') {
      const state = input.oneOf('state', JOIN_REQUEST_STATES) ?? 'waiting'
      return context.read((tx) => listJoinRequests(tx, { ...inChat(input), state }, SHOWN))
    }
    const number = input.id('number')
    if (verb !== 'rule')
      return [
        await context.change((tx) => decideJoinRequest(tx, { requestId: number, decision: verb }, asOwner(context))),
      ]
    const [admit, otherwise] = [input.oneOf('admit', JOIN_ADMISSIONS), input.oneOf('otherwise', JOIN_OTHERWISE)]
    const change = { ...(admit !== null && { admit }), ...(otherwise !== null && { otherwise }) }
    return context.change((tx) =>
      Object.keys(change).length === 0
        ? getJoinRule(tx, number)
        : setJoinRule(tx, { chatId: number, ...change }, asOwner(context)),
    )
  },
  render: ({ t, terminal, formats, now }, answer) => {
    if ('admit' in answer)
      return renderPairs(terminal, [
        [t('groups.admit'), t(`words:joinAdmission.${answer.admit}`)],
        [t('groups.otherwise'), t(`groups.otherwises.${answer.otherwise}`)],
      ])
    return renderTable<JoinRequest>(
      terminal,
      [
        { title: t('column.id'), value: (row) => row.id, align: 'right' },
        { title: t('groups.group'), value: (row) => row.chatTitle },
        { title: t('column.contact'), value: (row) => row.contactId, align: 'right' },
        { title: t('column.name'), value: (row) => row.firstName },
        { title: t('column.state'), value: (row) => t(`words:joinRequestState.${row.state}`) },
        { title: t('column.reason'), value: (row) => reasonText(t, row.reason) },
        { title: t('groups.last'), value: (row) => formats.relative(row.requestedAt, now()) },
      ],
      answer,
      t('groups.noRequests'),
    )
  },
})
