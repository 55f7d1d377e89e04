import { DRAFT_STATES } from '#contract/words.ts'
import { invalid } from '#server/base/errors.ts'
import {
  type Draft,
  type DraftVerdict,
  decideDraft,
  getDraft,
  listDrafts,
} from '#server/modules/conversations/index.ts'

import { MEMBER_OPTION, actingMember } from '../acting-member.ts'
import type { CommandInput } from '../command-input.ts'
import { type CommandGroup, command } from '../command.ts'
import type { CliContext } from '../context.ts'
import { renderPairs, renderTable } from '../present/table.ts'
import { paint } from '../terminal.ts'

const ANY_ID = Number.MAX_SAFE_INTEGER
const DRAFT = [{ name: 'draft' }] as const

const findingsText = ({ t }: CliContext, { findings }: Draft): string =>
  findings.map((finding) => t(`words:answerFinding.${finding}`)).join(', ')

const renderDrafts = (context: CliContext, drafts: readonly Draft[]): string => {
  const { t, terminal, formats, now } = context
  return renderTable(
    terminal,
    [
      { title: t('column.id'), value: (draft) => draft.id, align: 'right' },
      { title: t('drafts.conversation'), value: (draft) => draft.conversationId, align: 'right' },
      { title: t('column.state'), value: (draft) => t(`words:draftState.${draft.state}`) },
      { title: t('column.confidence'), value: (draft) => formats.percent(draft.confidenceRatio, 0), align: 'right' },
      { title: t('drafts.against'), value: (draft) => findingsText(context, draft) },
      { title: t('drafts.expires'), value: (draft) => formats.relative(draft.expiresAt, now()) },
      { title: t('drafts.text'), value: (draft) => (draft.editedText ?? draft.text ?? t('drafts.gone')).slice(0, 60) },
    ],
    drafts,
    t('drafts.none'),
  )
}

const renderDraft = (context: CliContext, draft: Draft): string => {
  const { t, terminal, formats, now } = context
  return [
    renderPairs(terminal, [
      [t('column.id'), formats.number(draft.id)],
      [t('drafts.conversation'), formats.number(draft.conversationId)],
      [t('column.state'), t(`words:draftState.${draft.state}`)],
      [t('column.confidence'), formats.percent(draft.confidenceRatio, 0)],
      [t('drafts.intent'), draft.intent],
      [t('drafts.against'), findingsText(context, draft)],
      [t('drafts.expires'), formats.relative(draft.expiresAt, now())],
      [t('drafts.decidedBy'), draft.decidedBy ?? ''],
    ]),
    paint(terminal, 'bold', t('drafts.text')),
    draft.text ?? t('drafts.gone'),
    ...(draft.editedText === null ? [] : [paint(terminal, 'bold', t('drafts.edited')), draft.editedText]),
    ...(draft.state === 'proposed' ? [t('drafts.howToDecide', { id: draft.id })] : []),
  ].join('\n\n')
}

const list = command({
  name: 'list',
  options: [
    { name: 'state', value: DRAFT_STATES.join('|') },
    { name: 'account', value: 'id' },
    { name: 'before', value: 'id' },
    { name: 'limit', value: 'n' },
    MEMBER_OPTION,
  ],
  run: (context, input) =>
    context.read(async (tx) => {
      const [state, accountId] = [input.oneOf('state', DRAFT_STATES), input.whole('account', 1, ANY_ID)]
      const beforeId = input.whole('before', 1, ANY_ID)
      return listDrafts(
        tx,
        {
          state: state ?? 'proposed',
          ...(accountId !== null && { accountId }),
          ...(beforeId !== null && { beforeId }),
          limit: input.whole('limit', 1, 500) ?? 50,
        },
        await actingMember(tx, context, input),
      )
    }),
  render: renderDrafts,
})

const show = command({
  name: 'show',
  args: DRAFT,
  options: [MEMBER_OPTION],
  run: (context, input) =>
    context.read(async (tx) => getDraft(tx, input.id('draft'), await actingMember(tx, context, input))),
  render: renderDraft,
})

const decide = (context: CliContext, input: CommandInput, verdict: Pick<DraftVerdict, 'decision' | 'text'>) =>
  context.change(async (tx) =>
    decideDraft(
      tx,
      { ...verdict, draftId: input.id('draft'), isSure: verdict.decision !== 'reject' && input.isOn('sure') },
      await actingMember(tx, context, input),
    ),
  )

const approve = command({
  name: 'approve',
  args: DRAFT,
  options: [{ name: 'sure' }, MEMBER_OPTION],
  run: (context, input) => decide(context, input, { decision: 'approve' }),
  render: renderDraft,
})

const edit = command({
  name: 'edit',
  args: DRAFT,
  options: [{ name: 'text', value: 'text' }, { name: 'sure' }, MEMBER_OPTION],
  run: (context, input) => {
    const text = input.text('text')
    if (text === null) throw invalid('argument_missing', '--text')
    return decide(context, input, { decision: 'edit', text })
  },
  render: renderDraft,
})

const reject = command({
  name: 'reject',
  args: DRAFT,
  options: [MEMBER_OPTION],
  run: (context, input) => decide(context, input, { decision: 'reject' }),
  render: renderDraft,
})

export const drafts: CommandGroup = { name: 'drafts', commands: [list, show, approve, edit, reject] }
