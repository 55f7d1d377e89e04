import { answerByMode } from './answer-by-mode.ts'
import { sell } from './sell.ts'
import { answerByRule } from './answer-by-rule.ts'
import type { PrivateWords, WordsResponder } from './private-words.ts'

/** In the order they are asked: what the tenant wrote down, what is being bought, and then the account's reply mode. */
const RESPONDERS: readonly WordsResponder[] = [answerByRule, sell, answerByMode]

/** The first that has an answer is the last that is asked; with none, the conversation waits in the inbox. */
export const respondToWords = async (words: readonly PrivateWords[]): Promise<void> => {
  let open = words
  for (const respond of RESPONDERS) {
    const [first, ...others] = open
    if (!first) return
    const answered = await respond([first, ...others])
    open = open.filter((each) => !answered.has(each))
  }
}
