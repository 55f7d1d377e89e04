import type { api } from '#contract/api.ts'
import type { RouteOutput } from '#contract/route.ts'

type Day = RouteOutput<typeof api.groups.get>['days'][number]

const axes = (days: readonly Day[]) => ({
  grid: { left: 40, right: 12, top: 32, bottom: 28 },
  legend: { top: 0 },
  tooltip: { trigger: 'axis' },
  xAxis: { type: 'category', data: days.map(({ on }) => on.slice(5)) },
  yAxis: { type: 'value', minInterval: 1 },
})

/** Those who came above, those who went below, and what that makes over the days. */
export const growthOption = (days: readonly Day[], [joined, left, net]: readonly [string, string, string]) => {
  let sum = 0
  const sums = days.map((day) => (sum += day.joined - day.left))
  return {
    ...axes(days),
    series: [
      {
        type: 'bar',
        name: joined,
        stack: 'moves',
        data: days.map((day) => day.joined),
        itemStyle: { color: '#0b7285' },
      },
      { type: 'bar', name: left, stack: 'moves', data: days.map((day) => -day.left), itemStyle: { color: '#c2410c' } },
      { type: 'line', name: net, showSymbol: false, data: sums, itemStyle: { color: '#5c6b76' } },
    ],
  }
}

/** Messages, and the people who wrote them, over the days. */
export const talkOption = (days: readonly Day[], [messages, active]: readonly [string, string]) => ({
  ...axes(days),
  series: [
    { type: 'line', name: messages, showSymbol: false, smooth: 0.2, data: days.map((day) => day.messages) },
    { type: 'line', name: active, showSymbol: false, smooth: 0.2, data: days.map((day) => day.active) },
  ],
})
