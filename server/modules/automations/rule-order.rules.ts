import type { Rule } from './rule.rules.ts'

type Placed = Pick<Rule, 'id' | 'priority'>

/** What stands before the first rule and after the last: priorities are 1–1000. */
const [ABOVE, BELOW] = [1_001, 0]

/** Whether `a` and `b` may keep their priorities with so many rules between them that get one of their own. */
const leavesRoom = (a: Placed, b: Placed, between: number): boolean =>
  between === 0
    ? a.priority > b.priority || (a.priority === b.priority && a.id < b.id)
    : a.priority - b.priority > between

/** The longest row of rules that may keep their priorities; the first and the last of `line` are its ends. */
const keptOf = (line: readonly Placed[]): readonly number[] => {
  const best: { readonly length: number; readonly before: number }[] = [{ length: 0, before: -1 }]
  for (let j = 1; j < line.length; j += 1) {
    let found = { length: -1, before: -1 }
    for (let i = 0; i < j; i += 1) {
      const [a, b, length] = [line[i], line[j], best[i]?.length ?? -1]
      if (a && b && length >= 0 && length + 1 > found.length && leavesRoom(a, b, j - i - 1))
        found = { length: length + 1, before: i }
    }
    best.push(found)
  }
  const kept: number[] = []
  for (let at = line.length - 1; at >= 0; at = best[at]?.before ?? -1) kept.unshift(at)
  return kept
}

/**
 * Priorities, by id, with which rules are asked in this order: only of those that need another one, and of as few as
 * possible. At most 1 000 rules. Pure.
 */
export const prioritiesFor = (order: readonly Placed[]): ReadonlyMap<number, number> => {
  const line = [{ id: 0, priority: ABOVE }, ...order, { id: Number.MAX_SAFE_INTEGER, priority: BELOW }]
  const kept = keptOf(line)
  const changed = new Map<number, number>()
  for (const [n, from] of kept.entries()) {
    const to = kept[n + 1]
    const [upper, lower] = [line[from], to === undefined ? undefined : line[to]]
    if (to === undefined || !upper || !lower) break
    const step = (upper.priority - lower.priority) / (to - from)
    for (let i = from + 1; i < to; i += 1) {
      const rule = line[i]
      if (rule) changed.set(rule.id, Math.floor(upper.priority - step * (i - from)))
    }
  }
  return changed
}
