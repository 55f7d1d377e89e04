import type { Part } from './base/supervisor.ts'
import type { Role } from './config.ts'

/** A part without its place in the order. */
export type Runnable = Pick<Part, 'start' | 'stop'>

/** Everything a process may run. */
export interface AppParts {
  readonly sending: Runnable
  /** Ends the sessions of people's disconnected accounts. */
  readonly sessions: Runnable
  readonly jobs: Runnable
  readonly events: Runnable
  readonly schedule: Runnable
  /** Says what people of the panel are to be told, and watches for faults. */
  readonly notices: Runnable
  readonly inbox: Runnable
  /** Answers what accounts with drafts or a model owe. */
  readonly answers: Runnable
  readonly polling: Runnable
  /** Tells those above when accounts change. */
  readonly lookout: Runnable
  readonly http: Runnable
}

interface PartSpec {
  readonly dependsOn: readonly (keyof AppParts)[]
  readonly roles: readonly Role[]
}

/**
 * What each part needs and which roles run it. Parts start in this order and stop in the reverse: what brings new work
 * in comes last and goes first, what sends is there before anything asks for it.
 */
const SPECS: Readonly<Record<keyof AppParts, PartSpec>> = {
  sending: { dependsOn: [], roles: ['all', 'worker'] },
  sessions: { dependsOn: [], roles: ['all', 'worker'] },
  jobs: { dependsOn: [], roles: ['all', 'worker'] },
  events: { dependsOn: ['jobs'], roles: ['all', 'worker'] },
  schedule: { dependsOn: ['jobs'], roles: ['all', 'worker'] },
  notices: { dependsOn: [], roles: ['all', 'worker'] },
  answers: { dependsOn: ['sending'], roles: ['all', 'worker'] },
  inbox: { dependsOn: [], roles: ['all', 'updates'] },
  polling: { dependsOn: [], roles: ['all', 'updates'] },
  lookout: { dependsOn: [], roles: ['all', 'updates', 'worker'] },
  http: { dependsOn: [], roles: ['all', 'api', 'updates', 'worker'] },
}

/** The parts of a role, as the supervisor takes them. */
export const partsFor = (role: Role, parts: AppParts): readonly Part[] =>
  (Object.keys(SPECS) as (keyof AppParts)[])
    .filter((name) => SPECS[name].roles.includes(role))
    .map((name) => ({
      name,
      dependsOn: SPECS[name].dependsOn,
      start: (failed) => parts[name].start(failed),
      stop: async () => parts[name].stop?.(),
    }))
