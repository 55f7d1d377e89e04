import { HOUR_MS } from '#server/base/duration.ts'
import { emitEvents } from '#server/db/emit-events.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import { getProtection } from '#server/modules/groups/index.ts'
import { type ActingPerson, requireCan } from '#server/modules/tenancy/index.ts'

import { findInviteSettings } from '../invite-setting.store.ts'
import { roomToday } from './proposal.rules.ts'
import { expireBatches, findCandidates, insertBatch, lockProposals, readTaken } from './proposal.store.ts'

/** What a round of proposing came to. */
export interface Proposed {
  /** Null when there was nobody, or no room. */
  readonly batchId: number | null
  readonly people: number
  /** How many more could be proposed within 24 hours. */
  readonly roomLeft: number
  readonly isApproved: boolean
}

interface Round {
  readonly chatId: number | null
  readonly at: number
}

/**
 * Proposes people for the tenant's chats ({@link findCandidates}), the best first, within the day's number of the tenant
 * and the package. The batch waits for {@link decideInvites}; where the tenant sends by itself it is approved at once, and
 * `invites.waiting` is emitted. One round of a tenant at a time.
 */
const propose = async (tx: TenantTx, { chatId, at }: Round): Promise<Proposed> => {
  await lockProposals(tx)
  const { dailyMax, isAuto } = await findInviteSettings(tx)
  const { limits } = await getProtection(tx)
  const { taken } = await readTaken(tx, at)
  const room = roomToday([dailyMax, limits.own.outreachDailyMax, limits.ofPackage.outreachDailyMax], taken)
  const candidates = room === 0 ? [] : await findCandidates(tx, { at, limit: room, chatId })
  if (candidates.length === 0) return { batchId: null, people: 0, roomLeft: room, isApproved: false }
  const batchId = await insertBatch(tx, candidates, { decidedBy: isAuto ? 'system' : null, at })
  if (isAuto) await emitEvents(tx, at, [{ type: 'invites.waiting', payload: {} }])
  return { batchId, people: candidates.length, roomLeft: room - candidates.length, isApproved: isAuto }
}

/** A member asks for proposals now, for all chats or one. Errors: `forbidden/not_allowed`. */
export const proposeInvites = async (
  tx: TenantTx,
  { chatId = null }: { readonly chatId?: number | null },
  { access, at }: ActingPerson,
): Promise<Proposed> => {
  requireCan(access, 'campaigns.edit')
  return propose(tx, { chatId, at })
}

/** What happens by itself: batches nobody decided end, and a new one is made when the tenant's hours are over. */
export const planInvites = async (tx: TenantTx, at: number): Promise<Proposed | null> => {
  await expireBatches(tx, at)
  const { proposeEveryHours } = await findInviteSettings(tx)
  const { lastAt } = await readTaken(tx, at)
  if (lastAt !== null && lastAt > at - proposeEveryHours * HOUR_MS) return null
  return propose(tx, { chatId: null, at })
}
