import { openTurns } from '#server/modules/conversations/index.ts'

import type { PrivateWords, WordsResponder } from './private-words.ts'

/**
 * As each account is set to answer: by people alone, and then the conversation waits in the inbox, or by drafts or by a
 * model, and then an answer is owed from here on.
 */
export const answerByMode: WordsResponder = async (words) => {
  const { tx, now } = words[0].talk
  const worded: PrivateWords[] = []
  for (const each of words) {
    const mode = (await each.talk.voice())?.settings?.replyMode ?? 'manual'
    if (mode !== 'manual' && each.text.trim() !== '') worded.push(each)
  }
  await openTurns(
    tx,
    worded.map(({ talk, conversation }) => ({ conversation, writtenAt: talk.at })),
    now,
  )
  return new Set(worded)
}
