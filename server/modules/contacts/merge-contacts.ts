import { AppError, invalid, notFound } from '#server/base/errors.ts'
import { emitEvents } from '#server/db/emit-events.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

import { mergeFeatures } from './feature.rules.ts'
import { findFeatures, saveFeatures } from './feature.store.ts'
import { copyConsents, lockPair, moveHistory, takeCounters, uniteContacts } from './merge.store.ts'
import { insertContactEvents } from './message.store.ts'
import { moveInvitations } from './move-invitations.store.ts'

/**
 * Makes two records of one person one: `keepId` gets messages, timeline, deliveries, memberships, reach, tags, consents
 * and the sum of the features; `goneId` becomes a pointer to it, and holds nothing else. A suppression of either holds
 * for both. Cannot be undone. Locks both contacts. Emits `contact.changed`.
 * Errors: `not_found`, `invalid/merge_same`, `conflict/contact_merged`, `conflict/contact_erased`, and
 * `conflict/contacts_are_two_people` when both have a Telegram id: those are two accounts, each with its own consent.
 */
export const mergeContacts = async (tx: TenantTx, keepId: number, goneId: number, at: number): Promise<void> => {
  if (keepId === goneId) throw invalid('merge_same', 'goneId', { id: goneId })
  const pair = await lockPair(tx, keepId, goneId)
  const keep = pair.find((c) => c.id === keepId)
  const gone = pair.find((c) => c.id === goneId)
  if (!keep) throw notFound('contact', keepId)
  if (!gone) throw notFound('contact', goneId)
  for (const { id, merged_into_id, erased_at } of [keep, gone]) {
    if (merged_into_id !== null) throw new AppError('conflict', 'contact_merged', { id, into: merged_into_id })
    if (erased_at) throw new AppError('conflict', 'contact_erased', { id })
  }
  if (keep.telegram_id !== null && gone.telegram_id !== null) {
    throw new AppError('conflict', 'contacts_are_two_people', { keepId, goneId })
  }
  const [kept, lost] = [await findFeatures(tx, keepId), await findFeatures(tx, goneId)]
  await moveHistory(tx, keepId, goneId)
  await moveInvitations(tx, keepId, goneId, at)
  await copyConsents(tx, keepId, goneId)
  await uniteContacts(tx, keepId, goneId)
  if (kept && lost) await saveFeatures(tx, new Map([[keepId, mergeFeatures(kept.features, lost.features)]]))
  await takeCounters(tx, keepId, goneId)
  await insertContactEvents(tx, [{ at, contactId: keepId, kind: 'merged', detail: { mergedId: goneId } }])
  await emitEvents(tx, at, [{ type: 'contact.changed', payload: { contactIds: [keepId] } }])
}
