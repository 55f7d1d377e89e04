import { parseTelegramHtml } from '#server/modules/templates/index.ts'

/** What we send is Telegram HTML; this is how it reads. Null stays null. */
export const plainText = (html: string | null): string | null => {
  if (html === null) return null
  const parsed = parseTelegramHtml(html)
  return parsed.ok ? parsed.text : html
}
