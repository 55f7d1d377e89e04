import {
  CAMPAIGN_GOALS,
  CAMPAIGN_KINDS,
  type CampaignGoalKind,
  type CampaignKind,
  type CampaignState,
  DRIP_EVENTS,
  type DripEvent,
  SEGMENTS,
  type Segment,
} from '#contract/words.ts'
import { toDate } from '#server/base/clock.ts'
import { DAY_MS } from '#server/base/duration.ts'
import { AppError, invalid } from '#server/base/errors.ts'

/**
 * Whom a campaign is for: contacts that match every list that is not empty, by holding any of the segments, carrying any
 * of the tags, being a member of any of the chats, belonging to any of the tenant's own segments. All empty means everybody the account reaches. An announcement is
 * posted into the chats themselves; all its chats, or all the account is in.
 */
export interface CampaignAudience {
  readonly segments: readonly Segment[]
  readonly tags: readonly string[]
  /** Ids of our chats, not Telegram's. */
  readonly chats: readonly number[]
  /** Ids of the tenant's own segments; who belongs is looked up when the campaign is planned. */
  readonly own: readonly number[]
}

/** `afterHours` from the campaign's start; in a drip from the person's own entry. */
export interface CampaignStep {
  readonly templateId: number
  readonly afterHours: number
  /** Drip: what the person did since they entered that ends the drip before this step; {@link STOPS} when not given. */
  readonly stopOn?: readonly DripEvent[]
}

/** What ends a drip unless a step says otherwise: whoever is being talked to is not lectured. */
const STOPS: readonly DripEvent[] = ['answer', 'order', 'handed_over']

/** What ends the drip before this step; an opt-out always does. */
export const stopsOf = (step: Pick<CampaignStep, 'stopOn'>): ReadonlySet<DripEvent> =>
  new Set([...(step.stopOn ?? STOPS), 'opt_out'])

/** What a campaign is to bring about by its end. */
export interface CampaignGoal {
  readonly kind: CampaignGoalKind
  /** People; for `revenue` minor units of the tenant's currency. */
  readonly target: number
  /** Nothing more leaves once the goal is reached. */
  readonly stops: boolean
}

export interface CampaignInput {
  readonly name: string
  readonly kind: CampaignKind
  readonly accountId: number
  readonly audience?: Partial<CampaignAudience>
  /** A drip has 1–20 steps, every other kind exactly one. */
  readonly steps: readonly CampaignStep[]
  /** Epoch ms; at once when null. */
  readonly startsAt?: number | null
  /** Epoch ms; what has not left by then expires. */
  readonly endsAt?: number | null
  /** 0 to below 1: this share of the audience gets nothing, so that the effect can be measured. */
  readonly holdoutRatio?: number
  /** A promo has one, and an end. */
  readonly goal?: CampaignGoal | null
  /** Announcement: pinned in each chat once it is there. */
  readonly pins?: boolean
  /** Announcement: goes to so many of its chats, those with the best measured response; to all of them when null. */
  readonly bestChats?: number | null
  /** Drip: who comes into the audience later enters at the first step; true when not given. */
  readonly takesLateJoiners?: boolean
}

/** A checked {@link CampaignInput} with every default filled in. */
export type CampaignSettings = Required<Omit<CampaignInput, 'audience'>> & { readonly audience: CampaignAudience }

export interface Campaign extends CampaignSettings {
  readonly id: number
  readonly state: CampaignState
  /** When all its deliveries were written. Epoch ms, as all instants here. */
  readonly plannedAt: number | null
  readonly startedAt: number | null
  readonly pausedAt: number | null
  /** When it was completed or cancelled. */
  readonly endedAt: number | null
  readonly createdAt: number
  readonly goalReachedAt: number | null
  /** Ids of actors who changed it since it was last approved. */
  readonly editedBy: readonly string[]
  readonly submittedBy: string | null
  readonly submittedAt: number | null
  readonly approvedBy: string | null
  readonly approvedAt: number | null
  /** Of the content and audience that were approved. */
  readonly approvedVersion: string | null
}

/** The life of a campaign; `completed` and `cancelled` are for good. */
export const CAMPAIGN_TRANSITIONS: Readonly<Record<CampaignState, readonly CampaignState[]>> = {
  draft: ['in_review', 'running', 'cancelled'],
  in_review: ['draft', 'running', 'cancelled'],
  running: ['paused', 'completed', 'cancelled'],
  paused: ['running', 'cancelled'],
  completed: [],
  cancelled: [],
}

/** Throws `conflict/campaign_state` naming the state it is in and those it could go to. */
export const assertTransition = (campaign: Pick<Campaign, 'id' | 'state'>, to: CampaignState): void => {
  const next = CAMPAIGN_TRANSITIONS[campaign.state]
  if (next.includes(to)) return
  throw new AppError('conflict', 'campaign_state', {
    field: 'state',
    campaign: campaign.id,
    state: campaign.state,
    wanted: to,
    possible: next.join(', ') || '-',
  })
}

const NAME_MAX = 100
const STEPS_MAX = 20
const AFTER_HOURS_MAX = 8_760
const LIST_MAX = 200
const BEST_CHATS_MAX = 500
/** A thousand million of the largest coin. */
const GOAL_MAX = 100_000_000_000
/** A start further away than this is a mistyped year. */
const FARTHEST_MS = 730 * DAY_MS

/** What a campaign is before it has a name and an aim: enough to say whom it reaches and when. */
export type CampaignOutline = Omit<CampaignInput, 'name' | 'goal'>

const checkOutline = (input: CampaignOutline, now: number) => {
  if (!CAMPAIGN_KINDS.includes(input.kind)) {
    throw invalid('unknown_word', 'kind', { value: input.kind, allowed: CAMPAIGN_KINDS.join(', ') })
  }
  checkId(input.accountId, 'accountId')
  const holdoutRatio = input.holdoutRatio ?? 0
  if (!(holdoutRatio >= 0 && holdoutRatio < 1)) throw invalid('campaign_holdout', 'holdoutRatio', { min: 0, below: 1 })
  const startsAt = checkInstant(input.startsAt ?? null, 'startsAt', now)
  const endsAt = checkInstant(input.endsAt ?? null, 'endsAt', now)
  if (endsAt !== null && endsAt <= Math.max(startsAt ?? now, now))
    throw invalid('campaign_ends_early', 'endsAt', { fix: 'after startsAt and now' })
  checkFieldsOfKind(input)
  return {
    kind: input.kind,
    accountId: input.accountId,
    audience: checkAudience(input.audience ?? {}),
    startsAt,
    endsAt,
    holdoutRatio,
    pins: input.pins ?? false,
    bestChats: input.bestChats ?? null,
    takesLateJoiners: input.takesLateJoiners ?? true,
  }
}

/**
 * Checks a campaign and fills in its defaults; `now` is epoch ms. Errors: `invalid/campaign_…` naming the field and
 * what it may be.
 */
export const checkCampaign = (input: CampaignInput, now: number): CampaignSettings => {
  const name = typeof input.name === 'string' ? input.name.trim() : ''
  if (name === '' || name.length > NAME_MAX || name.includes('\u0000'))
    throw invalid('campaign_name', 'name', { max: NAME_MAX })
  const outline = checkOutline(input, now)
  if (input.kind === 'promo' && outline.endsAt === null) throw invalid('campaign_end_missing', 'endsAt')
  return {
    ...outline,
    name,
    steps: checkSteps(input.kind, input.steps),
    goal: checkGoal(input.kind, input.goal ?? null),
  }
}

/**
 * A campaign as it would be, for a forecast: it has no number, no name, no aim and, before anybody chose a message, no
 * steps. `now` is epoch ms. Errors: as {@link checkCampaign}.
 */
export const imagineCampaign = (input: CampaignOutline, now: number): Campaign => ({
  ...checkOutline(input, now),
  id: 0,
  name: '',
  steps: input.steps.length === 0 ? [] : checkSteps(input.kind, input.steps),
  goal: null,
  state: 'draft',
  plannedAt: null,
  startedAt: null,
  pausedAt: null,
  endedAt: null,
  createdAt: now,
  goalReachedAt: null,
  editedBy: [],
  submittedBy: null,
  submittedAt: null,
  approvedBy: null,
  approvedAt: null,
  approvedVersion: null,
})

const MONEY_GOALS: ReadonlySet<string> = new Set(['order', 'revenue'])

const checkGoal = (kind: CampaignKind, goal: CampaignGoal | null): CampaignGoal | null => {
  if (goal === null) {
    if (kind === 'promo') throw invalid('campaign_goal_missing', 'goal', { kinds: CAMPAIGN_GOALS.join(', ') })
    return null
  }
  // What people order is credited to messages to them, and a post is to nobody in particular.
  const goals = kind === 'announcement' ? CAMPAIGN_GOALS.filter((word) => !MONEY_GOALS.has(word)) : CAMPAIGN_GOALS
  if (!goals.includes(goal.kind))
    throw invalid('unknown_word', 'goal.kind', { value: goal.kind, allowed: goals.join(', ') })
  if (!Number.isSafeInteger(goal.target) || goal.target < 1 || goal.target > GOAL_MAX)
    throw invalid('whole_number_expected', 'goal.target', { given: String(goal.target), min: 1, max: GOAL_MAX })
  return { kind: goal.kind, target: goal.target, stops: goal.stops }
}

/** Whether an audience is said by what people are, and not only by where they are. */
const hasPeople = ({ segments = [], tags = [], own = [] }: Partial<CampaignAudience>): boolean =>
  segments.length + tags.length + own.length > 0

/** Errors: `invalid/campaign_field_kind` for what only another kind has: left unsaid it would silently do nothing. */
const checkFieldsOfKind = ({ kind, audience, pins, bestChats, takesLateJoiners }: CampaignOutline): void => {
  const only = (field: string, wanted: CampaignKind): never => {
    throw invalid('campaign_field_kind', field, { kind, only: wanted })
  }
  if (kind !== 'announcement' && pins === true) only('pins', 'announcement')
  if (kind !== 'announcement' && bestChats !== undefined && bestChats !== null) only('bestChats', 'announcement')
  if (kind !== 'drip' && takesLateJoiners === false) only('takesLateJoiners', 'drip')
  if (kind === 'announcement' && hasPeople(audience ?? {})) throw invalid('campaign_audience_chats', 'audience')
  const best = bestChats ?? 1
  if (!Number.isInteger(best) || best < 1 || best > BEST_CHATS_MAX)
    throw invalid('whole_number_expected', 'bestChats', { given: String(best), min: 1, max: BEST_CHATS_MAX })
}

const checkId = (value: number, field: string): void => {
  if (!Number.isSafeInteger(value) || value < 1)
    throw invalid('id_expected', field, { value: String(value).slice(0, 30) })
}

/** The farthest instant a date can name, epoch ms. */
const DATE_MAX_MS = 8.64e15

const instantText = (at: number): string =>
  Math.abs(at) <= DATE_MAX_MS
    ? toDate(at)
        .toISOString()
        .replace(/:\d\d[.]\d+Z$/, 'Z')
    : String(at).slice(0, 30)

const checkInstant = (at: number | null, field: string, now: number): number | null => {
  if (at === null) return null
  if (!Number.isSafeInteger(at) || at < now - DAY_MS || at > now + FARTHEST_MS) {
    throw invalid('campaign_instant', field, {
      value: instantText(at),
      fix: 'from yesterday to two years ahead',
    })
  }
  return at
}

const checkSteps = (kind: CampaignKind, steps: readonly CampaignStep[]): readonly CampaignStep[] => {
  const max = kind === 'drip' ? STEPS_MAX : 1
  if (!Array.isArray(steps) || steps.length < 1 || steps.length > max)
    throw invalid('campaign_steps', 'steps', { kind, min: 1, max })
  let before = 0
  return (steps as readonly CampaignStep[]).map(({ templateId, afterHours, stopOn }, i) => {
    checkId(templateId, `steps[${i}].templateId`)
    if (!Number.isInteger(afterHours) || afterHours < before || afterHours > AFTER_HOURS_MAX) {
      throw invalid('campaign_step_hours', `steps[${i}].afterHours`, { min: before, max: AFTER_HOURS_MAX })
    }
    before = afterHours
    if (stopOn === undefined) return { templateId, afterHours }
    if (kind !== 'drip') throw invalid('campaign_field_kind', `steps[${i}].stopOn`, { kind, only: 'drip' })
    const unknown = stopOn.find((word) => !DRIP_EVENTS.includes(word))
    if (unknown !== undefined)
      throw invalid('unknown_word', `steps[${i}].stopOn`, { value: unknown, allowed: DRIP_EVENTS.join(', ') })
    return { templateId, afterHours, stopOn: [...new Set(stopOn)] }
  })
}

/**
 * May these steps follow those of a drip under way? What somebody was planned stays as it is, so that nobody gets a step
 * twice or another one in its place. `furthest` is the last step planned for anybody, from 0; -1 before any was. Errors:
 * `conflict/campaign_step_planned` naming the first step that would change.
 */
export const checkStepsUnderWay = (
  before: readonly CampaignStep[],
  after: readonly CampaignStep[],
  furthest: number,
): void => {
  for (let i = 0; i <= furthest; i += 1) {
    if (JSON.stringify(stepKey(before[i])) === JSON.stringify(stepKey(after[i]))) continue
    throw new AppError('conflict', 'campaign_step_planned', { field: `steps[${i}]`, step: i + 1, from: furthest + 2 })
  }
}

const stepKey = (step: CampaignStep | undefined) =>
  step && [step.templateId, step.afterHours, [...stopsOf(step)].toSorted()]

const checkAudience = (given: Partial<CampaignAudience>): CampaignAudience => {
  const { segments = [], tags = [], chats = [], own = [] } = given
  const checkList = (list: readonly unknown[], field: string): void => {
    if (!Array.isArray(list) || list.length > LIST_MAX)
      throw invalid('campaign_audience_list', field, { max: LIST_MAX })
  }
  checkList(segments, 'audience.segments')
  checkList(tags, 'audience.tags')
  checkList(chats, 'audience.chats')
  checkList(own, 'audience.own')
  for (const [i, segment] of segments.entries()) {
    if (!SEGMENTS.includes(segment)) {
      throw invalid('unknown_segment', `audience.segments[${i}]`, {
        value: segment,
        allowed: SEGMENTS.join(', '),
      })
    }
  }
  for (const [i, tag] of tags.entries()) {
    if (typeof tag !== 'string' || tag === '' || tag.length > 64 || tag.includes('\u0000')) {
      throw invalid('campaign_tag', `audience.tags[${i}]`, { min: 1, max: 64 })
    }
  }
  for (const [i, chat] of chats.entries()) checkId(chat, `audience.chats[${i}]`)
  for (const [i, id] of own.entries()) checkId(id, `audience.own[${i}]`)
  return {
    segments: [...new Set(segments)],
    tags: [...new Set(tags)],
    chats: [...new Set(chats)],
    own: [...new Set(own)],
  }
}
