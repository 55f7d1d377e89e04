import type { TenantTx } from '#server/db/tenant-scope.ts'

import type { GroupMessage } from './detect-spam.ts'
import { countSightings } from './directory.store.ts'
import { linkedNames } from './own-link.rules.ts'

/**
 * Counts where the tenant's own addresses are written in groups: which address, where and how often, never by whom. No
 * statement is needed when no message links to Telegram.
 */
export const spotOwnLinks = (tx: TenantTx, messages: readonly GroupMessage[]): Promise<void> =>
  countSightings(
    tx,
    messages.flatMap(({ chatTelegramId, text, hasLink, at }) =>
      hasLink || text.includes('.me/') ? linkedNames(text).map((username) => ({ chatTelegramId, username, at })) : [],
    ),
  )
