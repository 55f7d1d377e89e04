import type { Clock } from '#server/base/clock.ts'
import type { Logger } from '#server/base/logger.ts'
import type { Db } from '#server/db/pool.ts'
import {
  type IncomingUpdate,
  businessUpdateId,
  findBusinessOwners,
  findWaitingQueues,
  storeUpdates,
} from '#server/modules/accounts/index.ts'

import { connectionQueue } from './business-updates.rules.ts'
import { type ClassifiedUpdate, classifyUpdate } from './classify-update.rules.ts'

export interface ReceiveDeps {
  readonly db: Db
  readonly clock: Clock
  readonly log: Logger
  /** Answers a pre-checkout query, which waits ten seconds at most; leaves everything else alone. Never throws. */
  readonly answerAtOnce?: (accountId: number, raw: unknown) => Promise<void>
  /** Counts updates by what became of them. */
  readonly count: (outcome: 'stored' | 'duplicate' | 'from_bot' | 'malformed' | 'unwanted', amount: number) => void
}

export interface UpdateOwner {
  readonly tenantId: number
  readonly accountId: number
  readonly purpose?: 'contacts' | 'panel'
}

/**
 * Stores what came from Telegram for one account, before it is acknowledged: every update once, those of bots and
 * values without an update number not at all. With `nextUpdateId`, remembers where polling goes on.
 */
export const receiveUpdates = async (
  deps: ReceiveDeps,
  owner: UpdateOwner,
  raw: readonly unknown[],
  nextUpdateId?: number,
): Promise<void> => {
  const answers = raw.map(async (payload) => deps.answerAtOnce?.(owner.accountId, payload))
  const incoming: Incoming[] = []
  let malformed = 0
  let fromBots = 0
  for (const payload of raw) {
    const classified = classifyUpdate(payload)
    if (!classified) malformed += 1
    else if (classified.fromBot) fromBots += 1
    else incoming.push({ ...classified, payload })
  }
  const routed = await routeUpdates(deps.db, owner, incoming)
  let stored = 0
  // Where polling goes on is remembered last: until then Telegram gives all of them again.
  for (const { account, updates } of routed.elsewhere)
    stored += await storeUpdates(deps.db, account, updates, deps.clock.now())
  stored += await storeUpdates(deps.db, owner, routed.own, deps.clock.now(), nextUpdateId)
  if (malformed > 0)
    deps.log.warn({ accountId: owner.accountId, malformed }, 'values without an update number were dropped')
  deps.count('stored', stored)
  deps.count('duplicate', incoming.length - routed.unwanted - stored)
  if (routed.unwanted > 0) deps.count('unwanted', routed.unwanted)
  deps.count('from_bot', fromBots)
  deps.count('malformed', malformed)
  await Promise.all(answers)
}

type Incoming = ClassifiedUpdate & { readonly payload: unknown }

interface Routed {
  readonly own: readonly IncomingUpdate[]
  readonly elsewhere: readonly { readonly account: UpdateOwner; readonly updates: readonly IncomingUpdate[] }[]
  /** Came through a connection that was ended on our side: nobody here may read it. */
  readonly unwanted: number
}

/**
 * What came through a business connection goes to its account's own inbox. It waits at the bot while the connection is
 * not known, and behind what waits there already, so that a chat keeps its order.
 */
const routeUpdates = async (db: Db, bot: UpdateOwner, incoming: readonly Incoming[]): Promise<Routed> => {
  const ids = [...new Set(incoming.flatMap(({ connectionId }) => connectionId ?? []))]
  if (ids.length === 0) return { own: incoming, elsewhere: [], unwanted: 0 }
  const owners = await findBusinessOwners(db, bot.accountId, ids)
  const waiting = await findWaitingQueues(db, bot.accountId, ids.map(connectionQueue))
  const own: IncomingUpdate[] = []
  const elsewhere = new Map<number, { account: UpdateOwner; updates: IncomingUpdate[] }>()
  let unwanted = 0
  for (const update of incoming) {
    const { connectionId, updateId } = update
    const queueKey = connectionId === null ? update.queueKey : connectionQueue(connectionId)
    const owner = connectionId === null || waiting.has(queueKey) ? undefined : owners.get(connectionId)
    if (!owner) own.push({ ...update, queueKey })
    else if (owner.state === 'disconnected') unwanted += 1
    else {
      const { tenantId, accountId } = owner
      const known = elsewhere.get(accountId) ?? { account: { tenantId, accountId }, updates: [] }
      known.updates.push({ ...update, updateId: businessUpdateId(bot.accountId, updateId) })
      elsewhere.set(accountId, known)
    }
  }
  return { own, elsewhere: [...elsewhere.values()], unwanted }
}
