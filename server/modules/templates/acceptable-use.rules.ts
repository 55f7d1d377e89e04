import phrases from './acceptable-use.json' with { type: 'json' }
import { normaliseText } from './fingerprint.rules.ts'

/**
 * What the product is not for. `adult`, `brokered` (people offered or arranged), `impersonation`, `human_claim` (a machine
 * that says it is a person) and `ai_hiding` (a machine told not to say what it is) end a text;
 * `scarcity` (pressure by claimed shortage) is shown for a person to confirm that it is true.
 */
export const USE_CATEGORIES = ['adult', 'brokered', 'impersonation', 'scarcity', 'human_claim', 'ai_hiding'] as const
export type UseCategory = (typeof USE_CATEGORIES)[number]

/** Phrases as people write them; a trailing `*` lets the last word go on, as Turkish words do, and `#` is any number. */
const PHRASES: Readonly<Record<UseCategory, readonly string[]>> = phrases

interface Phrase {
  readonly category: UseCategory
  readonly written: string
  readonly pattern: RegExp
}

/** Words of a text, folded as the fingerprint folds them; `18+` keeps its plus, which carries the meaning. */
const foldWords = (text: string): string =>
  ` ${text
    .replace(/\{\{[^{}]*\}\}/gu, ' ')
    .replace(/[âÂ]/gu, 'a')
    .split(/[^\p{L}\p{N}\p{M}+]+/u)
    .map((word) => (word === '18+' ? word : normaliseText(word)))
    .filter((word) => word !== '')
    .join(' ')} `

const escapePattern = (text: string): string => text.replace(/[+.?^$()[\]{}|\\]/gu, String.raw`\$&`)

const compilePhrase = (category: UseCategory, written: string): Phrase => {
  const isOpen = written.endsWith('*')
  const words = foldWords(written.replace('*', '').replace('#', '777')).trim()
  const pattern = escapePattern(words).replace('777', String.raw`\d+`)
  return { category, written, pattern: new RegExp(` ${pattern}${isOpen ? '' : ' '}`, 'u') }
}

const compiled: readonly Phrase[] = USE_CATEGORIES.flatMap((category) =>
  PHRASES[category].map((phrase) => compilePhrase(category, phrase)),
)

/** The phrases of a visible text (tags already taken out) that fall outside acceptable use, each once. */
export const findUnacceptableUse = (
  text: string,
): readonly { readonly category: UseCategory; readonly phrase: string }[] => {
  const words = foldWords(text)
  return compiled
    .filter(({ pattern }) => pattern.test(words))
    .map(({ category, written }) => ({ category, phrase: written }))
}
