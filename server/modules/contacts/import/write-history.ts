import { emitEvents } from '#server/db/emit-events.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

import { type ChatRef, type ContactActivity, cleanText, isIgnoredPerson } from '../contact.rules.ts'
import { findOrInsertContacts, suppressListed } from '../contact.store.ts'
import { lockContactsWithFeatures } from '../feature.store.ts'
import type { MessageRow } from '../message.rules.ts'
import { insertMessages } from '../message.store.ts'
import { ensureChats } from '../reach.store.ts'
import { recordActivities } from '../touch-contact.ts'
import { addOutbound, findContactId } from './export-history.store.ts'
import { lockImports } from './import-people.store.ts'

/** A person the owner of an export had in the address book. */
export interface SavedPerson {
  readonly userId: number
  readonly firstName: string
  readonly lastName: string
  /** Epoch ms. */
  readonly at: number | null
}

/** A piece of history of one chat. */
export interface HistoryBatch {
  readonly activities: readonly ContactActivity[]
  /** Messages of nobody who is a contact. */
  readonly rows: readonly Omit<MessageRow, 'contactId'>[]
  /** Messages of the owner to the partner. */
  readonly sent: readonly Omit<MessageRow, 'contactId'>[]
  readonly saved: readonly SavedPerson[]
  /** Of a private chat. */
  readonly partner: { readonly telegramId: number; readonly name: string } | null
  /** Of a group or channel. */
  readonly chat: ChatRef | null
  readonly source: string
  /** Epoch ms; when the import runs. */
  readonly now: number
}

export interface HistoryWritten {
  readonly created: number
  readonly messages: number
  readonly fresh: readonly ContactActivity[]
}

/** Writes a piece of history in the caller's transaction; what is known already is not written and not counted again. */
export const writeHistory = async (tx: TenantTx, batch: HistoryBatch): Promise<HistoryWritten> => {
  const { now } = batch
  await lockImports(tx)
  if (batch.chat) await ensureChats(tx, [{ ...batch.chat, title: cleanText(batch.chat.title, 255) }], now, false)
  const saved = await savePeople(tx, batch)
  const { touched, fresh } = await recordActivities(tx, batch.activities, { history: true, emitAt: now })
  const created = new Set(touched.flatMap((t) => (t?.created ? [t.contactId] : [])))
  const spoken = fresh.filter((a) => a.kind === 'message' || a.kind === 'group_message').length
  const others = await insertMessages(
    tx,
    batch.rows.map((row) => toRow(row, null)),
  )
  const sent = await writeSent(tx, batch)
  return { created: saved + created.size + sent.created, messages: spoken + others.size + sent.messages, fresh }
}

const toRow = (row: Omit<MessageRow, 'contactId'>, contactId: number | null): MessageRow => ({
  ...row,
  contactId,
  text: row.text === null ? null : cleanText(row.text, 4_096),
})

/** Makes contacts of people who did nothing themselves yet; returns how many are new. */
const createPeople = async (
  tx: TenantTx,
  people: readonly {
    readonly telegramId: number
    readonly firstName: string
    readonly lastName: string
    readonly seenAt: number
  }[],
  { source, now }: Pick<HistoryBatch, 'source' | 'now'>,
): Promise<number> => {
  const unique = [
    ...new Map(
      people.filter((p) => !isIgnoredPerson({ ...p, username: undefined, isBot: false })).map((p) => [p.telegramId, p]),
    ).values(),
  ]
  if (unique.length === 0) return 0
  const found = await findOrInsertContacts(
    tx,
    unique.map((p) => ({
      telegramId: p.telegramId,
      firstName: cleanText(p.firstName, 64),
      lastName: cleanText(p.lastName, 64),
      seenAt: p.seenAt,
      username: null,
      languageCode: null,
      isPremium: false,
      source,
    })),
  )
  const made = found.flatMap((c) => (c.created ? [c.id] : []))
  await suppressListed(tx, await lockContactsWithFeatures(tx, made))
  if (made.length > 0) await emitEvents(tx, now, [{ type: 'contact.created', payload: { contactIds: made } }])
  return made.length
}

const savePeople = (tx: TenantTx, { saved, source, now }: HistoryBatch): Promise<number> =>
  createPeople(
    tx,
    saved.map((p) => ({ telegramId: p.userId, firstName: p.firstName, lastName: p.lastName, seenAt: p.at ?? now })),
    { source, now },
  )

const writeSent = async (tx: TenantTx, { sent, partner, source, now }: HistoryBatch) => {
  const first = sent[0]
  if (!first || !partner) return { created: 0, messages: 0 }
  const created = await createPeople(
    tx,
    [{ telegramId: partner.telegramId, firstName: partner.name, lastName: '', seenAt: first.at }],
    { source, now },
  )
  const partnerId = await findContactId(tx, partner.telegramId)
  const [contact] = await lockContactsWithFeatures(tx, partnerId === null ? [] : [partnerId])
  if (!contact) return { created, messages: 0 }
  const fresh = await insertMessages(
    tx,
    sent.map((row) => toRow(row, contact.id)),
  )
  if (fresh.size > 0) {
    await addOutbound(tx, contact.id, fresh.size)
    await emitEvents(tx, now, [{ type: 'contact.changed', payload: { contactIds: [contact.id] } }])
  }
  return { created, messages: fresh.size }
}
