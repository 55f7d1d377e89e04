/** A bar a row, the first on top, for the chart. */
export const barsOption = (names: readonly string[], values: readonly number[]) => ({
  grid: { left: 130, right: 48, top: 8, bottom: 24 },
  tooltip: { trigger: 'item' },
  xAxis: { type: 'value', minInterval: 1 },
  yAxis: { type: 'category', inverse: true, data: [...names], axisLabel: { width: 120, overflow: 'truncate' } },
  series: [{ type: 'bar', data: [...values], barMaxWidth: 28, label: { show: true, position: 'right' } }],
})
