import { notFound } from '#server/base/errors.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import { renderPlainText } from '#server/modules/templates/index.ts'
import { type ActingPerson, getOwnTenant, recordAudit, requireCan } from '#server/modules/tenancy/index.ts'

import type { Viewer } from './list-conversations.ts'
import { type SavedReply, checkSavedReplyName, checkSavedReplyTexts, savedReplyLocale } from './saved-reply.rules.ts'
import {
  deleteSavedReply,
  findNamedContact,
  findSavedReply,
  selectSavedReplies,
  upsertSavedReply,
} from './saved-reply.store.ts'

/**
 * Saves an answer under a name, in place of one that bore it. Audited. Errors: `forbidden/not_allowed`,
 * `invalid/saved_reply_name`, `invalid/saved_reply_texts`, `invalid/text_length`, `invalid/saved_reply_variable`.
 */
export const saveReply = async (
  tx: TenantTx,
  given: Pick<SavedReply, 'name' | 'texts'>,
  { by, access, at }: ActingPerson,
): Promise<SavedReply> => {
  requireCan(access, 'conversations.reply')
  const [name, texts] = [checkSavedReplyName(given.name), checkSavedReplyTexts(given.texts)]
  const saved = await upsertSavedReply(tx, { name, texts, updatedBy: by, updatedAt: at })
  const detail = { languages: Object.keys(texts).join(', ') }
  const target = `saved_reply:${saved.id}`
  await recordAudit(tx, { tenantId: tx.tenantId, actor: by, action: 'saved_reply.saved', target, detail, at })
  return saved
}

/** Audited. Errors: `forbidden/not_allowed`, `not_found`. */
export const removeSavedReply = async (tx: TenantTx, name: string, { by, access, at }: ActingPerson): Promise<void> => {
  requireCan(access, 'conversations.reply')
  const saved = await findSavedReply(tx, name)
  if (!saved || !(await deleteSavedReply(tx, name))) throw notFound('saved reply', name)
  const target = `saved_reply:${saved.id}`
  await recordAudit(tx, { tenantId: tx.tenantId, actor: by, action: 'saved_reply.removed', target, at })
}

/** The tenant's saved replies by name. Errors: `forbidden/not_allowed`. */
export const listSavedReplies = (tx: TenantTx, { access }: Viewer): Promise<readonly SavedReply[]> => {
  requireCan(access, 'conversations.view')
  return selectSavedReplies(tx)
}

/**
 * A saved reply as it reads for the contact of a conversation, in their language where it was written in it: plain text,
 * to be sent or changed first. Errors: `forbidden/not_allowed`, `not_found` (reply or conversation).
 */
export const renderSavedReply = async (
  tx: TenantTx,
  { name, conversationId }: { readonly name: string; readonly conversationId: number },
  { access }: Viewer,
): Promise<string> => {
  requireCan(access, 'conversations.reply')
  const saved = await findSavedReply(tx, name)
  if (!saved) throw notFound('saved reply', name)
  const contact = await findNamedContact(tx, conversationId)
  if (!contact) throw notFound('conversation', conversationId)
  const tenant = await getOwnTenant(tx)
  const locale = savedReplyLocale(saved.texts, contact.languageCode, tenant.locale) ?? tenant.locale
  return renderPlainText(saved.texts[locale] ?? '', locale, contact, { senderName: tenant.senderName })
}
