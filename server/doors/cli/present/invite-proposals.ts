import type { Translate } from '#server/base/translate.ts'
import type {
  ChatInterests,
  InterestEvidence,
  InterestSet,
  InviteBatch,
  InviteProposal,
} from '#server/modules/invites/index.ts'

import type { CliContext } from '../context.ts'
import { renderTable } from './table.ts'

/** An interest of the product in words; a tenant's own by its name. */
export const interestText = (t: Translate, name: string): string => {
  const key = `words:interest.${name}`
  const text = t(key)
  return text === key || text === key.replace('words:', '') ? name : text
}

export const renderBatches = ({ t, terminal, formats, now }: CliContext, rows: readonly InviteBatch[]): string =>
  renderTable<InviteBatch>(
    terminal,
    [
      { title: t('column.id'), value: (row) => row.id, align: 'right' },
      { title: t('column.state'), value: (row) => t(`words:inviteBatchState.${row.state}`) },
      { title: t('invites.proposed'), value: (row) => formats.relative(row.proposedAt, now()) },
      { title: t('column.people'), value: (row) => formats.number(row.people), align: 'right' },
      { title: t('invites.step.invited'), value: (row) => formats.number(row.invited), align: 'right' },
      { title: t('invites.skipped'), value: (row) => formats.number(row.skipped), align: 'right' },
      { title: t('invites.decidedBy'), value: (row) => row.decidedBy ?? '' },
    ],
    rows,
    t('invites.none'),
  )

const reasonsText = (t: Translate, proposal: InviteProposal): string =>
  proposal.reasons
    .map(({ interest, count, days }) =>
      t('invites.evidence', { interest: interestText(t, interest), times: count, days }),
    )
    .join('; ')

/** Who is proposed for which chat, and why. */
export const renderProposals = ({ t, terminal, formats }: CliContext, rows: readonly InviteProposal[]): string =>
  renderTable<InviteProposal>(
    terminal,
    [
      { title: t('column.contact'), value: (row) => row.contactId, align: 'right' },
      { title: t('column.name'), value: (row) => row.firstName },
      { title: t('invites.chat'), value: (row) => row.chatTitle },
      { title: t('invites.score'), value: (row) => formats.percent(row.score, 0), align: 'right' },
      { title: t('invites.engagement'), value: (row) => formats.number(row.engagement), align: 'right' },
      { title: t('column.reason'), value: (row) => reasonsText(t, row) },
      {
        title: t('column.state'),
        value: (row) =>
          row.skipReason === null
            ? t(`words:inviteProposalState.${row.state}`)
            : t(`words:inviteSkip.${row.skipReason}`),
      },
    ],
    rows,
    t('invites.nobody'),
  )

/** The words by which interests are told, how many speak of them, and which chats are for them. */
export const renderInterests = (
  { t, terminal, formats }: CliContext,
  view: InterestSet & { readonly evidence: readonly InterestEvidence[]; readonly chats: readonly ChatInterests[] },
): string => {
  const of = new Map(view.evidence.map((row) => [row.interest, row]))
  const groups = renderTable(
    terminal,
    [
      { title: t('invites.interest'), value: (row) => interestText(t, row.name) },
      { title: t('column.name'), value: (row) => row.name },
      { title: t('column.people'), value: (row) => formats.number(of.get(row.name)?.people ?? 0), align: 'right' },
      { title: t('invites.messages'), value: (row) => formats.number(of.get(row.name)?.messages ?? 0), align: 'right' },
      { title: t('invites.words'), value: (row) => row.words.slice(0, 8).join(', ') },
    ],
    view.groups,
    '',
  )
  const chats = renderTable<ChatInterests>(
    terminal,
    [
      { title: t('column.id'), value: (row) => row.chatId, align: 'right' },
      { title: t('invites.chat'), value: (row) => row.title },
      { title: t('invites.isFor'), value: (row) => row.interests.map((name) => interestText(t, name)).join(', ') },
    ],
    view.chats,
    t('invites.noChats'),
  )
  return [t('invites.version', { version: view.version }), groups, chats].join('\n\n')
}
