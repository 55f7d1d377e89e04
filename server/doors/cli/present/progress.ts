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

export interface ProgressOptions {
  readonly label: string
  /** `percent` where the unit (bytes) would tell a person nothing. */
  readonly show: 'counts' | 'percent'
  readonly now?: () => number
}

/**
 * Shows on `terminal.err` how far a long work is, once it has taken two seconds: in place on a live terminal, else as a
 * line now and then.
 */
export const showProgress = (terminal: Terminal, t: Translate, options: ProgressOptions): Progress => {
  const { label, show, now = () => performance.now() } = options
  const every = terminal.isLive ? LIVE_EVERY_MS : LINE_EVERY_MS
  const startedAt = now()
  let shownAt: number | null = null
  return {
    update(done, total) {
      const at = now()
      if (at - startedAt < PATIENCE_MS || (shownAt !== null && at - shownAt < every)) return
      shownAt = at
      const left = secondsLeft(done, total, at - startedAt)
      const parts = [
        label,
        ...(total ? [`${Math.floor((Math.min(done, total) / total) * 100)}%`] : []),
        ...(show === 'counts' ? [total === null ? `(${done})` : `(${done}/${total})`] : []),
        ...(left === null ? [] : [t('progress.left', { seconds: left })]),
      ]
      terminal.err.write(terminal.isLive ? `\r\u001b[K${parts.join(' ')}` : `${parts.join(' ')}\n`)
    },
    end() {
      if (shownAt !== null && terminal.isLive) terminal.err.write('\r\u001b[K')
    },
  }
}
