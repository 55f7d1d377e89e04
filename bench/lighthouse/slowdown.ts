/**
 * By how much Lighthouse should slow a machine down to play a phone of the middle class, by the machine's `benchmarkIndex`:
 * what Lighthouse's own calculator says (https://lighthouse-cpu-throttling-calculator.vercel.app, which its page on
 * throttling points to). Its constant of 4 is meant for an index of 1533. Between the points it is a straight line.
 */
const POINTS = [
  [150, 1],
  [800, 2],
  [1300, 3],
  [1533, 4],
] as const

/** `index` as a report's `environment.benchmarkIndex`. Errors: a machine below 150 is slower than the phone itself. */
export const slowdownFor = (index: number): number => {
  const above = POINTS.findIndex(([at]) => index < at)
  if (above === 0) throw new Error(`a machine with a benchmark index of ${index} is too slow to play a phone`)
  // The last line goes on.
  const end = above === -1 ? POINTS.length - 1 : above
  const [[fromIndex, from], [toIndex, to]] = [POINTS[end - 1] ?? POINTS[0], POINTS[end] ?? POINTS[1]]
  return from + ((index - fromIndex) / (toIndex - fromIndex)) * (to - from)
}
