import { invalid } from '#server/base/errors.ts'

import { cleanText } from './contact.rules.ts'

export const TAG_MAX = 40
const TAGS_MAX = 50

/** A tag as it is stored: trimmed, inner spaces single, lower case (VIP is vip, İndirim is indirim). */
export const cleanTag = (tag: string): string =>
  cleanText(tag, 1_000).trim().replaceAll(/\s+/g, ' ').replaceAll('İ', 'i').toLowerCase()

/** Tags as they are stored, each once. Errors: `invalid/tag_length`, `invalid/tags_too_many`. */
export const checkTags = (tags: readonly string[]): string[] => {
  const cleaned = tags.map(cleanTag)
  for (const tag of cleaned) {
    if (tag === '' || tag.length > TAG_MAX)
      throw invalid('tag_length', 'tags', { value: tag.slice(0, TAG_MAX), max: TAG_MAX })
  }
  const unique = [...new Set(cleaned)]
  if (unique.length > TAGS_MAX) throw invalid('tags_too_many', 'tags', { max: TAGS_MAX })
  return unique
}
