import { DAY_MS } from '#server/base/duration.ts'
import { type InviteReportRow, REPORT_KEYS, reportInvites } from '#server/modules/invites/index.ts'

import { command } from '../command.ts'
import type { CliContext } from '../context.ts'
import { renderTable } from '../present/table.ts'

const DAYS_SHOWN = 30

const COUNTS = ['invited', 'yes', 'no', 'linked', 'requested', 'joined', 'stayed'] as const
const SHARES = ['yesShare', 'joinShare', 'stayShare'] as const

const shareText = ({ formats }: CliContext, share: InviteReportRow['yesShare']): string =>
  share === null
    ? '—'
    : `${formats.percent(share.ratio, 0)} (${formats.percent(share.low, 0)} – ${formats.percent(share.high, 0)})`

/** What came of invitations, by chat, campaign, batch or person, with the 95 % interval of each share. */
export const report = command({
  name: 'report',
  options: [
    { name: 'by', value: 'chat|campaign|batch|person' },
    { name: 'days', value: 'n' },
  ],
  run: (context, input) => {
    const now = context.now()
    const since = now - (input.whole('days', 1, 3_650) ?? DAYS_SHOWN) * DAY_MS
    const by = input.oneOf('by', REPORT_KEYS) ?? 'chat'
    return context.read((tx) => reportInvites(tx, { by, since, until: now + 1, now }))
  },
  render: (context, rows) => {
    const { t, terminal, formats } = context
    return renderTable<InviteReportRow>(
      terminal,
      [
        { title: t('column.id'), value: (row) => row.key, align: 'right' },
        { title: t('column.name'), value: (row) => row.name ?? '' },
        ...COUNTS.map((step) => ({
          title: t(`invites.step.${step}`),
          value: (row: InviteReportRow) => formats.number(row[step]),
          align: 'right' as const,
        })),
        ...SHARES.map((share) => ({
          title: t(`invites.${share}`),
          value: (row: InviteReportRow) => shareText(context, row[share]),
        })),
      ],
      rows,
      t('invites.noneInvited'),
    )
  },
})
