import type { ModelPurpose } from '#contract/words.ts'
import { DAY_MS } from '#server/base/duration.ts'
import { localDay } from '#server/base/local-time.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import { type Access, requireCan } from '#server/modules/tenancy/index.ts'

import { findTimeZone } from './model.store.ts'
import { type UsageRow, listUsageByDay, measureLatency } from './usage.store.ts'
import type { ModelOutcome } from './use.rules.ts'

/** What questions of one day and purpose used. */
export interface ModelUsage {
  /** `YYYY-MM-DD` in the tenant's time zone. */
  readonly day: string
  readonly purpose: ModelPurpose
  readonly questions: number
  readonly answered: number
  readonly inputTokens: number
  readonly outputTokens: number
}

export interface ModelUsageReport {
  readonly days: readonly ModelUsage[]
  /** How many questions ended how. */
  readonly outcomes: Readonly<Partial<Record<ModelOutcome, number>>>
  readonly tokens: number
  /** Of answers that the model gave; null when there was none. */
  readonly latencyMs: { readonly median: number; readonly p95: number } | null
}

/** What the tenant's questions of the last `days` days (1–400) used, by day and purpose, oldest first. Errors: `forbidden`. */
export const reportModelUsage = async (
  tx: TenantTx,
  access: Access,
  { days, at }: { readonly days: number; readonly at: number },
): Promise<ModelUsageReport> => {
  requireCan(access, 'settings.view')
  const timeZone = await findTimeZone(tx)
  const firstDay = localDay(at - (days - 1) * DAY_MS, timeZone)
  const rows = await listUsageByDay(tx, { timeZone, firstDay })
  const outcomes: Partial<Record<ModelOutcome, number>> = {}
  for (const { outcome, questions } of rows) outcomes[outcome] = (outcomes[outcome] ?? 0) + questions
  return {
    days: [...Map.groupBy(rows, ({ day, purpose }) => `${day} ${purpose}`).values()].map(sumOf),
    outcomes,
    tokens: rows.reduce((sum, row) => sum + row.inputTokens + row.outputTokens, 0),
    latencyMs: await measureLatency(tx, { timeZone, firstDay }),
  }
}

const sumOf = (rows: readonly UsageRow[]): ModelUsage => {
  const [first] = rows as [UsageRow, ...UsageRow[]]
  const sum = (of: (row: UsageRow) => number) => rows.reduce((total, row) => total + of(row), 0)
  return {
    day: first.day,
    purpose: first.purpose,
    questions: sum((row) => row.questions),
    answered: sum((row) => (row.outcome === 'answered' || row.outcome === 'cached' ? row.questions : 0)),
    inputTokens: sum((row) => row.inputTokens),
    outputTokens: sum((row) => row.outputTokens),
  }
}
