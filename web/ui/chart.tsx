import { useComputedColorScheme } from '@mantine/core'
import { BarChart, LineChart } from 'echarts/charts'
import { GridComponent, LegendComponent, TooltipComponent } from 'echarts/components'
import { type EChartsCoreOption, type EChartsType, init, use as registerParts } from 'echarts/core'
import { SVGRenderer } from 'echarts/renderers'
import { useEffect, useRef } from 'react'

registerParts([BarChart, LineChart, GridComponent, LegendComponent, TooltipComponent, SVGRenderer])

export type ChartOption = EChartsCoreOption

interface ChartProps {
  /** What the picture shows, for those who do not see it. */
  readonly label: string
  readonly option: ChartOption
}

const HEIGHT_PX = 280

const Drawing = ({ label, option, scheme }: ChartProps & { readonly scheme: 'light' | 'dark' }) => {
  const place = useRef<HTMLElement>(null)
  const drawn = useRef<EChartsType | null>(null)
  useEffect(() => {
    const element = place.current
    if (!element) return
    const chart = init(element, scheme === 'dark' ? 'dark' : undefined, { renderer: 'svg' })
    drawn.current = chart
    const watch = new ResizeObserver(() => chart.resize())
    watch.observe(element)
    return () => {
      watch.disconnect()
      chart.dispose()
      drawn.current = null
    }
  }, [scheme])
  useEffect(() => {
    drawn.current?.setOption({ backgroundColor: 'transparent', ...option }, true)
  }, [option])
  return <figure ref={place} aria-label={label} dir="ltr" style={{ height: HEIGHT_PX, margin: 0 }} />
}

/**
 * A chart, loaded with the first screen that shows one. It is drawn from left to right in every language: mirrored labels
 * overlap.
 */
export const Chart = (props: ChartProps) => {
  const scheme = useComputedColorScheme('light')
  // A drawing keeps the colours it was made with.
  return <Drawing key={scheme} scheme={scheme} {...props} />
}
