import type { Clock } from '#server/base/clock.ts'
import { DAY_MS, MINUTE_MS } from '#server/base/duration.ts'
import type { Logger } from '#server/base/logger.ts'
import type { Db } from '#server/db/pool.ts'
import { type LoginDeps, expireLogins } from '#server/modules/accounts/index.ts'
import { removeOldPageLinks, removeOldSignIns } from '#server/modules/tenancy/index.ts'

import type { DutySpec } from './duties.ts'

export interface PageDutyDeps {
  readonly db: Db
  readonly log: Logger
  /** What links are timed by. */
  readonly pace: Pick<Clock, 'now'>
  /** Null where people's own accounts are not set up. */
  readonly openLogin: (() => Promise<LoginDeps>) | null
}

/** Links are kept for a day, so that a late one can still be told what became of it. */
const LINKS_KEPT_MS = DAY_MS

/** What pages leave behind: logins that nobody finished, links that nobody opened. */
export const createPageDuties = ({ db, log, pace, openLogin }: PageDutyDeps): readonly DutySpec[] => [
  {
    name: 'logins.expire',
    everyMs: MINUTE_MS,
    async run(at) {
      if (openLogin === null) return
      const { expired, removed, left } = await expireLogins({ db, openLogin }, at)
      if (expired + removed + left > 0) log.info({ expired, removed, left }, 'unfinished logins ended')
    },
  },
  {
    name: 'page_links.remove',
    everyMs: DAY_MS,
    async run() {
      const before = pace.now() - LINKS_KEPT_MS
      log.info({ links: await removeOldPageLinks(db, before) }, 'old page links removed')
      log.info({ signIns: await removeOldSignIns(db, before) }, 'old sign-ins removed')
    },
  },
]
