import type { api } from '#contract/api.ts'
import type { RouteOutput } from '#contract/route.ts'
import type { ModelPurpose } from '#contract/words.ts'

type Day = RouteOutput<typeof api.llm.usage>['days'][number]

/** Tokens by day, a colour for each purpose, one on the other. */
export const usageOption = (days: readonly Day[], purposes: readonly ModelPurpose[], names: readonly string[]) => {
  const on = [...new Set(days.map(({ day }) => day))]
  const tokensOf = (purpose: ModelPurpose, day: string): number => {
    const row = days.find((one) => one.day === day && one.purpose === purpose)
    return row === undefined ? 0 : row.inputTokens + row.outputTokens
  }
  return {
    grid: { left: 56, right: 16, top: 32, bottom: 24 },
    legend: { top: 0 },
    tooltip: { trigger: 'axis' },
    xAxis: { type: 'category', data: on },
    yAxis: { type: 'value', minInterval: 1 },
    series: purposes.map((purpose, i) => ({
      type: 'bar',
      name: names[i] ?? purpose,
      stack: 'tokens',
      barMaxWidth: 28,
      data: on.map((day) => tokensOf(purpose, day)),
    })),
  }
}
