import type { MessageEntity } from '@grammyjs/types'

type Detected = MessageEntity.CommonMessageEntity

const PATTERNS: readonly { readonly type: Detected['type']; readonly pattern: RegExp }[] = [
  { type: 'bot_command', pattern: /(?<![\w/<>])\/[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]{3,32})?(?![\w/])/g },
  {
    type: 'url',
    pattern:
      /(?<![\w@])(?:https?:\/\/[^\s<>"]+|(?:[a-z0-9-]+\.)+(?:com|org|net|me|io|tr|app|dev|co)(?:\/[^\s<>"]*)?)(?<![.,!?;:)])/gi,
  },
  { type: 'email', pattern: /(?<![\w.])[\w.+-]+@[\w-]+\.[\w.-]*\w/g },
  { type: 'mention', pattern: /(?<![\w@/])@[A-Za-z][A-Za-z0-9_]{2,31}(?!\w)/g },
  { type: 'hashtag', pattern: /(?<![\p{L}\p{N}_#])#[\p{L}\p{N}_]{1,256}/gu },
]

/** A cheap look that spares most texts the search. */
const MAYBE = /[/@#.]/

/**
 * The entities Telegram finds by itself in a text: commands, links, e-mails, mentions and hashtags.
 * `taken` are those already there; a found one that overlaps them is left out. Offsets are UTF-16 units, sorted.
 */
export function detectEntities(text: string, taken: readonly MessageEntity[] = []): MessageEntity[] {
  if (!MAYBE.test(text)) return [...taken]
  const found: MessageEntity[] = []
  for (const { type, pattern } of PATTERNS) {
    for (const match of text.matchAll(pattern)) {
      const entity = { type, offset: match.index, length: match[0].length }
      if (!taken.some((other) => overlaps(other, entity)) && !found.some((other) => overlaps(other, entity))) {
        found.push(entity)
      }
    }
  }
  return found.length === 0
    ? [...taken]
    : [...taken, ...found].sort((a, b) => a.offset - b.offset || b.length - a.length)
}

function overlaps(a: MessageEntity, b: MessageEntity): boolean {
  return a.offset < b.offset + b.length && b.offset < a.offset + a.length
}
