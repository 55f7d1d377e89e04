import { DAY_MS } from '#server/base/duration.ts'
import { reportSegments } from '#server/modules/analytics/index.ts'

import type { Handlers } from '../call.ts'

export const segmentRoutes: Handlers['segments'] = () => ({
  report: ({ inTenant, query: { days }, at }) =>
    inTenant(async (tx) => {
      const until = at + 1
      return { segments: await reportSegments(tx, { since: until - days * DAY_MS, until }) }
    }),
})
