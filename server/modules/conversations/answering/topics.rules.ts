import { createPhraseTest } from '#server/modules/contacts/index.ts'

import words from './answer-words.json' with { type: 'json' }
import { plainDigits } from './plain-digits.rules.ts'

/** What a person has to answer, whatever a model could say to it. */
export type SensitiveTopic = keyof typeof words.sensitive

const TOPICS = (Object.keys(words.sensitive) as SensitiveTopic[]).map(
  (topic) => [topic, createPhraseTest(words.sensitive[topic])] as const,
)

/** The first sensitive topic of what a contact wrote, in any of the four languages; null for none. Total. */
export const sensitiveTopicOf = (text: string): SensitiveTopic | null => {
  const plain = plainDigits(text)
  return TOPICS.find(([, test]) => test(plain))?.[0] ?? null
}

const asksNature = createPhraseTest(words.ownNature)

/** Longer texts ask for something else as well; a model answers them, and says what it is first. */
const QUESTION_MAX = 60

/** Whether a contact asks if they talk with a machine; also inside a longer text. Total. */
export const asksWhetherHuman = (text: string): boolean => asksNature(text)

/** Whether that is all they ask, so that nothing but the plain answer is called for. Total. */
export const asksNatureAlone = (text: string): boolean => text.length <= QUESTION_MAX && asksNature(text)
