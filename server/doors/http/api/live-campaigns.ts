import { setTimeout as sleep } from 'node:timers/promises'

import { SECOND_MS } from '#server/base/duration.ts'
import { notFound } from '#server/base/errors.ts'
import type { Db } from '#server/db/pool.ts'
import { inTenant } from '#server/db/tenant-scope.ts'
import { type Campaign, listCampaigns } from '#server/modules/campaigns/index.ts'
import { type CampaignCounts, countCampaigns } from '#server/modules/delivery/index.ts'

/** Where a campaign stands at a glance. */
interface CampaignProgress {
  readonly state: Campaign['state']
  readonly counts: CampaignCounts
}

type Reading = ReadonlyMap<number, CampaignProgress>

const read = (db: Db, tenantId: number, ids: readonly number[]): Promise<Reading> =>
  inTenant(db, tenantId, async (tx) => {
    const counts = await countCampaigns(tx, ids)
    const progress = new Map<number, CampaignProgress>()
    for (const { id, state } of await listCampaigns(tx, { ids, limit: 500 })) {
      const figures = counts.get(id)
      if (figures) progress.set(id, { state, counts: figures })
    }
    return progress
  })

/**
 * Watches campaigns in the database: once a second for each tenant, in one look, however many people watch however many
 * of its campaigns. What it gives out: first how the campaign stands, then each change, until `signal` is aborted.
 * Throws `not_found` before anything is given out.
 */
export const createLiveCampaigns = (db: Db) => {
  /** By tenant: its campaigns that are watched, a mention for each who watches. */
  const watched = new Map<number, number[]>()
  /** By tenant: the look that is due next, for all who wait for it. */
  const looks = new Map<number, Promise<Reading>>()

  const nextLook = (tenantId: number): Promise<Reading> => {
    const due = looks.get(tenantId)
    if (due) return due
    const look = sleep(SECOND_MS, undefined, { ref: false }).then(() => {
      looks.delete(tenantId)
      return read(db, tenantId, [...new Set(watched.get(tenantId))])
    })
    looks.set(tenantId, look)
    return look
  }
  const forget = (tenantId: number, campaignId: number): void => {
    const all = watched.get(tenantId) ?? []
    const rest = all.toSpliced(all.indexOf(campaignId), 1)
    if (rest.length > 0) watched.set(tenantId, rest)
    else watched.delete(tenantId)
  }

  return async function* watch(
    tenantId: number,
    campaignId: number,
    signal: AbortSignal,
  ): AsyncGenerator<CampaignProgress> {
    const ended = new Promise<null>((resolve) => signal.addEventListener('abort', () => resolve(null), { once: true }))
    let known = (await read(db, tenantId, [campaignId])).get(campaignId)
    if (!known) throw notFound('campaign', campaignId)
    watched.set(tenantId, [...(watched.get(tenantId) ?? []), campaignId])
    try {
      while (known && !signal.aborted) {
        yield known
        const before = JSON.stringify(known)
        do known = (await Promise.race([nextLook(tenantId), ended]))?.get(campaignId)
        while (known && !signal.aborted && JSON.stringify(known) === before)
      }
    } finally {
      forget(tenantId, campaignId)
    }
  }
}
