import { LOCALES, type Locale } from '#contract/words.ts'
import type { Translate } from '#server/base/translate.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import { createReply } from '#server/modules/delivery/index.ts'
import { escapeText } from '#server/modules/templates/index.ts'
import { getOwnTenant } from '#server/modules/tenancy/index.ts'

import { lockConversation } from './conversation.store.ts'
import { findAccountInboxSettings } from './inbox-setting.store.ts'
import { RATING_BUTTONS, mayAsk } from './rating.rules.ts'
import { findRatingFacts, insertRating } from './rating.store.ts'

export interface RatingRequest {
  readonly conversationId: number
  /** Which close it is about; one that was opened again meanwhile is not over. */
  readonly closedAt: number
  /** Who closed it: `member:12`. */
  readonly by: string
  /** The catalogue `bot`. */
  readonly translator: (locale: Locale) => Translate
  readonly at: number
}

const memberOf = (by: string | null): number | null => Number(/^member:(\d+)$/.exec(by ?? '')?.[1] ?? 0) || null

/**
 * Asks a contact, with one message, how the conversation was that a person closed: where the account is set so, only
 * somebody who wrote within a day, at most once in thirty days, never after a stop, and not through accounts that can
 * show no buttons. Asked twice for one close, it asks once. Returns whether it did. Locks conversation and contact.
 */
export const askForRating = async (tx: TenantTx, request: RatingRequest): Promise<boolean> => {
  const { conversationId, closedAt, by, translator, at } = request
  const conversation = await lockConversation(tx, conversationId)
  if (conversation?.closedAt !== closedAt) return false
  const { accountId, contactId } = conversation
  const { rating: choice } = await findAccountInboxSettings(tx, accountId)
  if (choice === 'off') return false
  const facts = await findRatingFacts(tx, conversation)
  if (!facts || facts.telegramId === null) return false
  if (!mayAsk({ ...facts, choice, canShowButtons: facts.accountKind !== 'user' }, at)) return false
  const tenant = await getOwnTenant(tx)
  const t = translator(LOCALES.find((locale) => locale === facts.languageCode?.slice(0, 2)) ?? tenant.locale)
  const question = t('rating.question', { sender: escapeText(tenant.senderName) })
  const deliveryId = await createReply(tx, {
    accountId,
    contactId,
    chatId: facts.telegramId,
    text: choice === 'points' ? `${question}\n${t('rating.points')}` : question,
    buttons: [
      RATING_BUTTONS[choice].map(({ label, value }) => ({ text: label, action: `rate:${value}` })),
      [{ text: t('button.rate_comment'), action: 'rate_comment' }],
    ],
    source: 'system',
    messageClass: 'reply',
    dedupeKey: `rating:${conversationId}:${closedAt}`,
    at,
  })
  if (deliveryId === null) return false
  const memberId = memberOf(facts.lastWrittenBy) ?? memberOf(by)
  const { answeredBy } = facts
  await insertRating(tx, { contactId, conversationId, accountId, deliveryId, scale: choice, memberId, answeredBy, at })
  return true
}
