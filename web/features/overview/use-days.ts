import { useQuery } from '@tanstack/react-query'
import { useDeferredValue } from 'react'

import { api, query } from '../../api/queries.ts'
import { MONTH } from './ask-overview.ts'

const LOOK_AGAIN_MS = 5_000
const MONTH_AGAIN_MS = 60_000

/** A month's days; today's figures move every few seconds, those of the days before hardly ever. */
export const useDays = () => {
  const asked = useQuery({ ...query(api.analytics.days, { query: { days: MONTH } }), refetchInterval: MONTH_AGAIN_MS })
  const month = useDeferredValue(asked)
  const today = useQuery({ ...query(api.analytics.days, { query: { days: 1 } }), refetchInterval: LOOK_AGAIN_MS })
  const fresh = today.data?.days[0]
  const known = month.data?.days ?? []
  // After midnight the new day is the one that follows.
  const days = fresh === undefined ? known : [...known.filter(({ on }) => on !== fresh.on), fresh].slice(-MONTH)
  return { days, month }
}
