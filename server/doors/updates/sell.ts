import { hearWords } from '#server/modules/sales/index.ts'

import type { PrivateWords, WordsResponder } from './private-words.ts'

/** Answers who writes of buying to accounts that sell by themselves. */
export const sell: WordsResponder = async (words) => {
  const answered = new Set<PrivateWords>()
  for (const each of words) {
    const { talk, conversation, text } = each
    if (!(await talk.sells())) continue
    const cause = `update:${talk.accountId}:${talk.updateId}`
    const heard = { conversation, text, cause, translator: talk.translator, now: talk.now }
    if (await hearWords(talk.tx, heard)) answered.add(each)
  }
  return answered
}
