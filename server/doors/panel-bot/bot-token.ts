/** What a text looks like that must not stay in a chat. */
export const BOT_TOKEN = /\d{5,20}:[A-Za-z0-9_-]{30,64}/

/** The text without what looks like a key. */
export const hideTokens = (text: string): string => text.replaceAll(new RegExp(BOT_TOKEN, 'g'), '•••')
