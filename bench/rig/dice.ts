/** Chance that repeats: mulberry32 on a seed. */
export interface Dice {
  /** A whole number from `min` to `max`, both possible. */
  between(min: number, max: number): number
}

export const createDice = (seed: number): Dice => {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
  return { between: (min, max) => min + Math.floor(next() * (max - min + 1)) }
}
