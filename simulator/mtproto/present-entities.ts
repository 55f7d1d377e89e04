import type { MessageEntity } from '@grammyjs/types'
import { Long, type tl } from '@mtcute/core'

type Plain = Exclude<tl.TypeMessageEntity, tl.RawMessageEntityUnknown>['_']

/** Kinds without a value of their own, in both vocabularies. */
const PLAIN = {
  bold: 'messageEntityBold',
  italic: 'messageEntityItalic',
  underline: 'messageEntityUnderline',
  strikethrough: 'messageEntityStrike',
  spoiler: 'messageEntitySpoiler',
  code: 'messageEntityCode',
  mention: 'messageEntityMention',
  hashtag: 'messageEntityHashtag',
  cashtag: 'messageEntityCashtag',
  bot_command: 'messageEntityBotCommand',
  url: 'messageEntityUrl',
  email: 'messageEntityEmail',
  phone_number: 'messageEntityPhone',
} as const satisfies Partial<Record<MessageEntity['type'], Plain>>

const PLAIN_BACK: ReadonlyMap<string, string> = new Map(Object.entries(PLAIN).map(([ours, theirs]) => [theirs, ours]))

/** Entities as MTProto names them; kinds it has no name for here are left out. */
export function presentEntities(entities: readonly MessageEntity[]): tl.TypeMessageEntity[] {
  return entities.flatMap((entity): tl.TypeMessageEntity[] => {
    const { offset, length, type } = entity
    switch (type) {
      case 'pre':
        return [{ _: 'messageEntityPre', offset, length, language: entity.language ?? '' }]
      case 'text_link':
        return [{ _: 'messageEntityTextUrl', offset, length, url: entity.url }]
      case 'custom_emoji': {
        const documentId = Long.fromString(entity.custom_emoji_id)
        return [{ _: 'messageEntityCustomEmoji', offset, length, documentId }]
      }
      case 'blockquote':
        return [{ _: 'messageEntityBlockquote', offset, length }]
      case 'expandable_blockquote':
        return [{ _: 'messageEntityBlockquote', collapsed: true, offset, length }]
      default:
        return Object.hasOwn(PLAIN, type) ? [{ _: PLAIN[type as keyof typeof PLAIN], offset, length }] : []
    }
  })
}

/** The same the other way: what a client sent, as the world keeps it. */
export function readEntities(entities: readonly tl.TypeMessageEntity[] = []): MessageEntity[] {
  return entities.flatMap((entity): MessageEntity[] => {
    const { offset, length } = entity
    switch (entity._) {
      case 'messageEntityPre':
        return [{ type: 'pre', offset, length, ...(entity.language !== '' && { language: entity.language }) }]
      case 'messageEntityTextUrl':
        return [{ type: 'text_link', offset, length, url: entity.url }]
      case 'messageEntityCustomEmoji':
        return [{ type: 'custom_emoji', offset, length, custom_emoji_id: entity.documentId.toString() }]
      case 'messageEntityBlockquote':
        return [{ type: entity.collapsed ? 'expandable_blockquote' : 'blockquote', offset, length }]
      default: {
        const type = PLAIN_BACK.get(entity._)
        return type === undefined ? [] : [{ type, offset, length } as MessageEntity.CommonMessageEntity]
      }
    }
  })
}
