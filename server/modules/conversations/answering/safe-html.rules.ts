import { escapeText, parseTelegramHtml } from '#server/modules/templates/index.ts'

/** A text as it may be sent: Telegram HTML, what is seen of it, and the addresses behind its words. */
export interface SafeHtml {
  readonly html: string
  readonly text: string
  readonly links: readonly string[]
}

const ALLOWED = /^<\/?(?:b|strong|i|em|u|s|code|pre|blockquote|a(?:\s+href="[^"<>]*")?)\s*>$/iu
const TAG = /<[^>]*>/gu

/** Markup of other systems, which Telegram would show as it is written. */
const withoutMarkdown = (text: string): string =>
  text
    .replaceAll(/```[a-z]*\n?|```/giu, '')
    .replaceAll(/\[([^\]\n]{1,200})\]\((https?:[^\s)]+)\)/giu, '$1 ($2)')
    .replaceAll(/^#{1,6}\s+/gmu, '')
    .replaceAll(/(\*\*|__)(?=\S)([^\n]*?\S)\1/gu, '$2')
    .replaceAll(/^\s*[*]\s+/gmu, '• ')

const plain = (text: string): SafeHtml => {
  const shown = withoutMarkdown(text).trim()
  return { html: escapeText(shown), text: shown, links: [] }
}

/**
 * What a model wrote, made fit for Telegram: the few harmless tags stay where they are whole, everything else becomes
 * plain text, escaped, so that nothing is refused by Telegram and nothing hides behind markup. Total.
 */
export const toSafeHtml = (written: string): SafeHtml => {
  const text = written.replaceAll('\u0000', '').toWellFormed().replaceAll('\r\n', '\n').trim()
  const parsed = parseTelegramHtml(text)
  const tags = text.match(TAG) ?? []
  if (!parsed.ok) return plain(text)
  if (tags.length === 0) return plain(parsed.text)
  return tags.every((tag) => ALLOWED.test(tag)) && !parsed.links.some((link) => !/^https?:/iu.test(link))
    ? { html: text, text: parsed.text, links: parsed.links }
    : plain(parsed.text)
}
