import type { Segment } from '#contract/words.ts'
import { invalid } from '#server/base/errors.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

import { countContactsWithFeatures } from './assessment.store.ts'
import {
  type StoredAssignment,
  countHoldings,
  listAssignments,
  listHolderIds,
  selectAnyHolder,
} from './holding.store.ts'
import { bitOfSegment } from './rule-sql.store.ts'
import { requireSegment } from './segment-rule.rules.ts'
import { forEachSegment } from './segment.rules.ts'

export interface SegmentCount {
  readonly held: number
  /** Of those, the contacts for whom it is the primary segment. */
  readonly primary: number
}

export interface SegmentCounts {
  /** Contacts with features. */
  readonly contacts: number
  readonly withoutSegment: number
  readonly withoutPrimary: number
  /** A contact counts in every segment it holds. */
  readonly segments: Readonly<Record<Segment, SegmentCount>>
}

/** How many contacts hold each segment now, as last assessed. One scan of the tenant's assignments. */
export const listSegmentCounts = async (tx: TenantTx): Promise<SegmentCounts> => {
  const contacts = await countContactsWithFeatures(tx)
  const holdings = await countHoldings(tx)
  const total = (accept: (held: number, primary: Segment | null) => boolean): number =>
    holdings.reduce((sum, { held, primary, count }) => sum + (accept(held, primary) ? count : 0), 0)
  return {
    contacts,
    withoutSegment: contacts - total((held) => held !== 0),
    withoutPrimary: contacts - total((_, primary) => primary !== null),
    segments: forEachSegment((segment) => ({
      held: total((held) => (held & bitOfSegment(segment)) !== 0),
      primary: total((_, primary) => primary === segment),
    })),
  }
}

/** Whether anybody is in any segment yet. */
export const isAnybodyInSegment = (tx: TenantTx): Promise<boolean> => selectAnyHolder(tx)

const SEGMENT_PAGE_MAX = 1_000

export interface SegmentPageQuery {
  readonly segment: Segment
  /** Only contacts for whom it is the primary segment. */
  readonly primaryOnly?: boolean
  /** Cursor of the page before; none for the first page. */
  readonly after?: number | null
  /** 1–1000, 100 by default. */
  readonly limit?: number
}

export interface SegmentContact {
  readonly contactId: number
  readonly primarySegment: Segment | null
  readonly confidence: number
  readonly source: StoredAssignment['holdings'][number]['source']
  /** Epoch ms. */
  readonly since: number
}

/** Contacts that hold a segment, in the order of ids, a page at a time. `next` is the cursor of the page after, or null. */
export interface SegmentPage {
  readonly contacts: readonly SegmentContact[]
  readonly next: number | null
}

/**
 * Lists who holds a segment, by the index. Contacts that enter or leave while somebody turns pages are neither skipped
 * nor repeated otherwise. Errors: `invalid/segment_unknown`, `invalid/page_limit`.
 */
export const listSegmentContacts = async (tx: TenantTx, query: SegmentPageQuery): Promise<SegmentPage> => {
  const { segment, primaryOnly = false, limit = 100 } = query
  requireSegment(segment)
  if (!Number.isInteger(limit) || limit < 1 || limit > SEGMENT_PAGE_MAX) {
    throw invalid('page_limit', 'limit', { min: 1, max: SEGMENT_PAGE_MAX })
  }
  const ids = await listHolderIds(tx, segment, { primaryOnly, after: query.after ?? 0, limit })
  const assignments = await listAssignments(tx, ids)
  const contacts = assignments.flatMap(({ contactId, primarySegment, holdings }): SegmentContact[] => {
    const holding = holdings.find((h) => h.segment === segment)
    if (!holding) return []
    const { confidence, source, since } = holding
    return [{ contactId, primarySegment, confidence, source, since }]
  })
  return { contacts, next: ids.length < limit ? null : (ids.at(-1) ?? null) }
}

/** The stored assignment of each of these contacts that ever held a segment. */
export const findSegments = (tx: TenantTx, contactIds: readonly number[]): Promise<readonly StoredAssignment[]> =>
  listAssignments(tx, contactIds)
