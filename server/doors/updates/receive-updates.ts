import type { Clock } from '#server/base/clock.ts'
import type { Logger } from '#server/base/logger.ts'
import type { Db } from '#server/db/pool.ts'
import { type IncomingUpdate, storeUpdates } from '#server/modules/accounts/index.ts'

import { classifyUpdate } from './classify-update.rules.ts'

export interface ReceiveDeps {
  readonly db: Db
  readonly clock: Clock
  readonly log: Logger
  /** Answers a pre-checkout query, which waits ten seconds at most; leaves everything else alone. Never throws. */
  readonly answerAtOnce?: (accountId: number, raw: unknown) => Promise<void>
  /** Counts updates by what became of them. */
  readonly count: (outcome: 'stored' | 'duplicate' | 'from_bot' | 'malformed', amount: number) => void
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
  const incoming: IncomingUpdate[] = []
  let malformed = 0
  let fromBots = 0
  for (const payload of raw) {
    const classified = classifyUpdate(payload)
    if (!classified) malformed += 1
    else if (classified.fromBot) fromBots += 1
    else incoming.push({ updateId: classified.updateId, queueKey: classified.queueKey, kind: classified.kind, payload })
  }
  const stored = await storeUpdates(deps.db, owner, incoming, deps.clock.now(), nextUpdateId)
  if (malformed > 0)
    deps.log.warn({ accountId: owner.accountId, malformed }, 'values without an update number were dropped')
  deps.count('stored', stored)
  deps.count('duplicate', incoming.length - stored)
  deps.count('from_bot', fromBots)
  deps.count('malformed', malformed)
  await Promise.all(answers)
}
