import { MINUTE_MS } from '#server/base/duration.ts'
import type { Logger } from '#server/base/logger.ts'
import type { Db } from '#server/db/pool.ts'
import { expireDrafts } from '#server/modules/conversations/index.ts'

import type { DutySpec } from './duties.ts'

/** What time does to drafts: those nobody decided about end. */
export const createAnswerDuties = ({ db, log }: { readonly db: Db; readonly log: Logger }): readonly DutySpec[] => [
  {
    name: 'drafts.expire',
    everyMs: MINUTE_MS,
    async run(at) {
      const count = await expireDrafts(db, at)
      if (count > 0) log.info({ count }, 'drafts expired')
    },
  },
]
