import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'

import { streamOf } from '../../api/client.ts'
import { api, query } from '../../api/queries.ts'
import { type CampaignDetail, isOver } from './campaign-figures.ts'

/** A stream ends once a minute and comes back within a second; only a longer silence is worth a word. */
const PATIENCE_MS = 5_000
const ASK_AGAIN_MS = 5_000
const LISTEN_AGAIN_MS = 15_000

/**
 * One campaign with figures that move: told by the server while it can be heard, asked for every few seconds while it
 * cannot (`isLost`).
 */
export const useLiveCampaign = (id: number) => {
  const queries = useQueryClient()
  const [isLost, setLost] = useState(false)
  const wanted = query(api.campaigns.get, { params: { id } })
  const campaign = useQuery({ ...wanted, refetchInterval: isLost ? ASK_AGAIN_MS : false })
  const state = campaign.data?.state
  const isLive = state !== undefined && !isOver(state)
  useEffect(() => {
    if (!isLive) return
    const key = query(api.campaigns.get, { params: { id } }).queryKey
    let stream: EventSource
    let silence: ReturnType<typeof setTimeout> | undefined
    let again: ReturnType<typeof setTimeout> | undefined
    const hear = () => {
      clearTimeout(silence)
      silence = undefined
      setLost(false)
    }
    const listen = () => {
      stream = streamOf(api.campaigns.live, { params: { id } })
      stream.addEventListener('open', hear)
      stream.addEventListener('message', ({ data }: MessageEvent<string>) => {
        hear()
        const progress = JSON.parse(data) as Pick<CampaignDetail, 'state' | 'counts'>
        queries.setQueryData<CampaignDetail>(key, (before) => before && { ...before, ...progress })
      })
      stream.addEventListener('error', () => {
        silence ??= setTimeout(() => setLost(true), PATIENCE_MS)
        // A browser comes back by itself unless it was answered with a refusal.
        if (stream.readyState === EventSource.CLOSED) again = setTimeout(listen, LISTEN_AGAIN_MS)
      })
    }
    listen()
    return () => {
      clearTimeout(silence)
      clearTimeout(again)
      stream.close()
    }
  }, [id, isLive, queries])
  return { campaign, isLost: isLive && isLost }
}
