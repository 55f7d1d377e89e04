/** A bar for each local hour of a day; the best ones stand out. */
export const hoursOption = (shares: readonly number[], best: readonly number[]) => ({
  grid: { left: 44, right: 12, top: 16, bottom: 28 },
  tooltip: { trigger: 'axis', valueFormatter: (value: number) => `${value} %` },
  xAxis: { type: 'category', data: shares.map((_, hour) => `${hour}`) },
  yAxis: { type: 'value', axisLabel: { formatter: '{value} %' } },
  series: [
    {
      type: 'bar',
      data: shares.map((share, hour) => ({
        value: Math.round(share * 1_000) / 10,
        itemStyle: { color: best.includes(hour) ? '#0b7285' : '#99a8b4' },
      })),
    },
  ],
})
