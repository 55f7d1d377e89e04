import { findSellers, hearWords } from '#server/modules/sales/index.ts'

import type { PrivateWords, WordsResponder } from './private-words.ts'

/** Answers who writes of buying to accounts that sell by themselves. */
export const sell: WordsResponder = async (words) => {
  const answered = new Set<PrivateWords>()
  const { tx } = words[0].talk
  const accountIds = [...new Set(words.map(({ talk }) => talk.accountId))]
  const sellers = await findSellers(tx, accountIds)
  for (const each of words) {
    const { talk, conversation, text } = each
    if (!sellers.has(talk.accountId)) continue
    const cause = `update:${talk.accountId}:${talk.updateId}`
    const heard = { conversation, text, cause, translator: talk.translator, now: talk.now }
    if (await hearWords(tx, heard)) answered.add(each)
  }
  return answered
}
