import { CAMPAIGN_STATES } from '#contract/words.ts'
import {
  type Campaign,
  createCampaign,
  listCampaigns,
  pauseCampaign,
  resumeCampaign,
  startCampaign,
  updateCampaign,
} from '#server/modules/campaigns/index.ts'
import { campaignReport, cancelCampaignDeliveries, previewCampaign } from '#server/modules/delivery/index.ts'

import { MEMBER_OPTION, actingMember } from '../acting-member.ts'
import { type CommandGroup, command } from '../command.ts'
import type { CliContext } from '../context.ts'
import { renderCampaignPreview } from '../present/campaign-preview.ts'
import { renderCampaignReport } from '../present/campaign-report.ts'
import { renderTable } from '../present/table.ts'
import { CAMPAIGN_OPTIONS, CAMPAIGNS_PAGE, readCampaign, resolveCampaign } from './campaign-input.ts'
import { campaignRecipients } from './campaign-recipients.ts'
import { campaignReview } from './campaign-review.ts'

const audienceText = (campaign: Campaign, everybody: string): string => {
  const { segments, tags, chats, own } = campaign.audience
  const parts = [
    ...segments,
    ...own.map((id) => `own ${id}`),
    ...tags.map((tag) => `#${tag}`),
    ...chats.map((chat) => `chat ${chat}`),
  ]
  return parts.join(', ') || everybody
}

const renderCampaigns = ({ t, terminal, formats, now }: CliContext, rows: readonly Campaign[]): string =>
  renderTable(
    terminal,
    [
      { title: t('column.id'), value: (row) => row.id, align: 'right' },
      { title: t('column.name'), value: (row) => row.name },
      { title: t('column.kind'), value: (row) => t(`words:campaignKind.${row.kind}`) },
      { title: t('column.state'), value: (row) => t(`words:campaignState.${row.state}`) },
      { title: t('column.account'), value: (row) => row.accountId, align: 'right' },
      { title: t('campaigns.audience'), value: (row) => audienceText(row, t('campaigns.everybody')) },
      {
        title: t('campaigns.starts'),
        value: (row) => (row.startsAt === null ? t('campaigns.atOnce') : formats.relative(row.startsAt, now())),
      },
      { title: t('campaigns.created'), value: (row) => formats.relative(row.createdAt, now()) },
    ],
    rows,
    t('campaigns.none'),
  )

const list = command({
  name: 'list',
  options: [
    { name: 'state', value: 'state' },
    { name: 'limit', value: 'n' },
  ],
  run: (context, input) =>
    context.read((tx) => {
      const state = input.oneOf('state', CAMPAIGN_STATES)
      return listCampaigns(tx, {
        limit: input.whole('limit', 1, CAMPAIGNS_PAGE) ?? 50,
        ...(state !== null && { state }),
      })
    }),
  render: renderCampaigns,
})

const create = command({
  name: 'create',
  args: [{ name: 'name' }],
  options: CAMPAIGN_OPTIONS,
  run: (context, input) =>
    context.change(async (tx) =>
      createCampaign(tx, await readCampaign(tx, input, input.arg('name')), await actingMember(tx, context, input)),
    ),
  render: (context, campaign) =>
    [context.t('campaigns.added', { id: campaign.id }), renderCampaigns(context, [campaign])].join('\n\n'),
})

const edit = command({
  name: 'edit',
  args: [{ name: 'campaign' }],
  options: [...CAMPAIGN_OPTIONS, { name: 'name', value: 'name' }],
  run: (context, input) =>
    context.change(async (tx) => {
      const before = await resolveCampaign(tx, input.arg('campaign'))
      const wanted = await readCampaign(tx, input, input.text('name') ?? before.name, before)
      return updateCampaign(tx, before.id, wanted, await actingMember(tx, context, input))
    }),
  render: (context, campaign) => renderCampaigns(context, [campaign]),
})

const start = command({
  name: 'start',
  args: [{ name: 'campaign' }],
  options: [MEMBER_OPTION],
  run: async (context, input) => {
    const campaign = await context.read((tx) => resolveCampaign(tx, input.arg('campaign')))
    await context.confirm(context.t('campaigns.startSure', { name: campaign.name }))
    return context.change(async (tx) => startCampaign(tx, campaign.id, await actingMember(tx, context, input)))
  },
  render: (context, campaign) => renderCampaigns(context, [campaign]),
})

const pause = command({
  name: 'pause',
  args: [{ name: 'campaign' }],
  options: [MEMBER_OPTION],
  run: (context, input) =>
    context.change(async (tx) => {
      const { id } = await resolveCampaign(tx, input.arg('campaign'))
      return pauseCampaign(tx, id, await actingMember(tx, context, input))
    }),
  render: (context, campaign) => renderCampaigns(context, [campaign]),
})

const resume = command({
  name: 'resume',
  args: [{ name: 'campaign' }],
  options: [MEMBER_OPTION],
  run: (context, input) =>
    context.change(async (tx) => {
      const { id } = await resolveCampaign(tx, input.arg('campaign'))
      return resumeCampaign(tx, id, await actingMember(tx, context, input))
    }),
  render: (context, campaign) => renderCampaigns(context, [campaign]),
})

const cancel = command({
  name: 'cancel',
  args: [{ name: 'campaign' }],
  options: [MEMBER_OPTION],
  run: async (context, input) => {
    const campaign = await context.read((tx) => resolveCampaign(tx, input.arg('campaign')))
    await context.confirm(context.t('campaigns.cancelSure', { name: campaign.name }))
    const cancelled = await context.change(async (tx) =>
      cancelCampaignDeliveries(tx, campaign.id, await actingMember(tx, context, input)),
    )
    return { id: campaign.id, name: campaign.name, cancelled }
  },
  render: ({ t }, result) => t('campaigns.cancelled', result),
})

const preview = command({
  name: 'preview',
  args: [{ name: 'campaign' }],
  run: async (context, input) => {
    const { id } = await context.read((tx) => resolveCampaign(tx, input.arg('campaign')))
    return previewCampaign({ db: await context.db(), clock: context.host.clock }, (await context.tenant()).id, id)
  },
  render: async (context, result) => renderCampaignPreview(context, result, (await context.tenant()).timeZone),
})

const report = command({
  name: 'report',
  args: [{ name: 'campaign' }],
  run: (context, input) =>
    context.read(async (tx) =>
      campaignReport(tx, (await resolveCampaign(tx, input.arg('campaign'))).id, context.now()),
    ),
  render: async (context, result) => renderCampaignReport(context, result, (await context.tenant()).timeZone),
})

export const campaigns: CommandGroup = {
  name: 'campaigns',
  commands: [
    list,
    create,
    edit,
    preview,
    ...campaignReview(renderCampaigns),
    start,
    pause,
    resume,
    cancel,
    ...campaignRecipients,
    report,
  ],
}
