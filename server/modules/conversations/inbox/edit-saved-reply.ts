import { AppError, notFound } from '#server/base/errors.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import { type ActingPerson, recordAudit, requireCan } from '#server/modules/tenancy/index.ts'

import { type SavedReply, checkSavedReplyName, checkSavedReplyTexts, savedReplyVersion } from './saved-reply.rules.ts'
import { findSavedReply, insertSavedReply, updateSavedReply } from './saved-reply.store.ts'

type Content = Pick<SavedReply, 'name' | 'texts'>

const checked = ({ name, texts }: Content): Content => ({
  name: checkSavedReplyName(name),
  texts: checkSavedReplyTexts(texts),
})

const nameTaken = (name: string): AppError =>
  new AppError('conflict', 'saved_reply_name_taken', { field: 'name', name })

const audit = (tx: TenantTx, { id, texts }: SavedReply, { by, at }: ActingPerson): Promise<void> =>
  recordAudit(tx, {
    tenantId: tx.tenantId,
    actor: by,
    action: 'saved_reply.saved',
    target: `saved_reply:${id}`,
    detail: { languages: Object.keys(texts).join(', ') },
    at,
  })

/**
 * Saves an answer under a name that is free. Audited. Errors: those of `saveReply`, `conflict/saved_reply_name_taken`.
 */
export const addSavedReply = async (tx: TenantTx, given: Content, actor: ActingPerson): Promise<SavedReply> => {
  requireCan(actor.access, 'conversations.reply')
  const content = checked(given)
  const saved = await insertSavedReply(tx, { ...content, updatedBy: actor.by, updatedAt: actor.at })
  if (!saved) throw nameTaken(content.name)
  await audit(tx, saved, actor)
  return saved
}

/**
 * Replaces what the saved reply of this name says, and its name, if it still says what was looked at. Locks it. Audited.
 * Errors: those of `addSavedReply`, `not_found`, `conflict/saved_reply_moved_on`.
 */
export const rewriteSavedReply = async (
  tx: TenantTx,
  name: string,
  { expectedVersion, ...given }: Content & { readonly expectedVersion: string },
  actor: ActingPerson,
): Promise<SavedReply> => {
  requireCan(actor.access, 'conversations.reply')
  const before = await findSavedReply(tx, name, true)
  if (!before) throw notFound('saved reply', name)
  if (savedReplyVersion(before) !== expectedVersion)
    throw new AppError('conflict', 'saved_reply_moved_on', { field: 'expectedVersion', name })
  const content = checked(given)
  if (content.name !== before.name && (await findSavedReply(tx, content.name))) throw nameTaken(content.name)
  const saved = { ...before, ...content, updatedBy: actor.by, updatedAt: actor.at }
  await updateSavedReply(tx, saved)
  await audit(tx, saved, actor)
  return saved
}
