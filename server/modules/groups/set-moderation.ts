import type { TenantTx } from '#server/db/tenant-scope.ts'
import { getContact } from '#server/modules/contacts/index.ts'
import { type ActingPerson, recordAudit, requireCan } from '#server/modules/tenancy/index.ts'

import { getChat } from './find-chat.ts'
import { type ModerationSettings, checkModeration } from './moderation.rules.ts'
import { findModeration, listTrusted, saveModeration, saveTrust } from './moderation.store.ts'

/** How order is kept in one group. */
export interface ChatModeration extends ModerationSettings {
  readonly chatId: number
  readonly trustedContactIds: readonly number[]
}

/** What follows from spam in a group, and who is left alone. Errors: `not_found`. */
export const getModeration = async (tx: TenantTx, chatId: number): Promise<ChatModeration> => {
  const chat = await getChat(tx, chatId)
  const trusted = await listTrusted(tx, chat.id)
  return {
    chatId: chat.id,
    ...(await findModeration(tx, chat.id)),
    trustedContactIds: [...trusted].sort((a, b) => a - b),
  }
}

/**
 * Sets what follows when spam is found in one group; what is left out stays. Needs `settings.edit`. Errors: `forbidden`,
 * `not_found`, `invalid` with `unknown_word`, `whole_number_expected`.
 */
export const setModeration = async (
  tx: TenantTx,
  { chatId, ...change }: { readonly chatId: number } & Partial<ModerationSettings>,
  actor: ActingPerson,
): Promise<ChatModeration> => {
  requireCan(actor.access, 'settings.edit')
  const before = await getModeration(tx, chatId)
  const { action, restrictMinutes, afterFindings } = { ...before, ...change }
  const next = checkModeration({ action, restrictMinutes, afterFindings })
  await saveModeration(tx, before.chatId, next, actor)
  await recordAudit(tx, {
    tenantId: tx.tenantId,
    actor: actor.by,
    action: 'moderation.updated',
    target: `chat:${before.chatId}`,
    detail: {
      'action.before': before.action,
      'action.after': next.action,
      restrictMinutes: next.restrictMinutes,
      afterFindings: next.afterFindings,
    },
    at: actor.at,
  })
  return getModeration(tx, before.chatId)
}

/** Leaves somebody alone in a group for good, or no more. Needs `settings.edit`. Errors: `forbidden`, `not_found`. */
export const setTrust = async (
  tx: TenantTx,
  input: { readonly chatId: number; readonly contactId: number; readonly isTrusted: boolean },
  actor: ActingPerson,
): Promise<ChatModeration> => {
  requireCan(actor.access, 'settings.edit')
  const { id: chatId } = await getChat(tx, input.chatId)
  const { id: contactId } = await getContact(tx, input.contactId)
  await saveTrust(tx, { chatId, contactId, isTrusted: input.isTrusted }, actor)
  await recordAudit(tx, {
    tenantId: tx.tenantId,
    actor: actor.by,
    action: input.isTrusted ? 'moderation.trusted' : 'moderation.untrusted',
    target: `chat:${chatId}`,
    detail: { contactId },
    at: actor.at,
  })
  return getModeration(tx, chatId)
}
