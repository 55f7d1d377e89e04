import { systemClock } from './clock.ts'

export interface RegularLook {
  /** Looks no more, and waits for the look under way. */
  stop(): Promise<void>
}

/** Runs `look` every `everyMs` of real time, one at a time, until stopped; `failed` hears of those that throw. */
export const lookRegularly = (
  everyMs: number,
  look: () => Promise<void>,
  failed: (error: unknown) => void,
): RegularLook => {
  const abort = new AbortController()
  const keepLooking = async (): Promise<void> => {
    for (;;) {
      await systemClock.sleep(everyMs, abort.signal)
      if (abort.signal.aborted) return
      try {
        await look()
      } catch (error) {
        failed(error)
      }
    }
  }
  const looking = keepLooking()
  return {
    stop() {
      abort.abort()
      return looking
    },
  }
}
