import { useQuery } from '@tanstack/react-query'

import type { api as contract } from '#contract/api.ts'
import type { RouteOutput } from '#contract/route.ts'

import { api, query } from '../../api/queries.ts'
import { useSignedIn } from '../../api/session.tsx'

export type StartProgress = RouteOutput<typeof contract.start.progress>

/** Often enough for whoever has just done something in Telegram. */
const LOOK_AGAIN_MS = 10_000

/** How far the tenant that is shown is with its set-up; nothing for an operator, who looks in from outside. */
export const useStartProgress = (isLooking = false) => {
  const { tenant } = useSignedIn()
  return useQuery({
    ...query(api.start.progress, {}),
    enabled: tenant !== null && tenant.role !== null,
    staleTime: LOOK_AGAIN_MS,
    ...(isLooking && { refetchInterval: LOOK_AGAIN_MS }),
  })
}
