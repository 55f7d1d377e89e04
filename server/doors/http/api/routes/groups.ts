import { reportGroup, reportGroups } from '#server/modules/analytics/index.ts'

import type { Handlers } from '../call.ts'
import { given } from '../given.ts'

export const groupRoutes: Handlers['groups'] = () => ({
  list: ({ inTenant, at, query: { days, cursor, limit, search } }) =>
    inTenant(async (tx) => {
      const { groups, nextCursor } = await reportGroups(tx, { days, now: at }, { limit, ...given({ cursor, search }) })
      return { items: groups, nextCursor }
    }),
  get: ({ inTenant, actor, at, params: { id }, query: { days } }) =>
    inTenant((tx) => reportGroup(tx, id, { days, now: at }, actor)),
})
