import { SEGMENTS } from '#contract/words.ts'
import {
  listAttention,
  reportBestCampaigns,
  reportDays,
  reportFigures,
  reportNextSends,
  reportSending,
  reportToday,
} from '#server/modules/analytics/index.ts'
import { listSegmentCounts } from '#server/modules/segments/index.ts'

import type { Handlers } from '../call.ts'

export const analyticsRoutes: Handlers['analytics'] = () => ({
  days: ({ inTenant, query: { days }, at }) =>
    inTenant(async (tx) => ({ days: await reportDays(tx, { days, now: at }) })),
  segments: ({ inTenant }) =>
    inTenant(async (tx) => {
      const { contacts, withoutSegment, segments } = await listSegmentCounts(tx)
      return {
        contacts,
        withoutSegment,
        segments: SEGMENTS.map((segment) => ({ segment, ...segments[segment] })),
      }
    }),
  figures: ({ inTenant, at, query: { days } }) => inTenant((tx) => reportFigures(tx, { days, now: at })),
  report: ({ inTenant, at, query: { days } }) => inTenant((tx) => reportSending(tx, { days, now: at })),
  today: ({ inTenant, at }) => inTenant((tx) => reportToday(tx, at)),
  next: ({ inTenant, at }) => inTenant(async (tx) => ({ items: await reportNextSends(tx, at) })),
  attention: ({ inTenant, actor }) => inTenant(async (tx) => ({ items: await listAttention(tx, actor) })),
  bestCampaigns: ({ inTenant, at }) => inTenant((tx) => reportBestCampaigns(tx, at)),
})
