import { notFound } from '#server/base/errors.ts'
import { emitEvents } from '#server/db/emit-events.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

import { addSuppression, appendConsent, markSuppressed } from './consent.store.ts'
import { lockContact } from './contact.store.ts'
import { insertContactEvents } from './message.store.ts'
import { personHash } from './suppression.rules.ts'

/** What a /stop withdraws. Consent to AI processing is about answers the person asks for, and stays. */
const WITHDRAWN = ['marketing', 'night_hours'] as const

/** The ledger's word for a withdrawal that needs no text. */
const STOP_TEXT_VERSION = 'stop'

export interface OptOutInput {
  readonly contactId: number
  /** Where it was said: `command`, `stop_word`, `button`, `member:12` … */
  readonly source: string
  readonly accountId?: number
  readonly updateId?: number
  /** Epoch ms. */
  readonly at: number
}

/**
 * /stop: withdraws consent to marketing and night hours, and puts the person on the suppression list, which outlives
 * even their erasure. Holds from the commit of `tx` on: no slot is reserved after it. Saying it again adds to the ledger
 * and changes nothing else. Locks the contact, as the guard does before it looks. Emits `contact.stopped` (pending deliveries go) and `contact.changed`. Errors: `not_found`.
 */
export const recordOptOut = async (tx: TenantTx, input: OptOutInput): Promise<void> => {
  const { contactId, source, accountId, updateId, at } = input
  const contact = await lockContact(tx, contactId)
  if (!contact || contact.merged_into_id !== null) throw notFound('contact', contactId)
  for (const purpose of WITHDRAWN) {
    await appendConsent(tx, {
      contactId,
      purpose,
      granted: false,
      textVersion: STOP_TEXT_VERSION,
      source,
      accountId: accountId ?? null,
      updateId: updateId ?? null,
      at,
    })
  }
  const hash = personHash(tx.tenantId, { telegramId: contact.telegram_id, username: contact.username })
  if (hash) await addSuppression(tx, hash, 'opted_out', source, at)
  if (contact.suppressed_at === null) await markSuppressed(tx, contactId, { at, reason: 'opted_out' })
  await insertContactEvents(tx, [{ at, contactId, kind: 'opted_out', detail: { source } }])
  await emitEvents(tx, at, [
    { type: 'contact.stopped', payload: { contactId, source } },
    { type: 'contact.changed', payload: { contactIds: [contactId] } },
  ])
}
