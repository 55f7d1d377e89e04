import { HOUR_MS } from '#server/base/duration.ts'
import { asOperator, inTenant } from '#server/db/tenant-scope.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import { type Conversation, findConversationOf } from '#server/modules/conversations/index.ts'
import { quietUntil } from '#server/modules/delivery/index.ts'

import { wakeAt } from './advance.rules.ts'
import { STANDARD_FUNNEL } from './funnel.rules.ts'
import { findFunnelVersion } from './funnel.store.ts'
import { mayUseFunnel } from './may-use-funnel.ts'
import { moveRun } from './move-run.ts'
import { findStoredSelling } from './product.store.ts'
import type { SalesDeps } from './record-star-payment.ts'
import { type Run, findQuietHours, lockRun, selectSilentRuns, setWake } from './run.store.ts'
import { type Listener, findListener } from './speak.ts'

const PORTION = 200
/** Where nothing may be said now, it is looked at again after this long. */
const LOOK_AGAIN_MS = 6 * HOUR_MS

/** The contact has the word, and nobody else speaks: only then may they be reminded. */
const isTheirTurn = (conversation: Conversation | null, now: number): boolean =>
  conversation !== null &&
  conversation.state === 'waiting' &&
  conversation.handedOverAt === null &&
  (conversation.aiPausedUntil === null || conversation.aiPausedUntil <= now)

const mayRemind = async (tx: TenantTx, run: Run, listener: Listener, now: number): Promise<boolean> => {
  if (listener.isSuppressed) return false
  const selling = await findStoredSelling(tx, run.accountId)
  if (!selling?.sellsByItself) return false
  if (!(await mayUseFunnel(tx, run.funnel === STANDARD_FUNNEL ? 'standard' : 'custom', now))) return false
  return isTheirTurn(await findConversationOf(tx, run.accountId, listener.contactId), now)
}

const followUp = async (tx: TenantTx, runId: number, deps: SalesDeps, now: number): Promise<boolean> => {
  const run = await lockRun(tx, runId)
  const funnel = run && (await findFunnelVersion(tx, run.funnel, run.version))
  if (!run || !funnel || run.position.endedAt !== null) return false
  const due = wakeAt(funnel.definition, run.position)
  if (due === null || due > now) {
    await setWake(tx, runId, due)
    return false
  }
  const listener = await findListener(tx, run, deps.translator)
  const quiet = listener && quietUntil(now, listener.timeZone, await findQuietHours(tx))
  if (quiet !== null && Number.isFinite(quiet)) {
    await setWake(tx, runId, quiet)
    return false
  }
  const canSpeak = listener !== null && quiet === null && (await mayRemind(tx, run, listener, now))
  const cause = `funnel:${run.id}:silence:${run.position.sinceAt}`
  const { isSaid, isMoved } = await moveRun(tx, run, listener, { event: { kind: 'silence', canSpeak, at: now }, cause })
  if (!isMoved) await setWake(tx, runId, now + LOOK_AGAIN_MS)
  return isSaid
}

/**
 * Looks after people who have been silent in a funnel: one gentle reminder where the funnel has one, at most two in a
 * run, only while the conversation is open and the word is theirs, never in quiet hours; then it lets them go. Returns
 * how many were looked at and how many reminded.
 */
export const followUpSilence = async (
  deps: SalesDeps,
  now: number,
): Promise<{ readonly looked: number; readonly reminded: number }> => {
  const silent = await asOperator(deps.db, 'follow up silence', (tx) => selectSilentRuns(tx, now, PORTION))
  let reminded = 0
  for (const { id, tenantId } of silent)
    if (await inTenant(deps.db, tenantId, (tx) => followUp(tx, id, deps, now))) reminded += 1
  return { looked: silent.length, reminded }
}
