import type { api } from '#contract/api.ts'
import type { RouteOutput } from '#contract/route.ts'

type Day = RouteOutput<typeof api.analytics.days>['days'][number]
type Figure = Exclude<keyof Day, 'on'>

export const FIGURES = ['sent', 'answered', 'joined', 'stopped'] as const

export const sumOf = (days: readonly Day[], figure: Figure): number =>
  days.reduce((total, day) => total + day[figure], 0)

/** A line a figure over the days, for the chart. */
export const trendOption = (days: readonly Day[], figures: readonly Figure[], names: readonly string[]) => ({
  grid: { left: 40, right: 12, top: 32, bottom: 28 },
  legend: { top: 0 },
  tooltip: { trigger: 'axis' },
  xAxis: { type: 'category', data: days.map(({ on }) => on.slice(5)) },
  yAxis: { type: 'value', minInterval: 1 },
  series: figures.map((figure, i) => ({
    type: 'line',
    name: names[i],
    smooth: 0.2,
    showSymbol: false,
    data: days.map((day) => day[figure]),
  })),
})

/** A bar for each hour of today, for the chart. */
export const hoursOption = (hours: readonly number[], name: string) => ({
  grid: { left: 40, right: 12, top: 16, bottom: 28 },
  tooltip: { trigger: 'axis' },
  xAxis: { type: 'category', data: hours.map((_, hour) => String(hour)) },
  yAxis: { type: 'value', minInterval: 1 },
  series: [{ type: 'bar', name, data: [...hours], itemStyle: { color: '#0b7285' } }],
})
