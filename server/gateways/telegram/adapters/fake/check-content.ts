import type { FailureReason } from '../../failures.ts'
import type { OutgoingMessage } from '../../outgoing-message.ts'

const TEXT_MAX = 4096
const CAPTION_MAX = 1024
const ACTION_MAX_BYTES = 64
const TAGS = /^(?:b|strong|i|em|u|ins|s|strike|del|a|code|pre|span|tg-spoiler|tg-emoji|blockquote)$/

/** Why Telegram would refuse the content; null when it would not. Knows the rules that senders get wrong, not all. */
export const checkContent = (
  message: Pick<OutgoingMessage, 'text' | 'media' | 'buttons' | 'invoice'>,
): FailureReason | null => {
  if (message.invoice) return checkInvoice(message.invoice)
  const plain = plainText(message.text)
  if (plain === null) return 'markup_broken'
  const length = Array.from(plain).length
  if (message.media ? length > CAPTION_MAX : length > TEXT_MAX)
    return message.media ? 'caption_too_long' : 'text_too_long'
  if (!message.media && plain.trim() === '') return 'text_empty'
  const actions = (message.buttons ?? []).flat().flatMap((button) => ('action' in button ? [button.action] : []))
  const isBad = actions.some((action) => action === '' || Buffer.byteLength(action) > ACTION_MAX_BYTES)
  return isBad ? 'buttons_invalid' : null
}

/** The text without its tags; null when a tag is unknown, or opened and closed out of order. */
const plainText = (html: string): string | null => {
  const open: string[] = []
  let isBroken = false
  const plain = html.replace(/<(\/?)([^\s>/]*)[^>]*>?/g, (_, slash: string, name: string) => {
    if (slash === '') open.push(name)
    else isBroken ||= open.pop() !== name
    isBroken ||= !TAGS.test(name)
    return ''
  })
  return isBroken || open.length > 0 ? null : plain.replace(/&(?:lt|gt|amp|quot|#\d+|#x[\da-f]+);/gi, '.')
}

/** Telegram has one refusal for each of these; together they are what an invoice must be. */
const checkInvoice = ({ title, description, payload, stars }: NonNullable<OutgoingMessage['invoice']>) => {
  const isWhole = Number.isInteger(stars) && stars >= 1
  const fits = (text: string, max: number) => text !== '' && Array.from(text).length <= max
  const bytes = Buffer.byteLength(payload)
  return isWhole && fits(title, 32) && fits(description, 255) && bytes >= 1 && bytes <= 128 ? null : 'rejected_other'
}
