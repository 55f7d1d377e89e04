import type { OverviewWidget, WidgetWidth } from '#contract/words.ts'

/** One part of a screen: whether it is there, and how wide. */
export interface Widget {
  readonly name: OverviewWidget
  readonly isShown: boolean
  readonly width: WidgetWidth
}

/** How somebody arranged a screen. */
export interface Layout {
  readonly widgets: readonly Widget[]
  /** Counts changes; 0 before the first. */
  readonly version: number
  /** Epoch ms; null before the first change. */
  readonly updatedAt: number | null
}

/** The order of whoever changed nothing. */
const DEFAULT: readonly Widget[] = [
  { name: 'figures', isShown: true, width: 'full' },
  { name: 'warnings', isShown: true, width: 'half' },
  { name: 'next', isShown: true, width: 'half' },
  { name: 'today', isShown: true, width: 'half' },
  { name: 'trend', isShown: true, width: 'half' },
  { name: 'campaigns', isShown: true, width: 'full' },
]

/**
 * Every widget once: those that were arranged as they were (the first of two that are named alike), then those that came
 * with a later version of the product.
 */
export const completeWidgets = (arranged: readonly Widget[]): readonly Widget[] => {
  const known = new Map<string, Widget>()
  for (const widget of arranged)
    if (!known.has(widget.name) && DEFAULT.some(({ name }) => name === widget.name)) known.set(widget.name, widget)
  return [...known.values(), ...DEFAULT.filter(({ name }) => !known.has(name))]
}

/** Whether two arrangements look the same. */
export const areAlike = (one: readonly Widget[], other: readonly Widget[]): boolean => {
  const [a, b] = [completeWidgets(one), completeWidgets(other)]
  return a.every(({ name, isShown, width }, i) => {
    const beside = b[i]
    return beside?.name === name && beside.isShown === isShown && beside.width === width
  })
}
