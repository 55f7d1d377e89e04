import { MINUTE_MS } from '#server/base/duration.ts'
import { inTenant } from '#server/db/tenant-scope.ts'

import { type WebhookDeps, callEndpoint } from './call-endpoint.ts'
import { claimDue, findNextDue, listDueEndpoints } from './delivery.store.ts'
import { findSecrets } from './endpoint.store.ts'
import { openSecrets } from './open-secrets.ts'
import { CLAIM_MS } from './webhook.rules.ts'

/** Calls to one endpoint at once. */
const AT_ONCE = 5
/** After so long others of the same queue have their turn. */
const TURN_MS = MINUTE_MS

export interface DeliverySummary {
  readonly delivered: number
  readonly refused: number
  /** When the tenant's next attempt is due; null when nothing waits. */
  readonly nextAt: number | null
}

/**
 * Makes the attempts that are due for a tenant. Its endpoints are called beside each other, so that one that is slow
 * holds up no other; one that takes nothing of a portion is left alone until the next time.
 */
export const deliverDue = async (
  deps: WebhookDeps,
  tenantId: number,
  signal?: AbortSignal,
): Promise<DeliverySummary> => {
  const endAt = deps.clock.now() + TURN_MS
  const ids = await inTenant(deps.db, tenantId, (tx) => listDueEndpoints(tx, deps.clock.now()))
  const ends = await Promise.all(
    ids.map((id) => serveEndpoint(deps, { tenantId, id, endAt, ...(signal && { signal }) })),
  )
  return {
    delivered: ends.reduce((sum, { delivered }) => sum + delivered, 0),
    refused: ends.reduce((sum, { refused }) => sum + refused, 0),
    nextAt: await inTenant(deps.db, tenantId, findNextDue),
  }
}

interface Turn {
  readonly tenantId: number
  readonly id: number
  readonly endAt: number
  readonly signal?: AbortSignal
}

const serveEndpoint = async (deps: WebhookDeps, turn: Turn) => {
  let [delivered, refused] = [0, 0]
  while (turn.signal?.aborted !== true && deps.clock.now() < turn.endAt) {
    const portion = await claimPortion(deps, turn)
    if (!portion) break
    const taken = await Promise.all(portion.claimed.map((delivery) => callEndpoint(deps, portion, delivery)))
    const count = taken.filter(Boolean).length
    delivered += count
    refused += taken.length - count
    if (count === 0) break
  }
  return { delivered, refused }
}

const claimPortion = ({ db, box, clock, claimMs = CLAIM_MS }: WebhookDeps, { tenantId, id }: Turn) =>
  inTenant(db, tenantId, async (tx) => {
    const at = clock.now()
    const claimed = await claimDue(tx, id, { at, claimMs, limit: AT_ONCE })
    if (claimed.length === 0) return null
    const endpoint = await findSecrets(tx, id, 'as it is')
    if (!endpoint) return null
    return { tenantId, url: endpoint.url, claimed, secrets: await openSecrets(tx, box, { id, ...endpoint }, at) }
  })
