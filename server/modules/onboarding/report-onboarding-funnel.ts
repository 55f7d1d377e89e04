import { invalid } from '#server/base/errors.ts'
import type { OperatorTx } from '#server/db/tenant-scope.ts'

import { type DurationKpi, KPI_GOALS, type RatioKpi, ratioKpi, setUpKpi } from './funnel.rules.ts'
import { type Span, type StepCount, selectOutcomes, selectStepCounts } from './funnel.store.ts'

export type FunnelStep = Omit<StepCount, 'group' | 'name'>

export interface OnboardingFunnel extends Span {
  readonly started: number
  readonly steps: readonly FunnelStep[]
  readonly byVariant: Readonly<Record<string, readonly FunnelStep[]>>
  readonly bySurface: Readonly<Record<string, readonly FunnelStep[]>>
  readonly kpis: {
    /** Active, of those who chose a package and are active or over. */
    readonly success: RatioKpi
    /** Paid, of those who chose a package that costs something and have paid or are over. */
    readonly payment: RatioKpi
    /** From the start to an account that works, of those who have one. */
    readonly setUp: DurationKpi
  }
}

const byName = (rows: readonly StepCount[], wanted: StepCount['group']) => {
  const of: Record<string, FunnelStep[]> = {}
  for (const { group, name, ...step } of rows) if (group === wanted) (of[name] ??= []).push(step)
  return of
}

/**
 * The way of those who began in the span, step by step, and what it is held to: counted from the steps and events that
 * were written, nothing assumed. Who is still on the way counts in the steps and in no share. For operators. Errors:
 * `invalid/period_empty`.
 */
export const reportOnboardingFunnel = async (tx: OperatorTx, span: Span): Promise<OnboardingFunnel> => {
  if (span.until <= span.since) throw invalid('period_empty', 'until')
  const rows = await selectStepCounts(tx, span)
  const outcomes = await selectOutcomes(tx, span)
  return {
    ...span,
    started: outcomes.started,
    steps: byName(rows, 'all')[''] ?? [],
    byVariant: byName(rows, 'variant'),
    bySurface: byName(rows, 'surface'),
    kpis: {
      success: ratioKpi(outcomes.activated, outcomes.decided, KPI_GOALS.successRatio),
      payment: ratioKpi(outcomes.paid, outcomes.asked, KPI_GOALS.paymentRatio),
      setUp: setUpKpi(outcomes.medianSetUpMs, outcomes.activated),
    },
  }
}
