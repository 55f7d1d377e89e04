/** What an address says after its question mark, before anybody has checked it. */
export type Search = Readonly<Record<string, unknown>>

/** The text of a part, or nothing; the router reads digits as a number. */
export const textIn = (search: Search, name: string): string | undefined => {
  const value = search[name]
  if (typeof value === 'number') return String(value)
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** The part if it is the number of a row of ours, else nothing. */
export const idIn = (search: Search, name: string): number | undefined => {
  const id = Number(search[name])
  return Number.isSafeInteger(id) && id > 0 ? id : undefined
}

/** The part if it is one of these words, else nothing: an address that somebody mistyped shows the whole list. */
export const wordIn = <W extends string>(search: Search, name: string, words: readonly W[]): W | undefined =>
  words.find((word) => word === search[name])
