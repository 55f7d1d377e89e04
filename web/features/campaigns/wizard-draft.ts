import type { api } from '#contract/api.ts'
import type { RouteInput } from '#contract/route.ts'
import type { CampaignGoalKind, CampaignKind } from '#contract/words.ts'

import { instantOf, wallOf } from '../../lib/wall-time.ts'
import type { CampaignDetail } from './campaign-figures.ts'

export const WIZARD_STEPS = ['audience', 'message', 'schedule', 'limits', 'review'] as const
export type WizardStep = (typeof WIZARD_STEPS)[number]

export interface StepDraft {
  readonly templateId: number | null
  readonly afterHours: number
  readonly stopOn?: CampaignDetail['steps'][number]['stopOn']
}

/** What the wizard holds; times as the clock on the tenant's wall shows them, empty where there are none. */
export interface WizardDraft {
  readonly name: string
  readonly kind: CampaignKind
  readonly accountId: number | null
  readonly segments: readonly string[]
  readonly tags: readonly string[]
  readonly chats: readonly number[]
  /** Segments of the tenant's own. */
  readonly own: readonly number[]
  readonly steps: readonly StepDraft[]
  readonly startsAt: string
  readonly endsAt: string
  readonly goalKind: CampaignGoalKind | null
  /** People; for `revenue` whole units of the currency. */
  readonly goalTarget: number
  readonly goalStops: boolean
  readonly holdoutPercent: number
  readonly pins: boolean
  readonly bestChats: number | null
  readonly takesLateJoiners: boolean
  /** The draft that is stored already, and how it was when it was looked at. */
  readonly stored: { readonly id: number; readonly version: string } | null
}

export const EMPTY_DRAFT: WizardDraft = {
  name: '',
  kind: 'broadcast',
  accountId: null,
  segments: [],
  tags: [],
  chats: [],
  own: [],
  steps: [{ templateId: null, afterHours: 0 }],
  startsAt: '',
  endsAt: '',
  goalKind: null,
  goalTarget: 10,
  goalStops: false,
  holdoutPercent: 0,
  pins: false,
  bestChats: null,
  takesLateJoiners: true,
  stored: null,
}

/** A campaign as the wizard holds it: to go on with it, or (`isClone`) to make another one like it, at another time. */
export const draftFrom = (
  campaign: CampaignDetail,
  timeZone: string,
  { isClone, name }: { readonly isClone: boolean; readonly name: string },
): WizardDraft => {
  const { id, version, audience, goal } = campaign
  const wall = (at: number | null) => (at === null || isClone ? '' : wallOf(at, timeZone))
  return {
    name,
    kind: campaign.kind,
    accountId: campaign.accountId,
    ...audience,
    own: audience.own.map((segment) => segment.id),
    steps: campaign.steps.map(({ templateId, afterHours, stopOn }) => ({
      templateId,
      afterHours,
      ...(stopOn !== undefined && { stopOn }),
    })),
    startsAt: wall(campaign.startsAt),
    endsAt: wall(campaign.endsAt),
    goalKind: goal?.kind ?? null,
    goalTarget: goal === null ? 10 : goal.kind === 'revenue' ? goal.target / 100 : goal.target,
    goalStops: goal?.stops ?? false,
    holdoutPercent: Math.round(campaign.holdoutRatio * 100),
    pins: campaign.pins,
    bestChats: campaign.bestChats,
    takesLateJoiners: campaign.takesLateJoiners,
    stored: isClone ? null : { id, version },
  }
}

type Outline = RouteInput<typeof api.campaigns.forecast>['body']
type Settings = RouteInput<typeof api.campaigns.create>['body']

/** Whom it reaches and when; null before an account is chosen. Steps without a message are left out. */
export const outlineOf = (draft: WizardDraft, timeZone: string): Outline | null => {
  const { accountId, kind } = draft
  if (accountId === null) return null
  const isAnnouncement = kind === 'announcement'
  return {
    kind,
    accountId,
    audience: {
      segments: isAnnouncement ? [] : [...draft.segments],
      tags: isAnnouncement ? [] : [...draft.tags],
      chats: [...draft.chats],
      own: isAnnouncement ? [] : [...draft.own],
    },
    steps: draft.steps.flatMap(({ templateId, afterHours, stopOn }) =>
      templateId === null
        ? []
        : [
            {
              templateId,
              afterHours: kind === 'drip' ? afterHours : 0,
              ...(kind === 'drip' && stopOn !== undefined && { stopOn }),
            },
          ],
    ),
    startsAt: instantOf(draft.startsAt, timeZone),
    endsAt: instantOf(draft.endsAt, timeZone),
    holdoutRatio: draft.holdoutPercent / 100,
    pins: isAnnouncement && draft.pins,
    bestChats: isAnnouncement ? draft.bestChats : null,
    takesLateJoiners: kind === 'drip' ? draft.takesLateJoiners : true,
  }
}

/** All of it, as it is stored. */
export const settingsOf = (draft: WizardDraft, outline: Outline): Settings => ({
  ...outline,
  name: draft.name,
  goal:
    draft.goalKind === null
      ? null
      : {
          kind: draft.goalKind,
          target: draft.goalKind === 'revenue' ? Math.round(draft.goalTarget * 100) : draft.goalTarget,
          stops: draft.goalStops,
        },
})

const STEP_OF_FIELD: readonly (readonly [RegExp, WizardStep])[] = [
  [/^(?:name|kind|accountId|audience)/, 'audience'],
  [/^steps/, 'message'],
  [/^(?:startsAt|endsAt|goal)/, 'schedule'],
  [/^(?:holdoutRatio|pins|bestChats|takesLateJoiners)/, 'limits'],
]

/** Where in the wizard a refused part is mended. */
export const stepOfField = (field: string): WizardStep => STEP_OF_FIELD.find(([part]) => part.test(field))?.[1] ?? 'review' // prettier-ignore
