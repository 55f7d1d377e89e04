import type { Locale } from '#contract/words.ts'
import { foldText } from '#server/modules/contacts/index.ts'

import stopWords from './knowledge-stop-words.json' with { type: 'json' }

/** A word as it is looked for: as written, for the language's own dictionary, and folded, for those who type without marks. */
export interface SearchWord {
  readonly word: string
  readonly folded: string
  /** The folded word without what Turkish hangs on at the end. */
  readonly root: string
}

/**
 * Five letters: the length at which Turkish words are best cut for searching (Can et al., Information retrieval on
 * Turkish texts, 2008). It finds "kargonuz" by "kargo" without a dictionary, and also where no mark was typed.
 */
const ROOT_LENGTH = 5

const STOP_WORDS: ReadonlySet<string> = new Set(stopWords.map(foldText))

const QUERY_LENGTH_MAX = 1_000
const QUERY_WORDS_MAX = 24

const wordsOf = (text: string): readonly string[] => text.split(/[^\p{L}\p{N}\p{M}]+/u).filter((word) => word !== '')

const lower = (text: string, language: Locale): string => text.normalize('NFC').toLocaleLowerCase(language)

const rootOf = (folded: string): string => Array.from(folded).slice(0, ROOT_LENGTH).join('')

/** The words of a passage as they are stored: for the language's dictionary, and folded. Each separated by spaces. */
export const indexWords = (text: string, language: Locale): { readonly words: string; readonly folded: string } => {
  const words = wordsOf(lower(text, language))
  const fold = language === 'tr' ? (word: string) => rootOf(foldText(word)) : foldText
  return { words: words.join(' '), folded: words.map(fold).join(' ') }
}

/** The words of a question that can tell one passage from another, each once. */
export const queryWords = (query: string, language: Locale): readonly SearchWord[] => {
  const found = new Map<string, SearchWord>()
  for (const word of wordsOf(lower(query.slice(0, QUERY_LENGTH_MAX).toWellFormed(), language))) {
    const folded = foldText(word)
    const says = folded.length > 1 || /\p{N}/u.test(folded)
    if (says && !STOP_WORDS.has(folded) && !found.has(folded)) found.set(folded, { word, folded, root: rootOf(folded) })
    if (found.size === QUERY_WORDS_MAX) break
  }
  return [...found.values()]
}
