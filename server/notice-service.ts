// What is told by itself within the server: notices through the panel's bot, and the watch for faults.
import { FaultWatch, type FaultWatchDeps, NoticeLane, type NoticeLaneDeps } from './doors/panel-bot/index.ts'
import type { Runnable } from './parts.ts'

export interface NoticeService {
  readonly lane: NoticeLane
  readonly watch: FaultWatch
  readonly part: Runnable
}

/** Both loops as one part: what is found wrong is said by the same process, and by any other that still can. */
export const createNoticeService = (deps: NoticeLaneDeps & FaultWatchDeps): NoticeService => {
  const lane = new NoticeLane(deps)
  const watch = new FaultWatch(deps)
  let abort = new AbortController()
  let loops: Promise<unknown> = Promise.resolve()
  const part: Runnable = {
    start() {
      abort = new AbortController()
      loops = Promise.all([lane.run(abort.signal), watch.run(abort.signal)])
      return Promise.resolve()
    },
    async stop() {
      abort.abort()
      await loops
    },
  }
  return { lane, watch, part }
}
