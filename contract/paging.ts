import { z } from 'zod'

/** Every list: at most so many, from where the last page ended. */
export const pageQuery = (limitMax: number, limit = 50) =>
  z.object({
    cursor: z.string().max(400).optional().meta({ description: 'The nextCursor of the page before.' }),
    limit: z.coerce.number().int().min(1).max(limitMax).default(limit),
  })

/** A page of a list; `nextCursor` is null after the last. */
export const pageOf = <T extends z.core.$ZodType>(item: T) =>
  z.object({ items: z.array(item), nextCursor: z.string().nullable() })

/** The number of a row of ours in a path. */
export const idParams = z.object({ id: z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER) })

/** An instant: milliseconds since 1970, UTC. */
export const instant = z.number().int().meta({ description: 'Milliseconds since 1970-01-01, UTC.' })
