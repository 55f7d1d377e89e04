const ADDRESS = /\b(?:t|telegram)\.me\/(?:s\/)?([A-Za-z][A-Za-z0-9_]{3,31})\b/g

/** Addresses of Telegram that name a page, not an account or a chat. */
const NOT_NAMES: ReadonlySet<string> = new Set(['joinchat', 'addstickers', 'share', 'proxy', 'socks', 'setlanguage'])

/** The public names that a text links to (`t.me/…`), in lower case, each once. Pure and total. */
export const linkedNames = (text: string): readonly string[] => {
  const names = [...text.matchAll(ADDRESS)].map(([, name = '']) => name.toLowerCase())
  return [...new Set(names)].filter((name) => !NOT_NAMES.has(name))
}

const NAME = /^(?:@|(?:https?:\/\/)?(?:www\.)?(?:t|telegram)\.me\/)?([A-Za-z][A-Za-z0-9_]{3,31})\/?$/

/** A public name as somebody writes it (`@Name`, `t.me/name`), in lower case; null for what cannot be one. */
export const parseListingName = (given: string): string | null => NAME.exec(given.trim())?.[1]?.toLowerCase() ?? null
