import type { MessageEntity } from '@grammyjs/types'

/** An entity before it is resolved: a text_mention still names its user by id only. */
export type RawEntity = {
  type: MessageEntity['type']
  readonly offset: number
  readonly length: number
  /** The url, language or emoji id. */
  argument?: string | undefined
  readonly userId?: number | undefined
  readonly unixTime?: number | undefined
}

/** Offsets and lengths are UTF-16 units of `text`. */
export type ParsedText = { readonly text: string; readonly entities: readonly RawEntity[] }

const PRIORITY: Partial<Record<MessageEntity['type'], number>> = {
  expandable_blockquote: 0,
  blockquote: 0,
  pre: 11,
  code: 20,
}

/** By place, longer first, containers before what they contain. */
export function sortEntities(entities: RawEntity[]): RawEntity[] {
  return entities.sort(
    (a, b) => a.offset - b.offset || b.length - a.length || (PRIORITY[a.type] ?? 50) - (PRIORITY[b.type] ?? 50),
  )
}
