import type { DeliveryState } from '#contract/words.ts'

/** How far deliveries came. Each figure counts deliveries; holdouts are apart. */
export interface Funnel {
  readonly planned: number
  readonly sent: number
  readonly clicked: number
  readonly responded: number
  readonly converted: number
  readonly optedOut: number
  readonly blocked: number
}

/** The funnel of those that share one value of a dimension. */
export interface FunnelRow extends Funnel {
  readonly key: string
}

/** Deliveries that share a state, and what came of them. */
export interface FunnelPart extends Omit<Funnel, 'sent'> {
  readonly state: DeliveryState
}

/** A send nobody can vouch for counts as sent. Pure and total. */
export const funnelOf = (parts: readonly FunnelPart[]): Funnel => {
  const sum = (figure: keyof Omit<Funnel, 'sent'>, of = parts) => of.reduce((total, part) => total + part[figure], 0)
  return {
    planned: sum('planned'),
    sent: sum(
      'planned',
      parts.filter(({ state }) => state === 'sent' || state === 'unknown'),
    ),
    clicked: sum('clicked'),
    responded: sum('responded'),
    converted: sum('converted'),
    optedOut: sum('optedOut'),
    blocked: sum('blocked'),
  }
}

/** A funnel for each value of a dimension, in its order; parts without a value are left out. Pure and total. */
export const funnelsBy = <P extends FunnelPart>(
  parts: readonly P[],
  keyOf: (part: P) => string | null,
): readonly FunnelRow[] =>
  [...Map.groupBy(parts, keyOf)]
    .flatMap(([key, of]) => (key === null ? [] : [{ key, ...funnelOf(of) }]))
    .toSorted((a, b) => (a.key < b.key ? -1 : 1))
