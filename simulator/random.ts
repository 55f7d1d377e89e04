/** Seeded chance: the same seed and the same order of calls give the same world. */
export interface Random {
  /** 0 ≤ x < 1 */
  next(): number
  /** A whole number, both ends included. */
  int(min: number, max: number): number
  chance(probability: number): boolean
  pick<T>(items: readonly T[]): T
  /** An exponentially distributed time with the given mean. */
  exponential(mean: number): number
  /** An independent stream; the label keeps streams apart that are forked from the same parent. */
  fork(label: string): Random
}

/** Creates a stream from a seed, with the sfc32 generator seeded by an FNV-1a hash of the seed's text. */
export function createRandom(seed: string | number): Random {
  const text = String(seed)
  const next = sfc32(hash32(`${text}/a`), hash32(`${text}/b`), hash32(`${text}/c`), hash32(`${text}/d`))
  const random: Random = {
    next,
    int: (min, max) => min + Math.floor(next() * (max - min + 1)),
    chance: (probability) => next() < probability,
    pick(items) {
      const item = items[Math.floor(next() * items.length)]
      if (item === undefined) throw new RangeError('cannot pick from an empty list')
      return item
    },
    exponential: (mean) => -Math.log(1 - next()) * mean,
    fork: (label) => createRandom(`${text}/${label}`),
  }
  for (let round = 0; round < 12; round++) next()
  return random
}

/** 32-bit FNV-1a of a string's UTF-16 units; `basis` gives independent hashes of the same text. */
export function hash32(text: string, basis = 0x811c9dc5): number {
  let hash = basis
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  return hash >>> 0
}

function sfc32(seedA: number, seedB: number, seedC: number, seedD: number): () => number {
  let a = seedA | 0
  let b = seedB | 0
  let c = seedC | 0
  let d = seedD | 0
  return () => {
    const sum = (((a + b) | 0) + d) | 0
    d = (d + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (c << 21) | (c >>> 11)
    c = (c + sum) | 0
    return (sum >>> 0) / 4_294_967_296
  }
}
