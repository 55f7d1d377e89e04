import type { InviteLinkRow } from '#server/modules/invites/index.ts'

import type { CliContext } from '../context.ts'
import { reasonText } from './reason-text.ts'
import { renderTable } from './table.ts'

/** Invite links: whose, for which chat, where they stand and who came by them. */
export const renderInviteLinks = ({ t, terminal, formats, now }: CliContext, rows: readonly InviteLinkRow[]): string =>
  renderTable<InviteLinkRow>(
    terminal,
    [
      { title: t('column.id'), value: (row) => row.id, align: 'right' },
      { title: t('invites.chat'), value: (row) => row.title },
      { title: t('column.contact'), value: (row) => row.contactId ?? '', align: 'right' },
      { title: t('column.campaign'), value: (row) => row.campaignId ?? '', align: 'right' },
      { title: t('invites.admission'), value: (row) => t(`words:linkAdmission.${row.admission}`) },
      { title: t('column.state'), value: (row) => t(`words:linkState.${row.state}`) },
      { title: t('column.reason'), value: (row) => reasonText(t, row.reason) },
      {
        title: t('invites.ends'),
        value: (row) => (row.expiresAt === null ? '' : formats.relative(row.expiresAt, now())),
      },
      { title: t('invites.step.requested'), value: (row) => formats.number(row.requested), align: 'right' },
      { title: t('invites.step.joined'), value: (row) => formats.number(row.joined), align: 'right' },
      { title: t('invites.address'), value: (row) => row.url ?? '' },
    ],
    rows,
    t('invites.noLinks'),
  )
