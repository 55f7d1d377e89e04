import type { Random } from '#simulator/random.ts'

/**
 * What goes wrong:
 * - `drop_before`, `drop_after`: the connection is cut without an answer, before or after Telegram accepted the call
 * - `hang_before`, `hang_after`: the same, but the connection stays open and silent
 * - `bad_gateway`: an HTML 502 page, nothing accepted; `bad_gateway_after` accepts first
 * - `restart`: 500 `Internal Server Error: restart`
 * - `too_many_requests`: a 429 of `retryAfter` seconds that the simulator then also enforces
 * - `blocked`, `deactivated`, `not_started`, `chat_not_found`, `kicked`: the matching refusal
 * - `conflict`: 409, as if a second program polled with the token
 * - `unauthorized`: 401, as if the token had been revoked
 * - `slow`: the answer comes `delayMs` of real time later
 * - `error`: any `code` and `description`
 */
export const FAULT_KINDS = [
  'drop_before',
  'drop_after',
  'hang_before',
  'hang_after',
  'bad_gateway',
  'bad_gateway_after',
  'restart',
  'too_many_requests',
  'blocked',
  'deactivated',
  'not_started',
  'chat_not_found',
  'kicked',
  'conflict',
  'unauthorized',
  'slow',
  'error',
] as const
export type FaultKind = (typeof FAULT_KINDS)[number]

export type FaultInput = {
  readonly kind: FaultKind
  /** Method names without regard to case; every method when absent. */
  readonly methods?: readonly string[] | undefined
  readonly botId?: number | undefined
  readonly chatId?: number | undefined
  /** 0–1, 1 when absent. */
  readonly probability?: number | undefined
  /** Strikes this often, then is spent. */
  readonly times?: number | undefined
  /** Lets this many matching calls pass first. */
  readonly skip?: number | undefined
  /** Seconds, or a range to draw from. */
  readonly retryAfter?: number | readonly [number, number] | undefined
  readonly delayMs?: number | undefined
  readonly code?: number | undefined
  readonly description?: string | undefined
}

export type Fault = FaultInput & { readonly id: number; struck: number; passed: number }

export type Faults = {
  readonly add: (input: FaultInput) => Fault
  readonly remove: (id: number) => boolean
  readonly clear: () => void
  readonly list: () => readonly Fault[]
  /** The first rule that strikes this call, or null. `method` is in lower case. */
  readonly strike: (method: string, botId: number, chatId: number | undefined) => Fault | null
  readonly drawRetryAfter: (fault: Fault) => number
}

/** Creates an empty set of faults; chance comes from its own seeded stream. */
export function createFaults(random: Random): Faults {
  const faults: Fault[] = []
  let nextId = 1
  return {
    add(input) {
      const fault: Fault = { ...input, id: nextId++, struck: 0, passed: 0 }
      faults.push(fault)
      return fault
    },
    remove(id) {
      const index = faults.findIndex((fault) => fault.id === id)
      if (index >= 0) faults.splice(index, 1)
      return index >= 0
    },
    clear() {
      faults.length = 0
    },
    list: () => faults,
    strike(method, botId, chatId) {
      for (const fault of faults) {
        if (fault.botId !== undefined && fault.botId !== botId) continue
        if (fault.chatId !== undefined && fault.chatId !== chatId) continue
        if (fault.methods && !fault.methods.some((name) => name.toLowerCase() === method)) continue
        if (fault.times !== undefined && fault.struck >= fault.times) continue
        if (fault.passed < (fault.skip ?? 0)) {
          fault.passed += 1
          continue
        }
        if (fault.probability !== undefined && !random.chance(fault.probability)) continue
        fault.struck += 1
        return fault
      }
      return null
    },
    drawRetryAfter({ retryAfter = 1 }) {
      return typeof retryAfter === 'number' ? retryAfter : random.int(retryAfter[0], retryAfter[1])
    },
  }
}
