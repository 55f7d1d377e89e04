import { foldText } from '#server/modules/contacts/index.ts'

const isDigit = (code: number): boolean => /^\p{Nd}$/u.test(String.fromCodePoint(code))

/** Unicode's decimal digits come in blocks of ten, from zero to nine. */
const valueOf = (digit: string): string => {
  const code = digit.codePointAt(0) ?? 0
  let first = code
  while (isDigit(first - 1)) first -= 1
  return String((code - first) % 10)
}

/** What is seen of a text: compatibility forms as their plain ones, and no character that cannot be seen. */
export const visible = (text: string): string =>
  text
    .normalize('NFKC')
    .replace(/[\p{Cf}\p{Mn}\p{Me}]/gu, '')
    .replace(/[\p{Zs}\t]/gu, ' ')

/**
 * A text as numbers are read in it: folded as words are compared, digits of any script as 0–9, separators as `.` and `,`,
 * and an O among digits as the zero it looks like.
 */
export const plainDigits = (text: string): string =>
  foldText(visible(text))
    .replace(/[^\P{Nd}\d]/gu, valueOf)
    .replaceAll('٫', '.')
    .replaceAll('٬', ',')
    .replaceAll('٪', '%')
    .replaceAll(/(?<=\d)[oо](?=[\doо]*(?:[^\p{L}]|$))/gu, '0')
