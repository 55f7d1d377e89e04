import { type RuleEvent, fireAllRules } from '#server/modules/automations/index.ts'

import type { PrivateWords, WordsResponder } from './private-words.ts'

/** What the tenant wrote down: the accounts' rules for private words. A rule that matched lets nobody else answer. */
export const answerByRule: WordsResponder = async (words) => {
  const results = await fireAllRules(words[0].talk.tx, words.map(eventOf))
  return new Set(words.filter((_, i) => results[i]?.isHandled))
}

const eventOf = ({ talk, conversation, text }: PrivateWords): RuleEvent => {
  const { tenant, accountId, contactId, person, updateId, at, now } = talk
  return {
    tenant,
    accountId,
    contactId,
    chatId: person.telegramId,
    updateId,
    conversation,
    kind: 'words',
    place: 'private',
    text,
    isAddressed: true,
    // Nothing was said between them before this.
    isFirst: conversation.turn <= 1,
    at,
    now,
  }
}
