import type { GuardReason, MessageClass } from '#contract/words.ts'
import { SECOND_MS } from '#server/base/duration.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

import { type Cap, type SlotKind, capsFor } from './caps.rules.ts'
import { type AudienceBucket, listAudienceBuckets } from './forecast.store.ts'
import { findAccountRow, findWindowUsage } from './guard.store.ts'
import { toAccountFacts } from './load-facts.ts'
import { quietUntil } from './quiet-hours.rules.ts'

/** What would happen if these deliveries were started now. */
export interface DeliveryForecast {
  readonly total: number
  /** Would leave at once, as fast as the account may. */
  readonly sendable: number
  readonly refusedBy: Readonly<Partial<Record<GuardReason, number>>>
  readonly deferredBy: Readonly<Partial<Record<GuardReason, number>>>
  /** When the last one that is not refused would leave; null when all are refused. Epoch ms. */
  readonly lastAt: number | null
}

export interface ForecastInput {
  readonly accountId: number
  readonly contactIds: readonly number[]
  readonly messageClass: MessageClass
  readonly isOutreach: boolean
  /** Fingerprints of the wordings that could be sent. */
  readonly contentHashes: readonly number[]
  readonly now: number
  /** Messages per second of the account. */
  readonly perSecond: number
}

/**
 * Previews a batch without writing anything: people are grouped by the database into those who may be written to and
 * those who may not, quiet hours are looked up once per time zone, and shared caps are applied to the whole.
 */
export const forecastDeliveries = async (tx: TenantTx, input: ForecastInput): Promise<DeliveryForecast> => {
  const account = await findAccountRow(tx, input.accountId, false)
  const total = input.contactIds.length
  if (!account) return { total, sendable: 0, refusedBy: { account_unusable: total }, deferredBy: {}, lastAt: null }
  const buckets = await listAudienceBuckets(tx, { ...input, timeZone: account.time_zone })
  const refusedBy: Partial<Record<GuardReason, number>> = {}
  const deferredBy: Partial<Record<GuardReason, number>> = {}
  let open = 0
  let quietEnd = 0
  for (const bucket of buckets) {
    if (bucket.reason !== null) refusedBy[bucket.reason] = (refusedBy[bucket.reason] ?? 0) + bucket.count
    else {
      open += bucket.count
      const until = input.messageClass === 'commercial' ? quietFor(bucket, account, input.now) : null
      if (until !== null) {
        deferredBy.quiet_hours = (deferredBy.quiet_hours ?? 0) + bucket.count
        quietEnd = Math.max(quietEnd, until)
      }
    }
  }
  const start = Math.max(input.now, account.waiting_until?.getTime() ?? 0)
  let lastAt = Math.max(quietEnd, start + Math.ceil(open / input.perSecond) * SECOND_MS)
  const slot: SlotKind = {
    messageClass: input.messageClass,
    isOutreach: input.isOutreach,
    isHuman: false,
    isChatPost: false,
    invites: false,
  }
  const caps = capsFor({
    limits: toAccountFacts(account).limits,
    accountAgeMs: input.now - account.linked_at.getTime(),
    strategy: null,
    isGroup: false,
  }).filter((cap) => (cap.scope === 'account' || cap.scope === 'tenant') && cap.counts(slot))
  for (const cap of caps) {
    const held = await heldBy(tx, cap, input, open)
    if (held.count > 0) deferredBy[cap.reason] = held.count
    lastAt = Math.max(lastAt, held.lastAt)
  }
  const deferred = Math.max(0, ...Object.values(deferredBy))
  return { total, sendable: open - deferred, refusedBy, deferredBy, lastAt: open === 0 ? null : lastAt }
}

const quietFor = (
  bucket: AudienceBucket,
  account: { quiet_from_hour: number; quiet_to_hour: number },
  now: number,
): number | null =>
  quietUntil(now, bucket.time_zone, {
    fromHour: account.quiet_from_hour,
    toHour: account.quiet_to_hour,
    nightConsent: bucket.night_consent,
  })

/** How many of `open` one shared cap holds back now, and when the last of them has a slot. */
const heldBy = async (tx: TenantTx, cap: Cap, input: ForecastInput, open: number) => {
  const usage = await findWindowUsage(tx, cap, input.accountId, input.now, 1)
  const free = Math.max(0, cap.max - usage.count)
  const count = Math.max(0, open - free)
  if (count === 0) return { count, lastAt: 0 }
  if (cap.max === 0) return { count, lastAt: Number.POSITIVE_INFINITY }
  const rounds = Math.ceil(count / cap.max)
  return { count, lastAt: (usage.oldest[0] ?? input.now) + rounds * cap.windowMs }
}
