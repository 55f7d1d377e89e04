import type { TenantTx } from '#server/db/tenant-scope.ts'
import {
  type InterestGroup,
  type InterestSet,
  type InviteBatch,
  type InviteProposal,
  type InviteSettings,
  PERSONAL_ADMISSIONS,
  decideInvites,
  endInviteLink,
  findInviteSettings,
  getInterests,
  listBatches,
  listChatInterests,
  listLinks,
  listProposals,
  openInviteLink,
  proposeInvites,
  setChatInterests,
  setInterests,
  setInviteSettings,
  sumInterests,
} from '#server/modules/invites/index.ts'

import { type CommandGroup, command } from '../command.ts'
import type { CommandInput } from '../command-input.ts'
import type { CliContext } from '../context.ts'
import { renderInviteLinks } from '../present/invite-links.ts'
import { interestText, renderBatches, renderInterests, renderProposals } from '../present/invite-proposals.ts'
import { renderPairs } from '../present/table.ts'
import { readJsonObject } from '../read-json-file.ts'
import { report } from './invite-report.ts'
import { asOwner } from './members.ts'
import { resolveTemplate } from './templates.ts'

const ID_MAX = Number.MAX_SAFE_INTEGER
const SHOWN = 50

interface Shown {
  readonly batches: readonly InviteBatch[]
  readonly proposals: readonly InviteProposal[]
}

const show = async (tx: TenantTx, batchId: number): Promise<Shown> => ({
  batches: await listBatches(tx, { batchId, limit: 1 }),
  proposals: await listProposals(tx, batchId),
})

const renderShown = (context: CliContext, { batches, proposals }: Shown): string =>
  proposals.length === 0
    ? renderBatches(context, batches)
    : [renderBatches(context, batches), renderProposals(context, proposals)].join('\n\n')

const propose = command({
  name: 'propose',
  options: [{ name: 'in-chat', value: 'id' }],
  run: (context, input) =>
    context.change(async (tx) => {
      const chatId = input.whole('in-chat', 1, ID_MAX)
      const proposed = await proposeInvites(tx, { chatId }, asOwner(context))
      const proposals = proposed.batchId === null ? [] : await listProposals(tx, proposed.batchId)
      return { ...proposed, proposals }
    }),
  render: (context, { batchId, roomLeft, isApproved, proposals }) => {
    const { t } = context
    if (batchId === null) return t(roomLeft === 0 ? 'invites.noRoom' : 'invites.nobody')
    return [
      renderProposals(context, proposals),
      t(isApproved ? 'invites.approvedAlready' : 'invites.howToApprove', { id: batchId }),
    ].join('\n\n')
  },
})

const list = command({
  name: 'list',
  args: [{ name: 'batch', optional: true }],
  run: (context, input) =>
    context.read(async (tx): Promise<Shown> => {
      if (input.findArg('batch') !== null) return show(tx, input.id('batch'))
      return { batches: await listBatches(tx, { limit: SHOWN }), proposals: [] }
    }),
  render: renderShown,
})

const approve = command({
  name: 'approve',
  args: [{ name: 'batch' }],
  options: [{ name: 'without', value: 'contact', many: true }],
  run: async (context, input) => {
    const batchId = input.id('batch')
    const without = input.ids('without')
    const { proposals } = await context.read((tx) => show(tx, batchId))
    const people = proposals.filter((proposal) => !without.includes(proposal.contactId)).length
    await context.confirm(context.t('invites.approveSure', { people }))
    return context.change(async (tx) => {
      await decideInvites(tx, { batchId, isApproved: true, without }, asOwner(context))
      return show(tx, batchId)
    })
  },
  render: renderShown,
})

const reject = command({
  name: 'reject',
  args: [{ name: 'batch' }],
  run: (context, input) =>
    context.change(async (tx) => {
      const batchId = input.id('batch')
      await decideInvites(tx, { batchId, isApproved: false }, asOwner(context))
      return show(tx, batchId)
    }),
  render: renderShown,
})

const links = command({
  name: 'links',
  options: [
    { name: 'in-chat', value: 'id' },
    { name: 'limit', value: 'n' },
    { name: 'before', value: 'id' },
  ],
  run: (context, input) =>
    context.read((tx) => {
      const [chatId, beforeId] = [input.whole('in-chat', 1, ID_MAX), input.whole('before', 1, ID_MAX)]
      const limit = input.whole('limit', 1, 500) ?? SHOWN
      return listLinks(tx, { limit, ...(chatId !== null && { chatId }), ...(beforeId !== null && { beforeId }) })
    }),
  render: renderInviteLinks,
})

const LIFE_DAYS = 30

const openLink = command({
  name: 'open-link',
  args: [{ name: 'chat' }],
  options: [{ name: 'campaign', value: 'id' }, { name: 'ask' }, { name: 'life-days', value: 'n' }],
  run: (context, input) =>
    context.change(async (tx) => {
      const id = await openInviteLink(
        tx,
        {
          chatId: input.id('chat'),
          campaignId: input.whole('campaign', 1, ID_MAX),
          admission: input.isOn('ask') ? 'request' : 'open',
          lifeDays: input.whole('life-days', 1, 90) ?? LIFE_DAYS,
        },
        asOwner(context),
      )
      return { linkId: id }
    }),
  render: ({ t }, { linkId }) => t('invites.linkWanted', { id: linkId }),
})

const endLink = command({
  name: 'end-link',
  args: [{ name: 'link' }],
  run: (context, input) =>
    context.change(async (tx) => {
      await endInviteLink(tx, input.id('link'), asOwner(context))
      return { linkId: input.id('link') }
    }),
  render: ({ t }, { linkId }) => t('invites.linkEnding', { id: linkId }),
})

const interestsNow = async (context: CliContext, tx: TenantTx) => ({
  ...(await getInterests(tx)),
  evidence: await sumInterests(tx, context.now()),
  chats: await listChatInterests(tx),
})

const interests = command({
  name: 'interests',
  run: (context) => context.read((tx) => interestsNow(context, tx)),
  render: renderInterests,
})

/** `{"groups": [{"name": "fishing", "words": ["balık*"]}]}`, or names with their words. */
const groupsIn = (json: Readonly<Record<string, unknown>>): readonly InterestGroup[] => {
  const given: unknown = json['groups']
  const list = Array.isArray(given)
    ? (given as readonly unknown[])
    : Object.entries(json).map(([name, words]) => ({ name, words }))
  return list.map((entry) => {
    const { name, words } = (typeof entry === 'object' && entry !== null ? entry : {}) as Partial<InterestGroup>
    return {
      name: typeof name === 'string' ? name : '',
      words: Array.isArray(words) ? (words as readonly unknown[]).map(String) : [],
    }
  })
}

const setWords = command({
  name: 'set-interests',
  args: [{ name: 'interests-file' }],
  run: async (context, input): Promise<InterestSet> => {
    const groups = groupsIn(await readJsonObject('interests-file', input.arg('interests-file')))
    return context.change((tx) => setInterests(tx, groups, asOwner(context)))
  },
  render: (context, set) => renderInterests(context, { ...set, evidence: [], chats: [] }),
})

const chatInterests = command({
  name: 'chat-interests',
  args: [{ name: 'chat' }, { name: 'interests', optional: true, variadic: true }],
  run: (context, input) =>
    context.change(async (tx) => {
      const chat = { chatId: input.id('chat'), interests: input.rest('interests') }
      await setChatInterests(tx, chat, asOwner(context))
      return chat
    }),
  render: ({ t }, { chatId, interests: names }) =>
    names.length === 0
      ? t('invites.chatForNobody', { id: chatId })
      : t('invites.chatFor', { id: chatId, interests: names.map((name) => interestText(t, name)).join(', ') }),
})

const changeIn = async (tx: TenantTx, input: CommandInput): Promise<Partial<InviteSettings>> => {
  const [hours, daily, life] = [
    input.whole('propose-hours', 1, 168),
    input.whole('daily-max', 0, 1_000),
    input.whole('life-days', 1, 90),
  ]
  const auto = input.oneOf('auto', ['on', 'off'] as const)
  const admission = input.oneOf('admission', PERSONAL_ADMISSIONS)
  const template = input.text('template')
  return {
    ...(hours !== null && { proposeEveryHours: hours }),
    ...(daily !== null && { dailyMax: daily }),
    ...(life !== null && { linkLifeDays: life }),
    ...(auto !== null && { isAuto: auto === 'on' }),
    ...(admission !== null && { admission }),
    ...(template !== null && { templateId: template === 'off' ? null : (await resolveTemplate(tx, template)).id }),
  }
}

const settings = command({
  name: 'settings',
  options: [
    { name: 'propose-hours', value: 'n' },
    { name: 'daily-max', value: 'n' },
    { name: 'auto', value: 'on|off' },
    { name: 'admission', value: 'limited|request' },
    { name: 'life-days', value: 'n' },
    { name: 'template', value: 'template' },
  ],
  run: (context, input) =>
    context.change(async (tx) => {
      const change = await changeIn(tx, input)
      if (Object.keys(change).length === 0) return findInviteSettings(tx)
      return setInviteSettings(tx, change, asOwner(context))
    }),
  render: ({ t, terminal }, row) =>
    renderPairs(terminal, [
      [t('invites.proposeHours'), row.proposeEveryHours],
      [t('invites.dailyMax'), row.dailyMax],
      [t('invites.auto'), t(row.isAuto ? 'talk.on' : 'talk.off')],
      [t('invites.admission'), t(`words:linkAdmission.${row.admission}`)],
      [t('invites.lifeDays'), row.linkLifeDays],
      [t('invites.template'), row.templateId ?? t('invites.ownWords')],
    ]),
})

export const invites: CommandGroup = {
  name: 'invites',
  commands: [
    propose,
    list,
    approve,
    reject,
    report,
    links,
    openLink,
    endLink,
    interests,
    setWords,
    chatInterests,
    settings,
  ],
}
