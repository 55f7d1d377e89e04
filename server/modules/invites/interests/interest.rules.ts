import { DAY_MS } from '#server/base/duration.ts'
import { invalid } from '#server/base/errors.ts'

import defaults from './interests.json' with { type: 'json' }

/** One interest and the words by which a message speaks of it; a word that ends with `*` stands for all that begin so. */
export interface InterestGroup {
  readonly name: string
  readonly words: readonly string[]
}

/** What interests a tenant's people are known by. Version 0 is the product's own words. */
export interface InterestSet {
  readonly version: number
  readonly groups: readonly InterestGroup[]
}

export const DEFAULT_INTERESTS: InterestSet = { version: 0, groups: defaults }

/** Evidence counts for an invitation within this many days; older words say little of today. */
export const EVIDENCE_DAYS = 20

/** Texts are read back this far; they are kept no longer. */
export const READING_WINDOW_MS = 90 * DAY_MS

const NAME = /^[a-z][a-z0-9_]{1,31}$/
const GROUPS_MAX = 20
const WORDS_MAX = 200
const WORD_MAX = 60

/**
 * A tenant's own groups, checked and trimmed. Errors: `invalid` with `interest_groups`, `interest_name`, `interest_words`,
 * `interest_word`.
 */
export const checkInterests = (groups: readonly InterestGroup[]): readonly InterestGroup[] => {
  if (groups.length === 0 || groups.length > GROUPS_MAX) throw invalid('interest_groups', 'groups', { max: GROUPS_MAX })
  const names = new Set<string>()
  return groups.map(({ name, words }) => {
    if (!NAME.test(name) || names.has(name)) throw invalid('interest_name', 'name', { name: name.slice(0, 40) })
    names.add(name)
    const kept = [...new Set(words.map((word) => word.trim()))]
    if (kept.length === 0 || kept.length > WORDS_MAX) throw invalid('interest_words', 'words', { name, max: WORDS_MAX })
    const odd = kept.find((word) => word.length > WORD_MAX || word.replaceAll(/[^\p{L}\p{N}]/gu, '').length < 2)
    if (odd !== undefined)
      throw invalid('interest_word', 'words', { name, word: odd.slice(0, WORD_MAX), max: WORD_MAX })
    return { name, words: kept }
  })
}

/** Messages of one person that spoke of one interest on one day (UTC, `2026-06-01`). */
export interface InterestCount {
  readonly interest: string
  readonly day: string
  readonly count: number
}

/** Counts what somebody's messages speak of. */
export const countInterests = (
  read: (text: string) => readonly string[],
  messages: readonly { readonly text: string; readonly day: string }[],
): readonly InterestCount[] => {
  const counts = new Map<string, InterestCount>()
  for (const { text, day } of messages)
    for (const interest of read(text)) {
      const key = `${interest} ${day}`
      counts.set(key, { interest, day, count: (counts.get(key)?.count ?? 0) + 1 })
    }
  return [...counts.values()]
}
