/**
 * What goes wrong with method calls of people's clients:
 * - `refuse`: any `code` and `text`, such as 420 `FLOOD_WAIT_30` or 400 `PEER_FLOOD`
 * - `drop_before`, `drop_after`: the connection is cut without an answer, before or after Telegram accepted the call
 * - `silent_after`: Telegram accepts the call and never answers it, on a connection that stays
 */
export const RPC_FAULT_KINDS = ['refuse', 'drop_before', 'drop_after', 'silent_after'] as const

export type RpcFaultInput = {
  readonly kind: (typeof RPC_FAULT_KINDS)[number]
  /** Every method when absent. */
  readonly method?: string | undefined
  readonly userId?: number | undefined
  /** Strikes this often, then is spent; for ever when absent. */
  readonly times?: number | undefined
  readonly code?: number | undefined
  readonly text?: string | undefined
}

type RpcFault = RpcFaultInput & { readonly id: number; struck: number }

export type RpcFaults = {
  readonly add: (input: RpcFaultInput) => number
  readonly clear: () => void
  /** The first rule that strikes this call, or null. */
  readonly strike: (method: string, userId: number | null) => RpcFault | null
}

export function createRpcFaults(): RpcFaults {
  const faults: RpcFault[] = []
  return {
    add(input) {
      const fault: RpcFault = { ...input, id: faults.length + 1, struck: 0 }
      faults.push(fault)
      return fault.id
    },
    clear() {
      faults.length = 0
    },
    strike(method, userId) {
      const found = faults.find(
        (fault) =>
          (fault.method === undefined || fault.method === method) &&
          (fault.userId === undefined || fault.userId === userId) &&
          (fault.times === undefined || fault.struck < fault.times),
      )
      if (found) found.struck += 1
      return found ?? null
    },
  }
}
