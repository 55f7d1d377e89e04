import { type Interval, wilsonInterval } from '#server/base/interval.ts'

/** What former posts into a chat have brought: within a day of each, by people of the chat. */
export interface ChatEvidence {
  /** Posts of the last 90 days that are older than a day, so that their day is over. */
  readonly posts: number
  /** Members who could have seen them: posts × members. Bots are not told of views. */
  readonly exposures: number
  readonly reactions: number
  readonly replies: number
  readonly clicks: number
  readonly joins: number
  /** People behind all of these, each once a post. */
  readonly responders: number
}

export interface MeasuredChat extends ChatEvidence {
  readonly chatId: number
  readonly title: string
  readonly mayPost: boolean
  readonly isOverPackage: boolean
}

export interface RankedChat extends MeasuredChat {
  /** Responders per exposure, drawn towards the mean of all chats where there is little evidence; 0–1. */
  readonly ratio: number
  /** What of it is as good as sure, by which chats are ranked: the lower end of its 95 % interval. */
  readonly provenRatio: number
  /** Where the chat's true ratio lies by its own evidence alone, with 95 % confidence. */
  readonly interval: Interval
  readonly isChosen: boolean
}

/** The mean of all chats counts as much as so many members having seen a post. */
const PRIOR_EXPOSURES = 200
/** Before anything was measured anywhere: a judgement, and the same for every chat, so it decides nothing. */
const PRIOR_RATIO = 0.01

const ratioOf = (part: number, whole: number): number => (whole === 0 ? 0 : Math.min(1, part / whole))

const provenOf = (part: number, whole: number): number => wilsonInterval(Math.min(part, whole), whole).low

/**
 * Ranks chats by their measured response and chooses the best `count` of those that can be posted into. Never by chance:
 * the same numbers give the same choice; of equals the one with more evidence, then the one known longer. Pure and total.
 */
export const rankChats = (chats: readonly MeasuredChat[], count: number): readonly RankedChat[] => {
  const exposures = chats.reduce((sum, chat) => sum + chat.exposures, 0)
  const responders = chats.reduce((sum, chat) => sum + chat.responders, 0)
  const mean = exposures === 0 ? PRIOR_RATIO : ratioOf(responders, exposures)
  const ranked = chats
    .map((chat) => ({
      ...chat,
      ratio: ratioOf(chat.responders + mean * PRIOR_EXPOSURES, chat.exposures + PRIOR_EXPOSURES),
      provenRatio: provenOf(chat.responders + mean * PRIOR_EXPOSURES, chat.exposures + PRIOR_EXPOSURES),
      interval: wilsonInterval(Math.min(chat.responders, chat.exposures), chat.exposures),
    }))
    .toSorted((a, b) => b.provenRatio - a.provenRatio || b.exposures - a.exposures || a.chatId - b.chatId)
  let left = count
  return ranked.map((chat): RankedChat => {
    const isChosen = left > 0 && chat.mayPost && !chat.isOverPackage
    if (isChosen) left -= 1
    return { ...chat, isChosen }
  })
}
