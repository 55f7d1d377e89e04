import { notFound } from '#server/base/errors.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

import { parseUsername } from './contact.rules.ts'
import { type Contact, findByTelegramId, findByUsername, findContactRow } from './contact-list.store.ts'

/** How somebody is named: by row id, Telegram id, or user name with or without @. */
export type ContactName = { readonly id: number } | { readonly telegramId: number } | { readonly username: string }

const follow = async (tx: TenantTx, contact: Contact | null): Promise<Contact | null> =>
  contact && contact.mergedIntoId !== null ? findContactRow(tx, contact.mergedIntoId) : contact

/** The contact of this name, or null. A merged contact's id leads to the one it was merged into. */
export const findContact = async (tx: TenantTx, name: ContactName): Promise<Contact | null> => {
  if ('id' in name) return follow(tx, await findContactRow(tx, name.id))
  if ('telegramId' in name) return findByTelegramId(tx, name.telegramId)
  const username = parseUsername(name.username)
  return username === null ? null : findByUsername(tx, username)
}

/** {@link findContact} for one that must exist. Errors: `not_found`. */
export const getContact = async (tx: TenantTx, id: number): Promise<Contact> => {
  const contact = await findContact(tx, { id })
  if (!contact) throw notFound('contact', id)
  return contact
}
