import type { CampaignPreview } from '#server/modules/delivery/index.ts'

import type { CliContext } from '../context.ts'
import { paint } from '../terminal.ts'
import { reasonText } from './reason-text.ts'
import { manyLines, renderTable } from './table.ts'

const reasonsText = ({ t, formats }: CliContext, reasons: Readonly<Record<string, number>>): string =>
  Object.entries(reasons)
    .toSorted(([, a], [, b]) => b - a)
    .map(([reason, count]) => `${reasonText(t, reason)}: ${formats.number(count)}`)
    .join(' · ')

const totalOf = (reasons: Readonly<Record<string, number>>): number =>
  Object.values(reasons).reduce((sum, n) => sum + n, 0)

/** Which chats an announcement chooses, and by what numbers. */
const renderChoice = ({ t, terminal, formats }: CliContext, chats: NonNullable<CampaignPreview['chats']>): string =>
  renderTable(
    terminal,
    [
      { title: '', value: (row) => (row.isChosen ? '✓' : '') },
      { title: t('campaigns.chat'), value: (row) => row.title },
      { title: t('campaigns.measured'), value: (row) => formats.percent(row.ratio, 2), align: 'right' },
      {
        title: t('column.interval'),
        value: (row) => `${formats.percent(row.interval.low)} – ${formats.percent(row.interval.high)}`,
      },
      { title: t('campaigns.posts'), value: (row) => formats.number(row.posts), align: 'right' },
      { title: t('campaigns.exposures'), value: (row) => formats.number(row.exposures), align: 'right' },
      { title: t('campaigns.responders'), value: (row) => formats.number(row.responders), align: 'right' },
      {
        title: t('column.reason'),
        value: (row) =>
          row.mayPost
            ? row.isOverPackage
              ? reasonText(t, 'group_over_package')
              : ''
            : reasonText(t, 'no_right_to_post'),
      },
    ],
    chats,
    t('campaigns.noChats'),
  )

/** What would happen if the campaign started now, before anything is written. */
export const renderCampaignPreview = (context: CliContext, preview: CampaignPreview, timeZone: string): string => {
  const { t, terminal, formats } = context
  const steps = renderTable(
    terminal,
    [
      { title: t('campaigns.step'), value: (row) => row.step + 1, align: 'right' },
      { title: t('column.due'), value: (row) => formats.instant(row.dueAt, timeZone) },
      { title: t('column.people'), value: (row) => formats.number(row.total), align: 'right' },
      { title: t('words:deliveryState.sent'), value: (row) => formats.number(row.sent), align: 'right' },
      {
        title: t('words:deliveryState.deferred'),
        value: (row) => formats.number(totalOf(row.deferred)),
        align: 'right',
      },
      { title: t('words:deliveryState.refused'), value: (row) => formats.number(totalOf(row.refused)), align: 'right' },
      { title: t('column.reason'), value: (row) => reasonsText(context, { ...row.deferred, ...row.refused }) },
    ],
    preview.steps,
    '',
  )
  const holds = preview.holds.map((reason) =>
    paint(terminal, 'yellow', t('campaigns.heldBy', { reason: reasonText(t, reason) })),
  )
  const { lastAt, landed } = preview.landing
  const landing =
    lastAt === null
      ? t('campaigns.neverLands', { landed })
      : t('campaigns.lands', { at: formats.instant(lastAt, timeZone), landed })
  const [sample] = preview.sample.samples
  const message = sample
    ? [paint(terminal, 'bold', t('campaigns.sample')), manyLines(sample.message.text)].join('\n')
    : ''
  const choice = preview.chats === null ? '' : renderChoice(context, preview.chats)
  return [steps, ...holds, landing, choice, message].filter(Boolean).join('\n\n')
}
