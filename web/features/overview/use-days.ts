import { useQuery } from '@tanstack/react-query'

import { api, query } from '../../api/queries.ts'

const MONTH = 30
const LOOK_AGAIN_MS = 5_000
const MONTH_AGAIN_MS = 60_000

/** A month's days; today's figures move every few seconds, those of the days before hardly ever. */
export const useDays = () => {
  const month = useQuery({ ...query(api.analytics.days, { query: { days: MONTH } }), refetchInterval: MONTH_AGAIN_MS })
  const today = useQuery({ ...query(api.analytics.days, { query: { days: 1 } }), refetchInterval: LOOK_AGAIN_MS })
  const fresh = today.data?.days[0]
  const known = month.data?.days ?? []
  // After midnight the new day is the one that follows.
  const days = fresh === undefined ? known : [...known.filter(({ on }) => on !== fresh.on), fresh].slice(-MONTH)
  return { days, month }
}
