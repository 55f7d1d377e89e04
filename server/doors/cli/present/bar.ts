const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'] as const

/** A bar of at most `width` cells for `value` out of `max`, exact to an eighth of a cell; something small is still seen. */
export const renderBar = (value: number, max: number, width: number): string => {
  if (max <= 0 || value <= 0) return ''
  const eighths = Math.max(1, Math.round((Math.min(value, max) / max) * width * 8))
  return '█'.repeat(Math.floor(eighths / 8)) + (EIGHTHS[eighths % 8] ?? '')
}

const LEVELS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] as const

/** One character a value, its height by the value; a blank for nothing at all. For the hours of a day. */
export const renderSpark = (values: readonly number[]): string => {
  const max = Math.max(0, ...values)
  return values
    .map((value) => (value <= 0 ? ' ' : (LEVELS[Math.ceil((value / max) * LEVELS.length) - 1] ?? ' ')))
    .join('')
}
