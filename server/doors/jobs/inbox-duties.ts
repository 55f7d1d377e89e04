import { MINUTE_MS } from '#server/base/duration.ts'
import type { Logger } from '#server/base/logger.ts'
import type { Db } from '#server/db/pool.ts'
import { tickTasks } from '#server/modules/contacts/index.ts'
import { tickInbox } from '#server/modules/conversations/index.ts'

import type { DutySpec } from './duties.ts'

/** What time alone does to conversations and tasks. */
export const createInboxDuties = (deps: { readonly db: Db; readonly log: Logger }): readonly DutySpec[] => [
  {
    name: 'inbox.tick',
    everyMs: MINUTE_MS,
    async run(at) {
      const tick = { ...(await tickInbox(deps, at)), overdueTasks: await tickTasks(deps, at) }
      if (Object.values(tick).some((count) => count > 0)) deps.log.info(tick, 'inbox moved')
    },
  },
]
