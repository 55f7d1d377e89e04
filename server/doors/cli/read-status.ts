import { type DeliveryState, SEGMENTS, type Segment } from '#contract/words.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import { deliveryStatus } from '#server/modules/delivery/index.ts'
import { listSegmentCounts } from '#server/modules/segments/index.ts'

/** How a tenant stands; the shape scripts rely on. */
export interface Status {
  readonly contacts: number
  readonly segments: Readonly<Record<Segment, number>>
  readonly deliveries: Readonly<Record<DeliveryState, number>>
  readonly refusedBy: Readonly<Record<string, number>>
  readonly deferredBy: Readonly<Record<string, number>>
  readonly responses: number
}

export const readStatus = async (tx: TenantTx): Promise<Status> => {
  const counts = await listSegmentCounts(tx)
  return {
    contacts: counts.contacts,
    segments: Object.fromEntries(SEGMENTS.map((segment) => [segment, counts.segments[segment].held])) as Record<
      Segment,
      number
    >,
    ...(await deliveryStatus(tx)),
  }
}
