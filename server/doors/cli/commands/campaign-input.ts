import { CAMPAIGN_GOALS, CAMPAIGN_KINDS, DRIP_EVENTS, SEGMENTS } from '#contract/words.ts'
import { invalid, notFound } from '#server/base/errors.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import { listAccounts } from '#server/modules/accounts/index.ts'
import {
  type Campaign,
  type CampaignGoal,
  type CampaignInput,
  type CampaignStep,
  getCampaign,
  listCampaigns,
} from '#server/modules/campaigns/index.ts'

import { MEMBER_OPTION } from '../acting-member.ts'
import type { OptionSpec } from '../command.ts'
import type { CommandInput } from '../command-input.ts'
import { resolveOwnSegment } from './own-segments.ts'
import { resolveTemplate } from './templates.ts'

export const CAMPAIGNS_PAGE = 500

/** A campaign by its number or its name. Errors: `not_found`. */
export const resolveCampaign = async (tx: TenantTx, reference: string): Promise<Campaign> => {
  if (/^\d{1,15}$/.test(reference)) return getCampaign(tx, Number(reference))
  for (let beforeId = Number.MAX_SAFE_INTEGER; ;) {
    const page = await listCampaigns(tx, { beforeId, limit: CAMPAIGNS_PAGE })
    const found = page.find((campaign) => campaign.name === reference)
    if (found) return found
    if (page.length < CAMPAIGNS_PAGE) throw notFound('campaign', reference)
    beforeId = page.at(-1)?.id ?? 0
  }
}

/** What says what a campaign is; of `create` and `edit`. */
export const CAMPAIGN_OPTIONS: readonly OptionSpec[] = [
  { name: 'template', value: 'template[@hours]', many: true },
  { name: 'kind', value: 'kind' },
  { name: 'account', value: 'id' },
  { name: 'segment', value: 'segment', many: true },
  { name: 'own', value: 'segment', many: true },
  { name: 'tag', value: 'tag', many: true },
  { name: 'chat', value: 'id', many: true },
  { name: 'starts', value: 'instant' },
  { name: 'ends', value: 'instant' },
  { name: 'holdout', value: 'ratio' },
  { name: 'goal', value: 'kind:target' },
  { name: 'stop-at-goal' },
  { name: 'pin' },
  { name: 'best', value: 'n' },
  { name: 'stop-on', value: 'event', many: true },
  { name: 'never-stop' },
  { name: 'closed' },
  MEMBER_OPTION,
]

/** `--template welcome`, or for a drip `--template welcome --template reminder@48`: hours from the start after the @. */
const readSteps = async (tx: TenantTx, input: CommandInput): Promise<readonly CampaignStep[] | null> => {
  const given = input.texts('template')
  if (given.length === 0) return null
  const stopOn = input.isOn('never-stop') ? [] : input.manyOf('stop-on', DRIP_EVENTS)
  const isSaid = input.isOn('never-stop') || stopOn.length > 0
  const steps: CampaignStep[] = []
  for (const text of given) {
    const [, reference = text, hours = '0'] = /^(.+)@(\d{1,5})$/.exec(text) ?? []
    const { id } = await resolveTemplate(tx, reference)
    steps.push({ templateId: id, afterHours: Number(hours), ...(isSaid && { stopOn }) })
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

/** `--goal order:50`; revenue in whole units of the currency. Errors: `invalid/campaign_goal_form`. */
const readGoal = (input: CommandInput): CampaignGoal | null => {
  const text = input.text('goal')
  if (text === null) return null
  const [, word = '', figure = ''] = /^([a-z]+):(\d{1,12})$/.exec(text) ?? []
  const kind = CAMPAIGN_GOALS.find((goal) => goal === word)
  if (kind === undefined)
    throw invalid('campaign_goal_form', '--goal', { given: text.slice(0, 40), kinds: CAMPAIGN_GOALS.join(', ') })
  const target = kind === 'revenue' ? Number(figure) * 100 : Number(figure)
  return { kind, target, stops: input.isOn('stop-at-goal') }
}

const readAudience = async (
  tx: TenantTx,
  input: CommandInput,
  before: Campaign | null,
): Promise<CampaignInput['audience']> => {
  const own: number[] = []
  for (const reference of input.texts('own')) own.push((await resolveOwnSegment(tx, reference)).id)
  const given = {
    segments: input.manyOf('segment', SEGMENTS),
    tags: input.texts('tag'),
    chats: input.ids('chat'),
    own,
  }
  const isSaid = Object.values(given).some((list) => list.length > 0)
  return isSaid || before === null ? given : before.audience
}

/** What the options say of a campaign; with `before` what they leave out stays as it was. Errors: `invalid/…`. */
export const readCampaign = async (
  tx: TenantTx,
  input: CommandInput,
  name: string,
  before: Campaign | null = null,
): Promise<CampaignInput> => {
  const kind = input.oneOf('kind', CAMPAIGN_KINDS) ?? before?.kind ?? 'broadcast'
  const steps = (await readSteps(tx, input)) ?? before?.steps
  if (steps === undefined) throw invalid('argument_missing', '--template')
  const holdoutRatio = input.number('holdout', 0, 0.99) ?? before?.holdoutRatio
  const goal = readGoal(input) ?? before?.goal
  const bestChats = input.whole('best', 1, 500) ?? before?.bestChats
  return {
    name,
    kind,
    accountId: before !== null && input.text('account') === null ? before.accountId : await chooseAccount(tx, input),
    audience: (await readAudience(tx, input, before)) ?? {},
    steps,
    startsAt: input.instant('starts') ?? before?.startsAt ?? null,
    endsAt: input.instant('ends') ?? before?.endsAt ?? null,
    ...(holdoutRatio !== undefined && { holdoutRatio }),
    ...(goal !== undefined && { goal }),
    ...(bestChats !== undefined && { bestChats }),
    pins: input.isOn('pin') || (before?.pins ?? false),
    takesLateJoiners: !input.isOn('closed') && (before?.takesLateJoiners ?? true),
  }
}
