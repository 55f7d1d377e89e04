/** The lines that differ, `-` before those of `before` alone and `+` before those of `after` alone, in reading order. */
export const lineDiff = (before: string, after: string): string => {
  const a = before.split('\n')
  const b = after.split('\n')
  const common = commonLengths(a, b)
  const out: string[] = []
  let i = 0
  let j = 0
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      i += 1
      j += 1
    } else if (j >= b.length || (i < a.length && at(common, i + 1, j) >= at(common, i, j + 1))) {
      out.push(`- ${a[i]}`)
      i += 1
    } else {
      out.push(`+ ${b[j]}`)
      j += 1
    }
  }
  return out.join('\n')
}

const at = (table: readonly Uint32Array[], i: number, j: number): number => table[i]?.[j] ?? 0

/** Cell (i, j) is the length of the longest common subsequence of the lines from i and from j on. */
const commonLengths = (a: readonly string[], b: readonly string[]): readonly Uint32Array[] => {
  const table = Array.from({ length: a.length + 1 }, () => new Uint32Array(b.length + 1))
  for (let i = a.length - 1; i >= 0; i -= 1) {
    const row = table[i] as Uint32Array
    for (let j = b.length - 1; j >= 0; j -= 1) {
      row[j] = a[i] === b[j] ? at(table, i + 1, j + 1) + 1 : Math.max(at(table, i + 1, j), at(table, i, j + 1))
    }
  }
  return table
}
