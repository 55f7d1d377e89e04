import type { Locale } from '#contract/words.ts'

import type { Complain } from './lint-finding.rules.ts'

/** How advertising is labelled: the word at the very beginning, or as a hashtag anywhere. Turkish law 6563 asks for it. */
const LABELS: Readonly<Record<Locale, readonly string[]>> = {
  tr: ['reklam', 'tanıtım'],
  en: ['ad', 'advert', 'advertisement', 'sponsored'],
  ru: ['реклама'],
  ar: ['إعلان'],
}

/** What a writer can add. */
const FIXES: Readonly<Record<Locale, string>> = { tr: '#reklam', en: '#ad', ru: '#реклама', ar: '#إعلان' }

const labelOf = (words: readonly string[]): RegExp =>
  new RegExp(`(?:^[^\\p{L}\\p{N}]*|#)(?:${words.join('|')})(?![\\p{L}\\p{N}_])`, 'iu')

/** Whether a visible text is labelled as advertising; the Turkish label is understood in every language. */
export const hasAdLabel = (text: string, locale: Locale): boolean =>
  labelOf([...LABELS[locale], ...LABELS.tr]).test(text.normalize('NFC'))

/** Complains of a promo that does not say what it is. */
export const lintAdLabel = (text: string, locale: Locale, complain: Complain): void => {
  if (!hasAdLabel(text, locale)) complain('ad_label_missing', 'text', { fix: FIXES[locale] })
}
