import { type RawBuilder, sql } from 'kysely'

import { SEGMENTS, type Segment } from '#contract/words.ts'

/** The sets of segments that occur and hold this one: a few hundred at most, found by hopping through the index. */
export const masksWith = (tenantId: number, segment: Segment): RawBuilder<number[]> => sql<number[]>`array(
  with recursive mask (held) as (
    (select min(held) from segment_assignment where tenant_id = ${tenantId})
    union all
    select (select min(a.held) from segment_assignment a where a.tenant_id = ${tenantId} and a.held > mask.held)
    from mask where mask.held is not null
  )
  select held from mask where held & ${1 << SEGMENTS.indexOf(segment)} <> 0)`
