import { open } from 'node:fs/promises'

import { DELIVERY_STATES } from '#contract/words.ts'
import { invalid } from '#server/base/errors.ts'
import {
  type CampaignRecipient,
  EXPORT_FORMATS,
  type RecipientFilter,
  exportRecipients,
  listRecipients,
  retryFailures,
} from '#server/modules/delivery/index.ts'

import { MEMBER_OPTION, actingMember } from '../acting-member.ts'
import { type AnyCommand, type OptionSpec, command } from '../command.ts'
import type { CommandInput } from '../command-input.ts'
import type { CliContext } from '../context.ts'
import { reasonText } from '../present/reason-text.ts'
import { renderTable } from '../present/table.ts'
import { resolveCampaign } from './campaign-input.ts'

const FILTERS: readonly OptionSpec[] = [
  { name: 'state', value: 'state' },
  { name: 'reason', value: 'reason' },
  { name: 'step', value: 'n' },
]

const filterOf = (input: CommandInput): RecipientFilter => {
  const [state, reason, step] = [
    input.oneOf('state', DELIVERY_STATES),
    input.text('reason'),
    input.whole('step', 1, 20),
  ]
  return {
    ...(state !== null && { state }),
    ...(reason !== null && { reason }),
    ...(step !== null && { step: step - 1 }),
  }
}

const whoIs = (row: CampaignRecipient): string =>
  row.chatTitle ??
  (row.username === null ? [row.firstName, row.lastName].filter(Boolean).join(' ') : `@${row.username}`)

const renderRecipients = ({ t, terminal, formats, now }: CliContext, rows: readonly CampaignRecipient[]): string =>
  renderTable(
    terminal,
    [
      { title: t('column.id'), value: (row) => row.deliveryId, align: 'right' },
      { title: t('column.contact'), value: whoIs },
      { title: t('campaigns.step'), value: (row) => row.step + 1, align: 'right' },
      { title: t('column.state'), value: (row) => t(`words:deliveryState.${row.state}`) },
      { title: t('column.reason'), value: (row) => reasonText(t, row.reason) },
      { title: t('column.due'), value: (row) => formats.relative(row.dueAt, now()) },
      { title: t('column.sent'), value: (row) => (row.sentAt === null ? '' : formats.relative(row.sentAt, now())) },
      { title: t('column.attempts'), value: (row) => row.attempts, align: 'right' },
    ],
    rows,
    t('campaigns.noRecipients'),
  )

const recipients = command({
  name: 'recipients',
  args: [{ name: 'campaign' }],
  options: [...FILTERS, { name: 'after-id', value: 'id' }, { name: 'limit', value: 'n' }, MEMBER_OPTION],
  run: (context, input) =>
    context.read(async (tx) => {
      const { id } = await resolveCampaign(tx, input.arg('campaign'))
      const [afterId, limit] = [input.whole('after-id', 0, Number.MAX_SAFE_INTEGER), input.whole('limit', 1, 1_000)]
      const page = { ...(afterId !== null && { afterId }), ...(limit !== null && { limit }) }
      return listRecipients(tx, id, { ...filterOf(input), ...page }, await actingMember(tx, context, input))
    }),
  render: renderRecipients,
})

const writePieces = async (path: string, pieces: AsyncIterable<string>): Promise<void> => {
  const file = await open(path, 'wx', 0o600).catch((error: NodeJS.ErrnoException) => {
    throw invalid('file_not_written', '--output', { path, problem: error.code ?? '' })
  })
  try {
    for await (const piece of pieces) await file.write(piece)
  } finally {
    await file.close()
  }
}

const exportAll = command({
  name: 'export',
  args: [{ name: 'campaign' }],
  options: [
    ...FILTERS,
    { name: 'format', value: 'csv|json' },
    { name: 'output', value: 'file', required: true },
    MEMBER_OPTION,
  ],
  run: async (context, input) => {
    if (context.options.dryRun) throw invalid('no_dry_run', '--dry-run')
    const { campaign, actor } = await context.read(async (tx) => ({
      campaign: await resolveCampaign(tx, input.arg('campaign')),
      actor: await actingMember(tx, context, input),
    }))
    const format = input.oneOf('format', EXPORT_FORMATS) ?? 'csv'
    const output = input.text('output') ?? ''
    const { id: tenantId } = await context.tenant()
    const deps = { db: await context.db() }
    await writePieces(output, exportRecipients(deps, tenantId, campaign.id, { format, filter: filterOf(input) }, actor))
    context.note(context.t('talk.written', { path: output }))
    return { id: campaign.id, format, output }
  },
  render: () => '',
})

const retry = command({
  name: 'retry',
  args: [{ name: 'campaign' }],
  options: [{ name: 'reason', value: 'reason' }, { name: 'step', value: 'n' }, MEMBER_OPTION],
  run: (context, input) =>
    context.change(async (tx) => {
      const { id } = await resolveCampaign(tx, input.arg('campaign'))
      const { state: _, ...filter } = filterOf(input)
      return retryFailures(tx, id, filter, await actingMember(tx, context, input))
    }),
  render: ({ t }, { retried, left }) =>
    [
      t('campaigns.retried', { retried }),
      ...left.map(({ state, reason, count }) =>
        t('campaigns.leftAlone', {
          state: t(`words:deliveryState.${state}`),
          reason: reasonText(t, reason),
          number: count,
        }),
      ),
    ].join('\n'),
})

/** Who got a campaign and how it went with each. */
export const campaignRecipients: readonly AnyCommand[] = [recipients, exportAll, retry]
