import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'

import { listen } from '../api/listen.ts'
import { api, query } from '../api/queries.ts'
import type { CampaignDetail } from './progress.ts'

/** A stream ends once a minute; where it cannot be had at all, the figures are asked for. */
const LISTEN_AGAIN_MS = 1_000
const ASK_AGAIN_MS = 15_000

const pause = (ms: number, signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, ms)
    signal.addEventListener('abort', () => {
      clearTimeout(timer)
      resolve()
    })
  })

/** One campaign with figures that move while it is looked at. */
export const useLiveCampaign = (id: number) => {
  const queries = useQueryClient()
  const campaign = useQuery({ ...query(api.campaigns.get, { params: { id } }), refetchInterval: ASK_AGAIN_MS })
  const isKnown = campaign.isSuccess
  useEffect(() => {
    if (!isKnown) return
    const leaving = new AbortController()
    const { signal } = leaving
    const key = query(api.campaigns.get, { params: { id } }).queryKey
    const follow = async () => {
      while (!signal.aborted) {
        await listen(
          api.campaigns.live,
          { params: { id } },
          (progress) => queries.setQueryData<CampaignDetail>(key, (before) => before && { ...before, ...progress }),
          signal,
        ).catch(() => pause(ASK_AGAIN_MS, signal))
        await pause(LISTEN_AGAIN_MS, signal)
      }
    }
    void follow()
    return () => leaving.abort()
  }, [id, isKnown, queries])
  return campaign
}
