import type { ConsentPurpose } from '#contract/words.ts'
import { invalid, notFound } from '#server/base/errors.ts'
import { emitEvents } from '#server/db/emit-events.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

import { appendConsent } from './consent.store.ts'
import { lockContact } from './contact.store.ts'
import { liftSuppression } from './lift-suppression.ts'

export interface ConsentInput {
  readonly contactId: number
  readonly purpose: ConsentPurpose
  readonly granted: boolean
  /** Version of the text the person was shown; required, for a consent to nothing proves nothing. */
  readonly textVersion: string
  /** Where it was said: `bot`, `member:12`, … */
  readonly source: string
  readonly accountId?: number
  /** The update by which the person said so. */
  readonly updateId?: number
  /** Epoch ms. */
  readonly at: number
}

/**
 * Records what a person allowed or withdrew: in the append-only ledger, and as the current word unless a newer one is
 * known. A marketing consent proved by the person's own update also lifts a suppression that is older than it.
 * Locks the contact, as the guard does before it looks, so a withdrawal holds from the commit of `tx` on: no slot is
 * reserved after it. Emits `contact.changed` and, unless
 * a newer word is known, `consent.changed`. Errors: `not_found` (also after erasure), `invalid/consent_text_version`.
 */
export const recordConsent = async (tx: TenantTx, input: ConsentInput): Promise<void> => {
  const { contactId, purpose, granted, textVersion, source, accountId, updateId, at } = input
  if (textVersion.trim() === '') throw invalid('consent_text_version', 'textVersion')
  const contact = await lockContact(tx, contactId)
  if (!contact || contact.erased_at || contact.merged_into_id !== null) throw notFound('contact', contactId)
  const current = await appendConsent(tx, {
    contactId,
    purpose,
    granted,
    textVersion,
    source,
    accountId: accountId ?? null,
    updateId: updateId ?? null,
    at,
  })
  if (current && granted && purpose === 'marketing' && updateId !== undefined) {
    await liftSuppression(tx, { contactId, source, at })
  }
  await emitEvents(tx, at, [
    { type: 'contact.changed', payload: { contactIds: [contactId] } },
    ...(current ? [{ type: 'consent.changed' as const, payload: { contactId, purpose, granted, source } }] : []),
  ])
}
