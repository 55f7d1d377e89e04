import type { AttentionKind } from '#contract/words.ts'
import { DAY_MS, MINUTE_MS } from '#server/base/duration.ts'
import { zoneOffsetMs } from '#server/base/local-time.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import { listAccounts } from '#server/modules/accounts/index.ts'
import { getSubscription, listUsage } from '#server/modules/billing/index.ts'
import { countConversations, listDrafts } from '#server/modules/conversations/index.ts'
import { type ActingPerson, can, findSendingStop, getOwnTenant } from '#server/modules/tenancy/index.ts'

import { type Attention, type RankedCampaign, bestAndWorst } from './look-now.rules.ts'
import { type NextSends, countByHour, countCampaignAnswers, countSince, selectNextSends } from './look-now.store.ts'
import { lastDays } from './report-period.ts'

const NEXT_MAX = 12
const RATE_OVER_MS = 5 * MINUTE_MS
const MONTH_DAYS = 30
const HOURS = 24
/** Drafts are counted up to this many. */
const DRAFTS_MAX = 100
const PAYMENT_DUE_MS = 5 * DAY_MS
const NEARLY_RATIO = 0.8
/** Of a limit this small the last one is no warning. */
const SMALL_LIMIT = 5

/** What leaves within the next day, by hour and campaign: the twelve soonest. */
export const reportNextSends = async (tx: TenantTx, now: number): Promise<readonly NextSends[]> => {
  const { timeZone } = await getOwnTenant(tx)
  return selectNextSends(tx, { now, until: now + DAY_MS, offsetMs: zoneOffsetMs(now, timeZone), limit: NEXT_MAX })
}

/** What left today, and how fast at the moment. */
export interface TodaySends {
  readonly sent: number
  /** Of the last five minutes. */
  readonly perMinute: number
  /** By hour of the tenant's day, 0–23. */
  readonly hours: readonly number[]
}

export const reportToday = async (tx: TenantTx, now: number): Promise<TodaySends> => {
  const { since, timeZone } = await lastDays(tx, { days: 1, now })
  const rows = await countByHour(tx, { since, now, timeZone })
  return {
    sent: rows.reduce((sum, { count }) => sum + count, 0),
    perMinute: (await countSince(tx, now - RATE_OVER_MS, now)) / (RATE_OVER_MS / MINUTE_MS),
    hours: Array.from({ length: HOURS }, (_, hour) => rows.find((row) => row.hour === hour)?.count ?? 0),
  }
}

/** The best and the worst campaign of the last thirty days, by proven answers. */
export const reportBestCampaigns = async (
  tx: TenantTx,
  now: number,
): Promise<{ readonly best: RankedCampaign | null; readonly worst: RankedCampaign | null }> => {
  const { since } = await lastDays(tx, { days: MONTH_DAYS, now })
  return bestAndWorst(await countCampaignAnswers(tx, since))
}

type Viewer = Pick<ActingPerson, 'access' | 'at'>

const one = (kind: AttentionKind, more: Partial<Attention> = {}): Attention => ({
  kind,
  count: 1,
  until: null,
  about: null,
  ...more,
})

const aboutSending = async (tx: TenantTx): Promise<readonly Attention[]> => {
  const [ofTenant, ofAll] = [(await getOwnTenant(tx)).sendingStopped, await findSendingStop(tx)]
  const stopped = ofTenant ?? ofAll
  return stopped === null ? [] : [one('sending_stopped', { about: stopped })]
}

const aboutTalks = async (tx: TenantTx, viewer: Viewer): Promise<readonly Attention[]> => {
  const { overdue } = await countConversations(tx, { at: viewer.at }, viewer)
  const drafts = (await listDrafts(tx, { state: 'proposed', limit: DRAFTS_MAX }, viewer)).length
  return [
    ...(overdue > 0 ? [one('overdue', { count: overdue })] : []),
    ...(drafts > 0 ? [one('drafts', { count: drafts })] : []),
  ]
}

const aboutAccounts = async (tx: TenantTx): Promise<readonly Attention[]> =>
  (await listAccounts(tx)).flatMap(({ purpose, state, sendingStopped, health, displayName: about }) => {
    if (purpose !== 'contacts' || state === 'disconnected') return []
    if (state === 'paused' || sendingStopped !== null) return [one('account_held', { about })]
    return health === 'normal' ? [] : [one('account_strained', { about })]
  })

const aboutPackage = async (tx: TenantTx, { at }: Viewer): Promise<readonly Attention[]> => {
  const { state, periodEndsAt } = await getSubscription(tx)
  const isOver = state === 'grace' || state === 'expired'
  return periodEndsAt !== null && (isOver || periodEndsAt - at < PAYMENT_DUE_MS)
    ? [one('payment_due', { until: periodEndsAt })]
    : []
}

const aboutUsage = async (tx: TenantTx, { at }: Viewer): Promise<readonly Attention[]> =>
  (await listUsage(tx, at)).flatMap(({ name, used, limit, resetAt }) =>
    limit !== null && limit >= SMALL_LIMIT && used >= limit * NEARLY_RATIO
      ? [one('nearly_used', { about: name, until: resetAt })]
      : [],
  )

/**
 * What waits for a person, the most urgent first, of what whoever asks may see: sending that is stopped, people who wait
 * for an answer, drafts, accounts that are held or strained, a package that ends or is nearly used up.
 */
export const listAttention = async (tx: TenantTx, viewer: Viewer): Promise<readonly Attention[]> => {
  const { access } = viewer
  return [
    ...(await aboutSending(tx)),
    ...(can(access, 'conversations.view') ? await aboutTalks(tx, viewer) : []),
    ...(can(access, 'accounts.view') ? await aboutAccounts(tx) : []),
    ...(can(access, 'billing.view') ? await aboutPackage(tx, viewer) : []),
    ...(can(access, 'billing.view') ? await aboutUsage(tx, viewer) : []),
  ]
}
