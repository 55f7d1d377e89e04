import { type Interval, wilsonInterval } from '#server/base/interval.ts'
import { notFound } from '#server/base/errors.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

import { findFunnel } from './funnel.store.ts'
import { type Period, type Revenue, type StageFigures, selectRevenue, selectStageFigures } from './report.store.ts'

export interface StageReport extends StageFigures {
  /** Share of those who came that went on, 0–1; null where nobody came. */
  readonly wentOnRatio: number | null
  /** Wilson, 95 %. */
  readonly wentOnInterval: Interval
}

export interface FunnelReport extends Period {
  readonly funnel: string
  readonly version: number
  /** In the order of the version in force; stages of former versions follow. */
  readonly stages: readonly StageReport[]
  readonly revenue: readonly Revenue[]
}

const NOBODY = { entered: 0, wentOn: 0, lost: 0, medianMs: null } as const

const reportStage = (figures: StageFigures): StageReport => ({
  ...figures,
  wentOnRatio: figures.entered === 0 ? null : figures.wentOn / figures.entered,
  wentOnInterval: wilsonInterval(figures.wentOn, figures.entered),
})

/**
 * How people went through a funnel: who came to each stage in the period, how many went on since with the interval of
 * that share, how long half of them stayed, and what it brought. Errors: `not_found`.
 */
export const reportFunnel = async (tx: TenantTx, name: string, period: Period): Promise<FunnelReport> => {
  const funnel = await findFunnel(tx, name)
  if (!funnel) throw notFound('funnel', name)
  const figures = await selectStageFigures(tx, name, period)
  const byStage = new Map(figures.map((one) => [one.stage, one]))
  const { stages } = funnel.definition
  const known = stages.map(({ name: stage, kind }) => byStage.get(stage) ?? { stage, kind, ...NOBODY })
  const former = figures.filter(({ stage }) => !stages.some((one) => one.name === stage))
  return {
    ...period,
    funnel: name,
    version: funnel.version,
    stages: [...known, ...former].map(reportStage),
    revenue: await selectRevenue(tx, name, period),
  }
}
