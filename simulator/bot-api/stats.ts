/** What the Bot API face answered so far. */
export type Stats = {
  readonly note: (method: string, isOk: boolean, description: string | null) => void
  readonly noteFault: (kind: string) => void
  readonly read: () => StatsView
  readonly reset: () => void
}

export type StatsView = {
  readonly calls: Readonly<Record<string, { readonly ok: number; readonly failed: number }>>
  /** Failed answers by description; the seconds of a 429 are left out. */
  readonly failures: Readonly<Record<string, number>>
  readonly faults: Readonly<Record<string, number>>
}

/** Creates empty counters. */
export function createStats(): Stats {
  const calls = new Map<string, { ok: number; failed: number }>()
  const failures = new Map<string, number>()
  const faults = new Map<string, number>()
  return {
    note(method, isOk, description) {
      let call = calls.get(method)
      if (!call) calls.set(method, (call = { ok: 0, failed: 0 }))
      if (isOk) call.ok += 1
      else call.failed += 1
      if (description === null) return
      const key = description.replace(/retry after \d+/, 'retry after')
      failures.set(key, (failures.get(key) ?? 0) + 1)
    },
    noteFault: (kind) => void faults.set(kind, (faults.get(kind) ?? 0) + 1),
    read: () => ({
      calls: Object.fromEntries(calls),
      failures: Object.fromEntries(failures),
      faults: Object.fromEntries(faults),
    }),
    reset() {
      calls.clear()
      failures.clear()
      faults.clear()
    },
  }
}
