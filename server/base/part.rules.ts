import { AppError } from './errors.ts'

/** What the start order needs to know of a part. */
export interface PartNode {
  readonly name: string
  readonly dependsOn?: readonly string[]
}

/**
 * The parts with every dependency before its dependents; otherwise in the order given. Errors: `invalid` with
 * `part_duplicate`, `part_unknown_dependency`, or `part_cycle` naming the cycle.
 */
export const orderParts = <P extends PartNode>(parts: readonly P[]): readonly P[] => {
  const byName = new Map<string, P>()
  for (const part of parts) {
    if (byName.has(part.name)) throw new AppError('invalid', 'part_duplicate', { part: part.name })
    byName.set(part.name, part)
  }
  const ordered: P[] = []
  const state = new Map<string, 'open' | 'done'>()
  const visit = (part: P, trail: readonly string[]) => {
    if (state.get(part.name) === 'done') return
    if (state.get(part.name) === 'open') {
      const cycle = [...trail.slice(trail.indexOf(part.name)), part.name]
      throw new AppError('invalid', 'part_cycle', { cycle: cycle.join(' → ') })
    }
    state.set(part.name, 'open')
    for (const name of part.dependsOn ?? []) {
      const dependency = byName.get(name)
      if (!dependency) throw new AppError('invalid', 'part_unknown_dependency', { part: part.name, dependency: name })
      visit(dependency, [...trail, part.name])
    }
    state.set(part.name, 'done')
    ordered.push(part)
  }
  for (const part of parts) visit(part, [])
  return ordered
}

/** The parts that need `name`, directly or through others. */
export const dependentsOf = (parts: readonly PartNode[], name: string): ReadonlySet<string> => {
  const found = new Set<string>()
  const queue = [name]
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    for (const part of parts) {
      if (part.dependsOn?.includes(next) && !found.has(part.name)) {
        found.add(part.name)
        queue.push(part.name)
      }
    }
  }
  return found
}

export interface RestartPolicy {
  readonly firstDelayMs: number
  readonly longestDelayMs: number
  /** This many failures inside `crashWindowMs` are a crash loop: the part is reported as unhealthy. */
  readonly crashLimit: number
  readonly crashWindowMs: number
}

/** A part is back within a second after one failure; five failures in five minutes are a crash loop. */
export const DEFAULT_RESTART_POLICY: RestartPolicy = {
  firstDelayMs: 500,
  longestDelayMs: 60_000,
  crashLimit: 5,
  crashWindowMs: 300_000,
}

export interface RestartDecision {
  readonly delayMs: number
  readonly crashLoop: boolean
}

/**
 * When to start a failed part again: the delay doubles with each failure inside the window, with up to a quarter of
 * jitter so that processes do not return in step. A crash loop is tried again at the longest delay, so a part that
 * waited out somebody else's outage heals without a person. `failedAts` are the instants of failures, newest last;
 * `chance` is in [0, 1).
 */
export const decideRestart = (
  failedAts: readonly number[],
  now: number,
  chance: number,
  policy: RestartPolicy,
): RestartDecision => {
  const recent = failedAts.filter((at) => at > now - policy.crashWindowMs).length
  const crashLoop = recent >= policy.crashLimit
  const base = crashLoop ? policy.longestDelayMs : policy.firstDelayMs * 2 ** Math.max(0, recent - 1)
  return { delayMs: Math.round(Math.min(policy.longestDelayMs, base) * (1 + chance / 4)), crashLoop }
}
