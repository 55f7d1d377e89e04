import type { DeliverySource, Segment } from '#contract/words.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

import { lastDays } from './report-period.ts'
import { requireDepth } from './require-depth.ts'
import {
  EMPTY_SENDING,
  type SendingFunnel,
  type SlotFigures,
  type VariantPerformance,
  compareVariants,
} from './sending-report.rules.ts'
import {
  type ReasonCount,
  countDimensions,
  countFunnel,
  countJoined,
  countReasons,
  nameVariants,
  toSlots,
} from './sending-report.store.ts'

interface Wanted {
  /** 1–90, of the tenant's calendar, the last being today so far. */
  readonly days: number
  readonly now: number
}

/** What was sent and what came of it, in a period's days. */
export interface SendingReport {
  readonly since: number
  readonly timeZone: string
  readonly funnel: SendingFunnel
  readonly bySource: readonly (SendingFunnel & { readonly source: DeliverySource })[]
  /** Null for what was sent without a segment: answers, posts and the like. */
  readonly bySegment: readonly (SendingFunnel & { readonly segment: Segment | null })[]
  /** Hours of the week in which something arrived. */
  readonly slots: readonly SlotFigures[]
  readonly variants: readonly VariantPerformance[]
  readonly failures: readonly ReasonCount[]
}

/**
 * How what was sent in the last days went: in all, by what sent it, segment, hour of the week and wording, and what did
 * not arrive with the reasons. Counts what is recorded, nothing is estimated; beyond 30 days it takes advanced analytics.
 * Errors: `invalid/whole_number_expected`, `limit_reached/package_feature`.
 */
export const reportSending = async (tx: TenantTx, wanted: Wanted): Promise<SendingReport> => {
  const { since, until, timeZone } = await lastDays(tx, wanted)
  const period = { since, until }
  await requireDepth(tx, period)
  const rows = await countDimensions(tx, period, timeZone)
  return {
    since,
    timeZone,
    funnel: (await countFunnel(tx, period)) ?? EMPTY_SENDING,
    bySource: rows.flatMap((row) =>
      row.dimension === 'source' && row.source !== null ? [{ ...row, source: row.source }] : [],
    ),
    bySegment: rows.filter(({ dimension }) => dimension === 'segment'),
    slots: toSlots(rows),
    variants: compareVariants(await nameVariants(tx, rows)),
    failures: await countReasons(tx, period),
  }
}

/** The figures that are looked at first. */
export interface KeyFigures extends SendingFunnel {
  /** People seen for the first time. */
  readonly joined: number
}

/** The key figures of the last days and of as many days before them, to compare. */
export interface FiguresReport {
  readonly days: number
  readonly since: number
  readonly figures: KeyFigures
  /** Of the days before, up to where these begin. */
  readonly before: KeyFigures
}

const figuresOf = async (tx: TenantTx, period: { readonly since: number; readonly until: number }) => ({
  ...((await countFunnel(tx, period)) ?? EMPTY_SENDING),
  joined: await countJoined(tx, period),
})

/** Errors: as {@link reportSending}. */
export const reportFigures = async (tx: TenantTx, wanted: Wanted): Promise<FiguresReport> => {
  const { since, until } = await lastDays(tx, wanted)
  const { days } = wanted
  await requireDepth(tx, { since, until })
  const { since: beforeSince } = await lastDays(tx, { days, now: since - 1 })
  return {
    days,
    since,
    figures: await figuresOf(tx, { since, until }),
    before: await figuresOf(tx, { since: beforeSince, until: since }),
  }
}
