import { invalid, notFound } from '#server/base/errors.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import { type Contact, type ContactName, findContact } from '#server/modules/contacts/index.ts'

/** `42` is our number, `tg:99` Telegram's, `@ayse` a user name. Errors: `invalid/contact_reference`. */
const parseContactName = (reference: string): ContactName => {
  const [, telegramId, id, username] = /^(?:tg:(\d{1,15})|(\d{1,15})|@(\w{1,64}))$/.exec(reference) ?? []
  if (telegramId !== undefined) return { telegramId: Number(telegramId) }
  if (id !== undefined) return { id: Number(id) }
  if (username !== undefined) return { username }
  throw invalid('contact_reference', 'contact', { given: reference.slice(0, 40), examples: '42, tg:123456, @name' })
}

/** The contact a person means. Errors: `invalid/contact_reference`, `not_found`. */
export const resolveContact = async (tx: TenantTx, reference: string): Promise<Contact> => {
  const contact = await findContact(tx, parseContactName(reference))
  if (!contact) throw notFound('contact', reference)
  return contact
}
