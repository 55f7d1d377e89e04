import { CAMPAIGN_KINDS, type CampaignKind, type CampaignState, SEGMENTS, type Segment } from '#contract/words.ts'
import { toDate } from '#server/base/clock.ts'
import { DAY_MS } from '#server/base/duration.ts'
import { AppError, invalid } from '#server/base/errors.ts'

/**
 * Whom a campaign is for: contacts that match every list that is not empty, by holding any of the segments, carrying any
 * of the tags, being a member of any of the chats. All empty means everybody the account reaches. An announcement is
 * posted into the chats themselves; all its chats, or all the account is in.
 */
export interface CampaignAudience {
  readonly segments: readonly Segment[]
  readonly tags: readonly string[]
  /** Ids of our chats, not Telegram's. */
  readonly chats: readonly number[]
}

/** `afterHours` from the campaign's start. */
export interface CampaignStep {
  readonly templateId: number
  readonly afterHours: number
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
}

/** The life of a campaign; `completed` and `cancelled` are for good. */
export const CAMPAIGN_TRANSITIONS: Readonly<Record<CampaignState, readonly CampaignState[]>> = {
  draft: ['running', 'cancelled'],
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
/** A start further away than this is a mistyped year. */
const FARTHEST_MS = 730 * DAY_MS

/**
 * Checks a campaign and fills in its defaults; `now` is epoch ms. Errors: `invalid/campaign_…` naming the field and
 * what it may be.
 */
export const checkCampaign = (input: CampaignInput, now: number): CampaignSettings => {
  const name = typeof input.name === 'string' ? input.name.trim() : ''
  if (name === '' || name.length > NAME_MAX || name.includes('\u0000'))
    throw invalid('campaign_name', 'name', { max: NAME_MAX })
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
  return {
    name,
    kind: input.kind,
    accountId: input.accountId,
    audience: checkAudience(input.audience ?? {}),
    steps: checkSteps(input.kind, input.steps),
    startsAt,
    endsAt,
    holdoutRatio,
  }
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
  return (steps as readonly CampaignStep[]).map(({ templateId, afterHours }, i) => {
    checkId(templateId, `steps[${i}].templateId`)
    if (!Number.isInteger(afterHours) || afterHours < before || afterHours > AFTER_HOURS_MAX) {
      throw invalid('campaign_step_hours', `steps[${i}].afterHours`, { min: before, max: AFTER_HOURS_MAX })
    }
    before = afterHours
    return { templateId, afterHours }
  })
}

const checkAudience = ({ segments = [], tags = [], chats = [] }: Partial<CampaignAudience>): CampaignAudience => {
  const checkList = (list: readonly unknown[], field: string): void => {
    if (!Array.isArray(list) || list.length > LIST_MAX)
      throw invalid('campaign_audience_list', field, { max: LIST_MAX })
  }
  checkList(segments, 'audience.segments')
  checkList(tags, 'audience.tags')
  checkList(chats, 'audience.chats')
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
  return { segments: [...new Set(segments)], tags: [...new Set(tags)], chats: [...new Set(chats)] }
}
