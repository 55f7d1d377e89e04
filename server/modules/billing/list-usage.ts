import { emitEvents } from '#server/db/emit-events.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

import { COUNTED, limitOf } from './catalogue.rules.ts'
import { type Usage, WINDOW_MS, noticePeriodStart, noticesFor } from './entitlement.rules.ts'
import type { Subscription } from './subscription.rules.ts'
import { getSubscription } from './subscription.store.ts'
import { countUsed, insertNotice } from './usage.store.ts'

/** Everything the package limits, with what is used of it at `at`. */
export const listUsage = async (tx: TenantTx, at: number): Promise<readonly Usage[]> =>
  usageOf(tx, await getSubscription(tx), at)

const usageOf = async (tx: TenantTx, subscription: Subscription, at: number): Promise<readonly Usage[]> => {
  const rows: Usage[] = []
  for (const name of COUNTED) {
    const { used, oldestAt } = await countUsed(tx, name, at)
    const windowMs = WINDOW_MS[name]
    rows.push({
      name,
      limit: limitOf(subscription.package, name, subscription.extraBots),
      used,
      resetAt: windowMs === null || oldestAt === null ? null : oldestAt + windowMs,
    })
  }
  return rows
}

/**
 * Emits `usage.noticed` for every limit that has come to 80 or 100 per cent, once a period each; what jumps past 80 is
 * noticed at 100 alone. Limits below five are left out. Returns what was noticed.
 */
export const noticeUsage = async (
  tx: TenantTx,
  at: number,
): Promise<readonly (Usage & { readonly percent: 80 | 100 })[]> => {
  const subscription = await getSubscription(tx)
  const noticed: (Usage & { readonly percent: 80 | 100 })[] = []
  for (const usage of await usageOf(tx, subscription, at)) {
    const periodStartsAt = noticePeriodStart(subscription, usage.name, at)
    const fresh: (80 | 100)[] = []
    for (const percent of noticesFor(usage)) {
      if (await insertNotice(tx, { name: usage.name, percent, periodStartsAt, at })) fresh.push(percent)
    }
    const [highest] = fresh
    // 80 per cent after 100 in one period is old news.
    if (highest !== undefined && (highest === 100 || noticesFor(usage)[0] === 80))
      noticed.push({ ...usage, percent: highest })
  }
  await emitEvents(
    tx,
    at,
    noticed.map(({ name, percent, used, limit }) => ({
      type: 'usage.noticed' as const,
      payload: { entitlement: name, percent, used, limit: limit ?? 0 },
    })),
  )
  return noticed
}
