import type { Terminal } from '../terminal.ts'
import type { Translate } from '#server/base/translate.ts'

/** What takes longer than this is shown. */
const PATIENCE_MS = 2_000
const LIVE_EVERY_MS = 200
const LINE_EVERY_MS = 5_000

export interface Progress {
  /** `total` is null where the end is not known. */
  readonly update: (done: number, total: number | null) => void
  /** Clears the line. */
  readonly end: () => void
}

/** Seconds left if the rest goes as what was done went; null before there is anything to go by. */
export const secondsLeft = (done: number, total: number | null, elapsedMs: number): number | null =>
  total === null || done <= 0 || elapsedMs <= 0
    ? null
    : Math.ceil((Math.max(0, total - done) * elapsedMs) / done / 1000)

/**
 * Shows on `terminal.err` how far a long work is, once it has taken two seconds: in place on a live terminal, else as a
 * line now and then.
 */
export const showProgress = (
  terminal: Terminal,
  t: Translate,
  label: string,
  now = () => performance.now(),
): Progress => {
  const startedAt = now()
  let shownAt = startedAt + PATIENCE_MS - LIVE_EVERY_MS
  let isShown = false
  return {
    update(done, total) {
      const at = now()
      if (at - startedAt < PATIENCE_MS || at - shownAt < (terminal.isLive ? LIVE_EVERY_MS : LINE_EVERY_MS)) return
      shownAt = at
      const percent = total ? ` ${Math.floor((Math.min(done, total) / total) * 100)}%` : ''
      const left = secondsLeft(done, total, at - startedAt)
      const eta = left === null ? '' : ` ${t('progress.left', { seconds: left })}`
      terminal.err.write(
        `${terminal.isLive ? '\r\u001b[K' : ''}${label}${percent} (${done}${total ? `/${total}` : ''})${eta}${terminal.isLive ? '' : '\n'}`,
      )
      isShown = true
    },
    end() {
      if (isShown && terminal.isLive) terminal.err.write('\r\u001b[K')
    },
  }
}
