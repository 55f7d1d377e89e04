import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'

import type { api as contract } from '#contract/api.ts'
import type { RouteOutput } from '#contract/route.ts'

import { api, query } from '../api/queries.ts'
import { Campaign } from './campaign.tsx'
import { t } from './language.ts'
import { Empty, Fault, Waiting } from './parts.tsx'
import { leftOf, sentOf } from './progress.ts'
import { useFormats } from './use-formats.ts'

type Row = RouteOutput<typeof contract.campaigns.list>['items'][number]

const LOOK_AGAIN_MS = 10_000

const Line = ({ row, onOpen }: { row: Row; onOpen: () => void }) => {
  const { number } = useFormats()
  const [sent, left] = [sentOf(row.counts), leftOf(row.counts)]
  return (
    <li>
      <button type="button" className="card line" onClick={onOpen}>
        <span className="row">
          <strong>
            <bdi>{row.name}</bdi>
          </strong>
          <span className="badge" data-state={row.state}>
            {t(`words:campaignState.${row.state}`)}
          </span>
        </span>
        <span className="soft">{t('campaigns.progress', { sent: number(sent), left: number(left) })}</span>
      </button>
    </li>
  )
}

/** M2: what runs or is held, then the newest others. */
export const Campaigns = () => {
  const [openId, open] = useState<number | null>(null)
  const list = useQuery({
    ...query(api.campaigns.list, { query: { limit: 20 } }),
    refetchInterval: openId === null ? LOOK_AGAIN_MS : false,
  })
  if (openId !== null) return <Campaign id={openId} onBack={() => open(null)} />
  const isLive = ({ state }: Row) => state === 'running' || state === 'paused'
  const rows = list.data?.items.toSorted((a, b) => Number(isLive(b)) - Number(isLive(a))) ?? []
  return (
    <>
      <h1>{t('screens.campaigns')}</h1>
      {list.isPending && <Waiting />}
      {list.isError && <Fault error={list.error} onRetry={() => void list.refetch()} />}
      {list.isSuccess && rows.length === 0 && <Empty title={t('campaigns.none')} next={t('campaigns.noneNext')} />}
      <ul>
        {rows.map((row) => (
          <Line key={row.id} row={row} onOpen={() => open(row.id)} />
        ))}
      </ul>
    </>
  )
}
