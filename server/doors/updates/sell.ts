import { hearWords, sellsByItself } from '#server/modules/sales/index.ts'

import type { PrivateWords, WordsResponder } from './private-words.ts'

/** Answers who writes of buying, where the account sells by itself. */
export const sell: WordsResponder = async (words) => {
  const answered = new Set<PrivateWords>()
  const { tx, accountId } = words[0].talk
  if (!(await sellsByItself(tx, accountId))) return answered
  for (const each of words) {
    const { talk, conversation, text } = each
    const cause = `update:${accountId}:${talk.updateId}`
    const heard = { conversation, text, cause, translator: talk.translator, now: talk.now }
    if (await hearWords(tx, heard)) answered.add(each)
  }
  return answered
}
