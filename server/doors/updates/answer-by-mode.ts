import { openTurns } from '#server/modules/conversations/index.ts'

import type { WordsResponder } from './private-words.ts'

/**
 * As the account is set to answer: by people alone, and then the conversation waits in the inbox, or by drafts or by a
 * model, and then an answer is owed from here on.
 */
export const answerByMode: WordsResponder = async (words) => {
  const { tx, voice, now } = words[0].talk
  const mode = (await voice())?.settings?.replyMode ?? 'manual'
  if (mode === 'manual') return new Set()
  const worded = words.filter(({ text }) => text.trim() !== '')
  await openTurns(
    tx,
    worded.map(({ talk, conversation }) => ({ conversation, writtenAt: talk.at })),
    now,
  )
  return new Set(worded)
}
