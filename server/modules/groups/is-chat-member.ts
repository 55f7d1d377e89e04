import type { Clock } from '#server/base/clock.ts'
import { notFound } from '#server/base/errors.ts'
import type { Db } from '#server/db/pool.ts'
import { inTenant } from '#server/db/tenant-scope.ts'
import { getContact, recordMembership } from '#server/modules/contacts/index.ts'

import { findKnownMembership } from './chat.store.ts'
import { findChat } from './find-chat.ts'
import { type MemberDirectory, isFresh, statusOf } from './group.rules.ts'

export interface MembershipDeps {
  readonly db: Db
  readonly clock: Clock
  readonly directory: MemberDirectory
}

export interface MembershipQuestion {
  readonly tenantId: number
  /** The account that may ask Telegram. */
  readonly accountId: number
  /** Row ids. */
  readonly chatId: number
  readonly contactId: number
}

/**
 * Whether a contact is a member of a chat; null when nobody can tell. What updates have told is used while it is fresh
 * (a day where the account is an administrator, else ten minutes); then Telegram is asked, with no transaction open, and
 * the answer is kept. Errors: `not_found`.
 */
export const isChatMember = async (deps: MembershipDeps, question: MembershipQuestion): Promise<boolean | null> => {
  const { tenantId, accountId, chatId, contactId } = question
  const { chat, contact, known } = await inTenant(deps.db, tenantId, async (tx) => {
    const chat = await findChat(tx, { id: chatId })
    if (!chat) throw notFound('chat', chatId)
    const contact = await getContact(tx, contactId)
    return { chat, contact, known: await findKnownMembership(tx, accountId, chat.telegramId, contact.id) }
  })
  if (known && isFresh(known, deps.clock.now())) return known.isMember
  if (contact.telegramId === null) return null
  const answer = await deps.directory.findMember(accountId, chat.telegramId, contact.telegramId)
  if (answer === null) return null
  const status = statusOf(answer)
  const at = deps.clock.now()
  await inTenant(deps.db, tenantId, (tx) =>
    recordMembership(tx, { contactId: contact.id, chatId: chat.id, status, at }),
  )
  return status === 'member'
}
