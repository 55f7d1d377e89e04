/** A bar a segment, the largest on top. */
export const sizesOption = (names: readonly string[], sizes: readonly number[]) => ({
  grid: { left: 8, right: 24, top: 8, bottom: 24, containLabel: true },
  tooltip: { trigger: 'axis' },
  xAxis: { type: 'value', minInterval: 1 },
  yAxis: { type: 'category', inverse: true, data: [...names] },
  series: [{ type: 'bar', data: [...sizes], itemStyle: { color: '#0b7285' } }],
})
