import { createHash } from 'node:crypto'

/** A source of chance; the only one the server uses, so a seed makes a run repeatable. */
export interface Random {
  /** Uniform in [0, 1). */
  next(): number
}

/** Mulberry32: 32-bit state, passes gjrand's small tests; never for secrets. */
export const seededRandom = (seed: number): Random => {
  let state = seed >>> 0
  return {
    next() {
      state = (state + 0x6d2b79f5) >>> 0
      let t = state
      t = Math.imul(t ^ (t >>> 15), t | 1)
      t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
      return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
    },
  }
}

/** A stable number in [0, 1) for these parts: the same person lands in the same bucket on every machine. */
export const bucketOf = (...parts: readonly (string | number)[]): number =>
  createHash('sha256').update(parts.join('\u0000')).digest().readUInt32BE(0) / 4_294_967_296
