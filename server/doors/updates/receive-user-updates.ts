import type { UserUpdate } from '#server/gateways/telegram/user-feed.ts'
import { type KeyedUpdate, storeKeyedUpdates } from '#server/modules/accounts/index.ts'

import { classifyUpdate } from './classify-update.rules.ts'
import type { ReceiveDeps, UpdateOwner } from './receive-updates.ts'

/**
 * Stores what a person's own account received, each once by its key, worded as bots' updates are: from here on nothing
 * tells them apart. Those of bots are dropped.
 */
export const receiveUserUpdates = async (
  deps: Pick<ReceiveDeps, 'db' | 'clock' | 'count'>,
  owner: UpdateOwner,
  updates: readonly UserUpdate[],
): Promise<void> => {
  const incoming: KeyedUpdate[] = []
  for (const { key, kind, body } of updates) {
    const classified = classifyUpdate({ update_id: 0, [kind]: body })
    // Both sides of a private chat wait in one queue, so that they keep their order.
    const queueKey = classified?.queueKey.replace(/^business:/, 'chat:')
    if (classified && queueKey !== undefined && !classified.fromBot) incoming.push({ key, kind, body, queueKey })
  }
  const stored = await storeKeyedUpdates(deps.db, owner, incoming, deps.clock.now())
  deps.count('stored', stored)
  deps.count('duplicate', incoming.length - stored)
  deps.count('from_bot', updates.length - incoming.length)
}
