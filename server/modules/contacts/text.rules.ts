import words from './text-words.json' with { type: 'json' }

/**
 * Text as words are compared: lower case, no accents, dotted and dotless i the same. `İPTAL`, `IPTAL`, `iptal` and
 * `ıptal` fold to one string, whatever keyboard they were typed on.
 */
export const foldText = (text: string): string =>
  text.toLowerCase().normalize('NFKD').replaceAll(/\p{M}/gu, '').replaceAll('ı', 'i')

const wordsOf = (text: string): string[] =>
  foldText(text)
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '')

const stopWords: ReadonlySet<string> = new Set(words.stopWords.map(foldText))

/** A longer message is not a stop word, and is not worth folding. */
const STOP_MESSAGE_MAX = 64

/**
 * Whether the whole message is one stop word (list in text-words.json). Punctuation, emoji, spaces, a leading slash and
 * a bot's name after @ are tolerated; a second word is not: "dur bir dakika" asks for something else.
 */
export const isStopWord = (text: string): boolean => {
  if (text.length > STOP_MESSAGE_MAX) return false
  const command = /^\s*\/(\p{L}+)@\w+\s*$/u.exec(text)
  const found = wordsOf(command?.[1] ?? text)
  return found.length === 1 && stopWords.has(found[0] ?? '')
}

const phrasePattern = (phrase: string): string => {
  const open = phrase.endsWith('*')
  const body = wordsOf(open ? phrase.slice(0, -1) : phrase).join(' ')
  return open ? `${body}[\\p{L}\\p{N}]*` : body
}

/** Only the beginning of a text is read: a price question stands early, and a pasted book must not cost a second. */
const INTENT_TEXT_MAX = 4_096

/** A list of phrases under a name. */
export interface PhraseList {
  readonly name: string
  readonly words: readonly string[]
}

/**
 * Tells which of these lists a text says a phrase of, word for word however it is typed; `*` at a phrase's end stands for
 * any ending. What holds neither letter nor digit is no phrase.
 */
export const createPhraseReader = (lists: readonly PhraseList[]): ((text: string) => readonly string[]) => {
  const tests = lists.flatMap(({ name, words: phrases }) => {
    const patterns = phrases.filter((phrase) => wordsOf(phrase).length > 0).map(phrasePattern)
    return patterns.length === 0 ? [] : [{ name, pattern: new RegExp(` (?:${patterns.join('|')}) `, 'u') }]
  })
  return (text) => {
    const folded = ` ${wordsOf(text.slice(0, INTENT_TEXT_MAX)).join(' ')} `
    return tests.flatMap(({ name, pattern }) => (pattern.test(folded) ? [name] : []))
  }
}

/** {@link createPhraseReader} for one list: whether a text says any of these phrases; without phrases none does. */
export const createPhraseTest = (phrases: readonly string[]): ((text: string) => boolean) => {
  const read = createPhraseReader([{ name: '', words: phrases }])
  return (text) => read(text).length > 0
}

/** Whether the text asks about money: a phrase of text-words.json; `*` there stands for any Turkish suffix. */
export const hasPriceIntent = createPhraseTest(words.priceIntent)
