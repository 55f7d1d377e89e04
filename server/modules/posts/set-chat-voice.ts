import { AppError, invalid } from '#server/base/errors.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import { getAccount } from '#server/modules/accounts/index.ts'
import { getChat } from '#server/modules/groups/index.ts'
import { type ActingPerson, getOwnTenant, recordAudit, requireCan } from '#server/modules/tenancy/index.ts'

import { type ChatVoice, checkVoice } from './chat-voice.rules.ts'
import { findChatVoice, saveChatVoice } from './chat-voice.store.ts'
import { checkPostText } from './post.rules.ts'
import { findPlace } from './post.store.ts'

const silent = (chatId: number, accountId: number): ChatVoice => ({
  chatId,
  accountId,
  welcomeText: null,
  welcomeGatherSeconds: 60,
  welcomeReplaces: true,
  rulesText: null,
  isPostingOn: false,
})

/** What is said in a chat by itself; null before anything was set. Errors: `not_found`. */
export const getChatVoice = async (tx: TenantTx, chatId: number): Promise<ChatVoice | null> => {
  const voice = await findChatVoice(tx, (await getChat(tx, chatId)).id)
  if (!voice) return null
  const { lastWelcomeId: _, ...said } = voice
  return said
}

/**
 * Sets what an account says in a chat by itself: the welcome, the rules, whether posts go out by schedule. What is left
 * out stays; the account has to be named once. Posts by schedule are only for chats whose administrator added the
 * account. Needs `settings.edit`. Errors: `forbidden`, `not_found`, `invalid` with `chat_account_needed`, `text_length`,
 * `post_text`, `whole_number_expected`, `conflict/not_in_chat`, `conflict/not_installed`.
 */
export const setChatVoice = async (
  tx: TenantTx,
  { chatId, ...change }: { readonly chatId: number } & Partial<Omit<ChatVoice, 'chatId'>>,
  actor: ActingPerson,
): Promise<ChatVoice> => {
  requireCan(actor.access, 'settings.edit')
  const chat = await getChat(tx, chatId)
  const before = await findChatVoice(tx, chat.id, true)
  const accountId = change.accountId ?? before?.accountId
  if (accountId === undefined) throw invalid('chat_account_needed', 'accountId')
  await getAccount(tx, accountId)
  const next = checkVoice({ ...(before ?? silent(chat.id, accountId)), ...change, accountId, chatId: chat.id })
  const place = await findPlace(tx, chat.id, accountId)
  if (!place.isInChat) throw new AppError('conflict', 'not_in_chat', { field: 'accountId', chat: chat.id })
  if (next.isPostingOn && !place.isInstalled)
    throw new AppError('conflict', 'not_installed', { field: 'isPostingOn', chat: chat.id })
  const { senderName } = await getOwnTenant(tx)
  if (next.welcomeText !== null)
    checkPostText(next.welcomeText.replaceAll('{{names}}', '').replaceAll('{{chat}}', 'x'), senderName)
  if (next.rulesText !== null) checkPostText(next.rulesText, senderName)
  await saveChatVoice(tx, next, actor)
  await recordAudit(tx, {
    tenantId: tx.tenantId,
    actor: actor.by,
    action: 'chat_voice.updated',
    target: `chat:${chat.id}`,
    detail: {
      welcomes: String(next.welcomeText !== null),
      hasRules: String(next.rulesText !== null),
      isPostingOn: String(next.isPostingOn),
    },
    at: actor.at,
  })
  return next
}
