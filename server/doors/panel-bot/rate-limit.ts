const WINDOW_MS = 60_000
/** Commands and presses of one person within a minute. */
export const RATE_MAX = 20
/** People remembered; beyond it the longest silent are forgotten. */
const REMEMBERED = 5_000

export type Pace = 'free' | 'told' | 'silent'

/** Counts what each person asks for. One process works a bot at a time, so it need not be kept anywhere else. */
export class RateLimit {
  readonly #asked = new Map<number, { readonly updates: Map<number, number>; toldAt: number }>()

  /** `told` once a minute for whoever asks too much, `silent` for what they ask beyond that. */
  take(telegramId: number, updateId: number, now: number): Pace {
    const entry = this.#asked.get(telegramId) ?? { updates: new Map<number, number>(), toldAt: -WINDOW_MS }
    this.#asked.delete(telegramId)
    this.#asked.set(telegramId, entry)
    for (const [id, at] of entry.updates) if (now - at >= WINDOW_MS) entry.updates.delete(id)
    for (const oldest of this.#asked.keys()) {
      if (this.#asked.size <= REMEMBERED) break
      this.#asked.delete(oldest)
    }
    if (entry.updates.has(updateId)) return 'free'
    if (entry.updates.size < RATE_MAX) {
      entry.updates.set(updateId, now)
      return 'free'
    }
    if (now - entry.toldAt < WINDOW_MS) return 'silent'
    entry.toldAt = now
    return 'told'
  }
}
