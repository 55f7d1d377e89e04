import type { PanelButton } from './reply.ts'
import type { Talk } from './talk.ts'

export interface Page<T> {
  readonly items: readonly T[]
  /** From 0. */
  readonly number: number
  readonly count: number
}

export const PAGE_SIZE = 8

/** A page of a list; a number beyond it, as an old button may carry, gives the nearest. */
export const pageOf = <T>(all: readonly T[], wanted: number, size = PAGE_SIZE): Page<T> => {
  const count = Math.max(1, Math.ceil(all.length / size))
  const number = Math.min(Math.max(0, Math.trunc(Number.isFinite(wanted) ? wanted : 0)), count - 1)
  return { items: all.slice(number * size, (number + 1) * size), number, count }
}

/** Buttons to the pages beside this one, with the number of this one between; none where there is one page. */
export const pageRow = (
  talk: Talk,
  action: string,
  { number, count }: Pick<Page<unknown>, 'number' | 'count'>,
  args: readonly (string | number)[] = [],
): readonly PanelButton[] => {
  if (count < 2) return []
  const to = (page: number, label: string): PanelButton => ({
    label,
    action,
    args: [page, ...args],
    tenantId: talk.tenant?.id ?? 0,
  })
  return [
    ...(number > 0 ? [to(number - 1, '◀️')] : []),
    to(number, `${number + 1}/${count}`),
    ...(number < count - 1 ? [to(number + 1, '▶️')] : []),
  ]
}
