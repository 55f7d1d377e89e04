import type { Segment } from '#contract/words.ts'
import { invalid, notFound } from '#server/base/errors.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

import { lockSegments } from './assessment.store.ts'
import { assessScope } from './assign-segments.ts'
import { findFeatureRow } from './feature.store.ts'
import { deletePin, upsertPin } from './pin.store.ts'
import { requireSegment } from './segment-rule.rules.ts'

/** What somebody says about a contact's segment. */
export interface ManualSegment {
  readonly contactId: number
  readonly segment: Segment
  /** Who says so: a member or an operator, as the audit log names them. */
  readonly by: string
  /** Epoch ms. */
  readonly now: number
}

const NOTE_LENGTH_MAX = 500

/**
 * Gives a contact a segment by hand: source `manual`, confidence 100, held whatever the rules say until taken back. Takes
 * the tenant's segment lock and assesses the contact in the same transaction. Doing it twice changes only note and
 * author. Errors: `invalid/segment_unknown`, `invalid/segment_note_too_long`, `not_found` for a contact without features.
 */
export const setManualSegment = async (
  tx: TenantTx,
  input: ManualSegment & { readonly note?: string },
): Promise<void> => {
  const { contactId, segment, by, now, note = '' } = input
  requireSegment(segment)
  if (note.length > NOTE_LENGTH_MAX) throw invalid('segment_note_too_long', 'note', { max: NOTE_LENGTH_MAX })
  await lockSegments(tx)
  if (!(await findFeatureRow(tx, contactId))) throw notFound('contact', contactId)
  await upsertPin(tx, contactId, { segment, note, pinnedBy: by, since: now })
  await assessScope(tx, { contactIds: [contactId] }, now)
}

/**
 * Takes a segment given by hand back and lets the rules decide again, in the caller's transaction. Returns whether there
 * was one. Errors: `invalid/segment_unknown`.
 */
export const removeManualSegment = async (tx: TenantTx, input: Omit<ManualSegment, 'by'>): Promise<boolean> => {
  requireSegment(input.segment)
  await lockSegments(tx)
  const removed = await deletePin(tx, input.contactId, input.segment)
  if (removed) await assessScope(tx, { contactIds: [input.contactId] }, input.now)
  return removed
}
