/** How many features each letter has; ids run from 1 without gaps. */
const COUNTS = { A: 23, B: 23, C: 33, D: 23, E: 11, F: 8, G: 21, H: 21, I: 27, J: 12, K: 22, L: 34 } as const
const STATES = ['built', 'partly', 'not built']
const ROW = /^\| ([A-Z]\d+) \| ([^|]*) \| ([^|]*) \| ?([^|]*)\|$/gm

/** What is wrong with the feature list in `markdown`; empty when nothing is. */
export const featureFaults = (markdown: string): readonly string[] => {
  const rows = [...markdown.matchAll(ROW)].map(([, id = '', name = '', state = '', evidence = '']) => ({
    id,
    name: name.trim(),
    state: state.trim(),
    evidence: evidence.trim(),
  }))
  const wanted = Object.entries(COUNTS).flatMap(([letter, count]) =>
    Array.from({ length: count }, (_, i) => `${letter}${i + 1}`),
  )
  const times = new Map<string, number>()
  for (const { id } of rows) times.set(id, (times.get(id) ?? 0) + 1)
  return [
    ...wanted.filter((id) => !times.has(id)).map((id) => `${id}: missing`),
    ...[...times].filter(([, count]) => count > 1).map(([id, count]) => `${id}: stands ${count} times`),
    ...[...times.keys()].filter((id) => !wanted.includes(id)).map((id) => `${id}: unknown`),
    ...rows.filter(({ name }) => name === '').map(({ id }) => `${id}: no name`),
    ...rows.filter(({ state }) => !STATES.includes(state)).map(({ id, state }) => `${id}: unknown state "${state}"`),
    ...rows
      .filter(({ state, evidence }) => state !== 'not built' && evidence === '')
      .map(({ id, state }) => `${id}: ${state}, but no evidence`),
  ]
}
