import { CAMPAIGN_KINDS, CAMPAIGN_STATES, SEGMENTS } from '#contract/words.ts'
import { invalid, notFound } from '#server/base/errors.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import { listAccounts } from '#server/modules/accounts/index.ts'
import {
  type Campaign,
  type CampaignInput,
  type CampaignStep,
  createCampaign,
  getCampaign,
  listCampaigns,
  pauseCampaign,
  resumeCampaign,
  startCampaign,
} from '#server/modules/campaigns/index.ts'
import { campaignReport, cancelCampaignDeliveries, previewCampaign } from '#server/modules/delivery/index.ts'

import { type CommandGroup, command } from '../command.ts'
import type { CommandInput } from '../command-input.ts'
import type { CliContext } from '../context.ts'
import { renderCampaignPreview } from '../present/campaign-preview.ts'
import { renderCampaignReport } from '../present/campaign-report.ts'
import { renderTable } from '../present/table.ts'
import { resolveTemplate } from './templates.ts'

const PAGE = 500

/** A campaign by its number or its name. Errors: `not_found`. */
const resolveCampaign = async (tx: TenantTx, reference: string): Promise<Campaign> => {
  if (/^\d{1,15}$/.test(reference)) return getCampaign(tx, Number(reference))
  for (let beforeId = Number.MAX_SAFE_INTEGER; ;) {
    const page = await listCampaigns(tx, { beforeId, limit: PAGE })
    const found = page.find((campaign) => campaign.name === reference)
    if (found) return found
    if (page.length < PAGE) throw notFound('campaign', reference)
    beforeId = page.at(-1)?.id ?? 0
  }
}

const audienceText = (campaign: Campaign, everybody: string): string => {
  const { segments, tags, chats } = campaign.audience
  const parts = [...segments, ...tags.map((tag) => `#${tag}`), ...chats.map((chat) => `chat ${chat}`)]
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
      return listCampaigns(tx, { limit: input.whole('limit', 1, PAGE) ?? 50, ...(state !== null && { state }) })
    }),
  render: renderCampaigns,
})

/** `--template welcome`, or for a drip `--template welcome --template reminder@48`: hours from the start after the @. */
const readSteps = async (tx: TenantTx, input: CommandInput): Promise<readonly CampaignStep[]> => {
  const steps: CampaignStep[] = []
  for (const given of input.texts('template')) {
    const [, reference = given, hours = '0'] = /^(.+)@(\d{1,5})$/.exec(given) ?? []
    steps.push({ templateId: (await resolveTemplate(tx, reference)).id, afterHours: Number(hours) })
  }
  return steps
}

/** The account named, or the only one that works. Errors: `invalid/account_needed`. */
const chooseAccount = async (tx: TenantTx, input: CommandInput): Promise<number> => {
  const given = input.whole('account', 1, Number.MAX_SAFE_INTEGER)
  if (given !== null) return given
  const active = (await listAccounts(tx)).filter((account) => account.state === 'active')
  const [only, second] = active
  if (!only || second)
    throw invalid('account_needed', '--account', { accounts: active.map((account) => account.id).join(', ') || '-' })
  return only.id
}

const readCampaign = async (tx: TenantTx, input: CommandInput): Promise<CampaignInput> => {
  const holdoutRatio = input.number('holdout', 0, 0.99)
  return {
    name: input.arg('name'),
    kind: input.oneOf('kind', CAMPAIGN_KINDS) ?? 'broadcast',
    accountId: await chooseAccount(tx, input),
    audience: { segments: input.manyOf('segment', SEGMENTS), tags: input.texts('tag'), chats: input.ids('chat') },
    steps: await readSteps(tx, input),
    startsAt: input.instant('starts'),
    endsAt: input.instant('ends'),
    ...(holdoutRatio !== null && { holdoutRatio }),
  }
}

const create = command({
  name: 'create',
  args: [{ name: 'name' }],
  options: [
    { name: 'template', value: 'template[@hours]', many: true, required: true },
    { name: 'kind', value: 'kind' },
    { name: 'account', value: 'id' },
    { name: 'segment', value: 'segment', many: true },
    { name: 'tag', value: 'tag', many: true },
    { name: 'chat', value: 'id', many: true },
    { name: 'starts', value: 'instant' },
    { name: 'ends', value: 'instant' },
    { name: 'holdout', value: 'ratio' },
  ],
  run: (context, input) =>
    context.change(async (tx) => createCampaign(tx, await readCampaign(tx, input), context.now())),
  render: (context, campaign) =>
    [context.t('campaigns.added', { id: campaign.id }), renderCampaigns(context, [campaign])].join('\n\n'),
})

const start = command({
  name: 'start',
  args: [{ name: 'campaign' }],
  run: async (context, input) => {
    const campaign = await context.read((tx) => resolveCampaign(tx, input.arg('campaign')))
    await context.confirm(context.t('campaigns.startSure', { name: campaign.name }))
    return context.change((tx) => startCampaign(tx, campaign.id, context.now()))
  },
  render: (context, campaign) => renderCampaigns(context, [campaign]),
})

const pause = command({
  name: 'pause',
  args: [{ name: 'campaign' }],
  run: (context, input) =>
    context.change(async (tx) =>
      pauseCampaign(tx, (await resolveCampaign(tx, input.arg('campaign'))).id, context.now()),
    ),
  render: (context, campaign) => renderCampaigns(context, [campaign]),
})

const resume = command({
  name: 'resume',
  args: [{ name: 'campaign' }],
  run: (context, input) =>
    context.change(async (tx) =>
      resumeCampaign(tx, (await resolveCampaign(tx, input.arg('campaign'))).id, context.now()),
    ),
  render: (context, campaign) => renderCampaigns(context, [campaign]),
})

const cancel = command({
  name: 'cancel',
  args: [{ name: 'campaign' }],
  run: async (context, input) => {
    const campaign = await context.read((tx) => resolveCampaign(tx, input.arg('campaign')))
    await context.confirm(context.t('campaigns.cancelSure', { name: campaign.name }))
    const cancelled = await context.change((tx) => cancelCampaignDeliveries(tx, campaign.id, context.now()))
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
    context.read(async (tx) => campaignReport(tx, (await resolveCampaign(tx, input.arg('campaign'))).id)),
  render: renderCampaignReport,
})

export const campaigns: CommandGroup = {
  name: 'campaigns',
  commands: [list, create, preview, start, pause, resume, cancel, report],
}
