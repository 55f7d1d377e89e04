import type { GuardReason } from '#contract/words.ts'
import type { Clock } from '#server/base/clock.ts'
import { notFound } from '#server/base/errors.ts'
import type { Db } from '#server/db/pool.ts'
import { type TenantTx, inTenant } from '#server/db/tenant-scope.ts'
import { type Campaign, type CampaignOutline, getCampaign, imagineCampaign } from '#server/modules/campaigns/index.ts'
import { type Template, type TemplatePreview, getTemplate, previewTemplate } from '#server/modules/templates/index.ts'

import { quietUntil } from '../quiet-hours.rules.ts'
import type { RankedChat } from './best-chat.rules.ts'
import { type StepArm, stepArms } from './campaign-plan.rules.ts'
import { chooseChats } from './choose-chats.ts'
import { type Landing, type LandingBatch, estimateLanding } from './landing.rules.ts'
import {
  type PreviewAccount,
  countPreviewGroups,
  listSampleContacts,
  readPreviewAccount,
} from './preview-campaign.store.ts'
import { chatGroups } from './preview-chats.rules.ts'
import type { PreviewGroup } from './preview-group.rules.ts'

export interface CampaignPreviewDeps {
  readonly db: Db
  readonly clock: Pick<Clock, 'now'>
}

export interface StepPreview {
  readonly step: number
  /** Epoch ms. */
  readonly dueAt: number
  readonly templateId: number
  /** All deliveries of the step, however they would end. */
  readonly total: number
  /** May leave when due, as fast as account and tenant may send. */
  readonly sent: number
  /** Would wait for quiet hours or for the contact's own caps, by reason. */
  readonly deferred: Readonly<Partial<Record<GuardReason, number>>>
  readonly refused: Readonly<Partial<Record<GuardReason, number>>>
}

export interface CampaignPreview {
  readonly campaign: Campaign
  readonly steps: readonly StepPreview[]
  /** What stops everything at the moment: nothing leaves before that changes. */
  readonly holds: readonly GuardReason[]
  /** When the last message leaves, by the pace and caps of account and tenant. */
  readonly landing: Landing
  /** Of an announcement that goes to its best chats: all of them, best first, with what was measured; null otherwise. */
  readonly chats: readonly RankedChat[] | null
  /** The first step as real recipients would see it, with the lint's findings. */
  readonly sample: TemplatePreview
}

const SAMPLE_PEOPLE = 3

const quietOf = (account: PreviewAccount, group: PreviewGroup) => ({
  fromHour: account.quietFromHour,
  toHour: account.quietToHour,
  nightConsent: group.hasNightConsent,
})

const isHeldByQuietHours = (campaign: Campaign, group: PreviewGroup): boolean =>
  group.messageClass === 'commercial' && campaign.kind !== 'announcement'

/** When a group may leave: at once when due, later after quiet hours, or never. */
const readyAt = (campaign: Campaign, account: PreviewAccount, group: PreviewGroup, at: number): number => {
  if (!isHeldByQuietHours(campaign, group)) return at
  return quietUntil(at, group.timeZone ?? account.timeZone, quietOf(account, group)) ?? at
}

interface Fate {
  readonly kind: 'sent' | 'deferred' | 'refused'
  readonly reason: GuardReason
  readonly at: number
}

const fateOf = (campaign: Campaign, account: PreviewAccount, group: PreviewGroup, dueAt: number): Fate => {
  if (group.refusedBy) return { kind: 'refused', reason: group.refusedBy, at: dueAt }
  const freeAt = group.heldUntil ?? dueAt
  const at = readyAt(campaign, account, group, freeAt)
  if (!Number.isFinite(at)) return { kind: 'refused', reason: 'quiet_hours', at: dueAt }
  if (campaign.endsAt !== null && at >= campaign.endsAt) return { kind: 'refused', reason: 'expired', at: dueAt }
  return {
    kind: at > dueAt ? 'deferred' : 'sent',
    reason: at > freeAt ? 'quiet_hours' : (group.heldBy ?? 'quiet_hours'),
    at,
  }
}

const stepPreviews = (
  campaign: Campaign,
  account: PreviewAccount,
  groups: readonly PreviewGroup[],
  arms: readonly StepArm[],
  now: number,
) => {
  const batches: LandingBatch[] = []
  const steps = campaign.steps.map(({ templateId }, step): StepPreview => {
    const dueAt = Math.max(arms.find((arm) => arm.step === step)?.dueAt ?? now, now)
    const counts = { total: 0, sent: 0 }
    const deferred: Partial<Record<GuardReason, number>> = {}
    const refused: Partial<Record<GuardReason, number>> = {}
    for (const group of groups.filter((g) => g.step === step)) {
      const fate = fateOf(campaign, account, group, dueAt)
      counts.total += group.count
      if (fate.kind === 'refused') refused[fate.reason] = (refused[fate.reason] ?? 0) + group.count
      if (fate.kind === 'deferred') deferred[fate.reason] = (deferred[fate.reason] ?? 0) + group.count
      if (fate.kind === 'sent') counts.sent += group.count
      if (fate.kind === 'refused') continue
      batches.push({
        count: group.count,
        readyAt: fate.at,
        isOutreach: group.isOutreach,
        isCommercial: group.messageClass === 'commercial',
        timeZone: group.timeZone ?? account.timeZone,
        quiet: isHeldByQuietHours(campaign, group) ? quietOf(account, group) : null,
      })
    }
    return { step, dueAt, templateId, ...counts, deferred, refused }
  })
  return { steps, batches }
}

/** What was found out about a campaign that starts at `now`, whether it is stored or imagined. */
const foresee = async (tx: TenantTx, campaign: Campaign, templates: readonly Template[], now: number) => {
  const account = await readPreviewAccount(tx, campaign.accountId, now)
  if (!account) throw notFound('account', campaign.accountId)
  const arms = stepArms(campaign, templates, now)
  const messageClass = arms[0]?.messageClass ?? 'commercial'
  const chats = campaign.kind === 'announcement' ? await chooseChats(tx, campaign, now) : null
  const groups =
    chats === null
      ? await countPreviewGroups(tx, campaign, arms, now)
      : chatGroups(campaign, messageClass, chats, account.groupPostCooldownMs)
  const { steps, batches } = stepPreviews(campaign, account, groups, arms, now)
  return {
    account,
    steps,
    holds: account.holds,
    landing: estimateLanding(batches, account, now),
    chats: chats?.ranked ?? null,
  }
}

const sampleOf = async (tx: TenantTx, campaign: Campaign, templateId: number, at: number): Promise<TemplatePreview> => {
  const isPost = campaign.kind === 'announcement'
  const contactIds = isPost ? [] : await listSampleContacts(tx, campaign, SAMPLE_PEOPLE, at)
  return previewTemplate(tx, templateId, { contactIds, isAdvert: campaign.kind === 'promo' })
}

/**
 * What would happen if a campaign were started now: per step how many deliveries would leave when due, wait or be
 * refused and by which rule, when the last one leaves, and how it looks to real recipients. Reads only; works on drafts
 * as on running campaigns. Errors: `not_found`, `conflict/template_not_approved`.
 */
export const previewCampaign = (
  deps: CampaignPreviewDeps,
  tenantId: number,
  campaignId: number,
): Promise<CampaignPreview> =>
  inTenant(deps.db, tenantId, async (tx) => {
    const now = deps.clock.now()
    const campaign = await getCampaign(tx, campaignId)
    const templates = []
    for (const { templateId } of campaign.steps) templates.push(await getTemplate(tx, templateId))
    const { account: _, ...seen } = await foresee(tx, campaign, templates, now)
    return { campaign, ...seen, sample: await sampleOf(tx, campaign, campaign.steps[0]?.templateId ?? 0, now) }
  })

/** A message that nobody chose yet: the strictest there is. */
const UNCHOSEN = { templateId: 0, afterHours: 0 }
const UNCHOSEN_TEMPLATE: Template = {
  id: UNCHOSEN.templateId,
  name: '',
  messageClass: 'commercial',
  style: null,
  state: 'approved',
  approvedAt: null,
  createdAt: 0,
  slotBriefs: {},
  draftedBy: null,
  variants: [{ name: 'a', locale: 'tr', text: '', media: null, buttons: [], weight: 1 }],
}

export interface CampaignForecast extends Pick<CampaignPreview, 'steps' | 'holds' | 'landing'> {
  /** Limits, quiet hours and what is used up of them. */
  readonly account: PreviewAccount
  /** Null before a message is chosen. */
  readonly sample: TemplatePreview | null
}

/**
 * What would happen with a campaign that nobody made yet. Without a message everybody is judged as for advertising;
 * messages that are not approved yet count as if they were. Whom the holdout meets is drawn anew once it exists, their
 * number is about the same. Reads only. `at` is epoch ms. Errors: `invalid/campaign_…` naming the field, `not_found`.
 */
export const forecastCampaign = async (
  tx: TenantTx,
  outline: CampaignOutline,
  at: number,
): Promise<CampaignForecast> => {
  const imagined = imagineCampaign(outline, at)
  const isChosen = imagined.steps.length > 0
  const campaign = isChosen ? imagined : { ...imagined, steps: [UNCHOSEN] }
  const templates = []
  if (!isChosen) templates.push(UNCHOSEN_TEMPLATE)
  for (const { templateId } of imagined.steps)
    templates.push({ ...(await getTemplate(tx, templateId)), state: 'approved' as const })
  const { chats: _, ...seen } = await foresee(tx, campaign, templates, at)
  const [first] = imagined.steps
  return { ...seen, sample: first === undefined ? null : await sampleOf(tx, campaign, first.templateId, at) }
}
