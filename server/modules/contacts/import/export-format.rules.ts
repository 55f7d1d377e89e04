import { parseInstant } from '#server/base/clock.ts'

import type { ChatRef, MessageKind } from '../contact.rules.ts'
import type { Visit } from './json-elements.ts'
import { instantOfWallTime } from './import.rules.ts'

/**
 * The format of Telegram Desktop's `result.json`, as its own writer has it. An export of one chat is the chat's object
 * itself; one of a whole account has chats in `chats.list` and `left_chats.list`, its owner in `personal_information`
 * and saved people in `contacts.list`. In both, a chat is name, type, id and then messages, in this order.
 */
export const visitExport = (place: string): Visit => {
  if (/^(?:(?:left_)?chats\.list\.\[\]\.)?(?:name|type|id|messages\.\[\])$/.test(place)) return 'take'
  if (place === 'personal_information' || place === 'contacts.list.[]') return 'take'
  if (
    /^(?:|messages|contacts|contacts\.list|(?:left_)?chats|(?:left_)?chats\.list|(?:left_)?chats\.list\.\[\](?:\.messages)?)$/.test(
      place,
    )
  ) {
    return 'enter'
  }
  return 'skip'
}

/** A chat's own fields, and the last part of a place for telling them. */
export const fieldOf = (place: string): string => place.replace(/^(?:left_)?chats\.list\.\[\]\./, '')

/** Whether a place is that of a chat, whose end ends the chat. */
export const isChatPlace = (place: string): boolean => place === '' || /^(?:left_)?chats\.list\.\[\]$/.test(place)

/** What kind of conversation a chat is to us. */
export type ExportChat =
  | { readonly kind: 'private'; readonly partnerId: number; readonly partnerName: string }
  | { readonly kind: 'group'; readonly ref: ChatRef }
  /** Bots, saved messages, replies, or a type that is not known: nobody to meet there. */
  | { readonly kind: 'none' }

/** The Bot API's number for a supergroup or channel is this, negative, minus the number Telegram itself uses. */
const CHANNEL_BASE = 1_000_000_000_000

const GROUP_KINDS: Readonly<Record<string, ChatRef['kind']>> = {
  private_group: 'group',
  private_supergroup: 'supergroup',
  public_supergroup: 'supergroup',
  private_channel: 'channel',
  public_channel: 'channel',
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')
const idOf = (value: unknown): number | null => {
  const id = typeof value === 'string' && /^\d{1,16}$/.test(value) ? Number(value) : value
  return typeof id === 'number' && Number.isSafeInteger(id) && id > 0 ? id : null
}

/** A chat by its fields `type`, `id` and `name`; null if they are not those of a chat. */
export const readChat = (fields: Readonly<Record<string, unknown>>): ExportChat | null => {
  const { type } = fields
  const id = idOf(fields['id'])
  if (typeof type !== 'string' || id === null) return null
  if (type === 'personal_chat') return { kind: 'private', partnerId: id, partnerName: textOf(fields['name']) }
  const kind = GROUP_KINDS[type]
  if (!kind) return { kind: 'none' }
  const telegramId = kind === 'group' ? -id : -(CHANNEL_BASE + id)
  return { kind: 'group', ref: { telegramId, kind, title: textOf(fields['name']) } }
}

/** Who is meant by `from_id` or `actor_id`. */
export type ExportPeer = { readonly userId: number } | 'chat' | null

const peerOf = (value: unknown): ExportPeer => {
  // Exports of before 2021 have bare numbers.
  if (typeof value === 'number') return Number.isSafeInteger(value) && value > 0 ? { userId: value } : null
  const match = /^(user|chat|channel)(\d{1,16})$/.exec(textOf(value))
  if (!match) return null
  return match[1] === 'user' ? { userId: Number(match[2]) } : 'chat'
}

export interface ExportReaction {
  readonly userId: number
  readonly name: string
  readonly at: number
  readonly emoji: string
}

/** One entry of a chat's messages. Instants are epoch ms. */
export type ExportEntry =
  | {
      readonly type: 'message'
      readonly id: number
      readonly at: number
      readonly from: ExportPeer
      readonly fromName: string
      readonly text: string
      readonly kind: MessageKind
      /** Only bots put buttons under what they write themselves. */
      readonly isBot: boolean
      readonly reactions: readonly ExportReaction[]
    }
  | {
      readonly type: 'service'
      readonly id: number
      readonly at: number
      readonly action: string
      readonly actor: ExportPeer
      readonly actorName: string
      /** Names only: Telegram Desktop writes no ids here. Null for a deleted account. */
      readonly members: readonly (string | null)[]
    }

const MEDIA_KINDS: Readonly<Record<string, MessageKind>> = {
  sticker: 'sticker',
  video_message: 'video',
  video_file: 'video',
  animation: 'video',
  voice_message: 'voice',
  audio_file: 'voice',
}
const LINK_TYPES: ReadonlySet<unknown> = new Set(['link', 'text_link'])

type Fields = Readonly<Record<string, unknown>>

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** `text` is a string, or a list of strings and of objects with a `text` of their own. */
const plainText = (text: unknown): string => {
  if (!Array.isArray(text)) return textOf(text)
  return text.map((part: unknown) => (isFields(part) ? textOf(part['text']) : textOf(part))).join('')
}

const kindOf = (message: Fields): MessageKind => {
  const media = MEDIA_KINDS[textOf(message['media_type'])]
  if (media) return media
  if (message['photo'] !== undefined) return 'photo'
  if (message['file'] !== undefined) return 'document'
  if (message['poll'] !== undefined) return 'poll'
  if (plainText(message['text']) === '') return 'other'
  const entities: readonly unknown[] = Array.isArray(message['text']) ? message['text'] : []
  return entities.some((part) => isFields(part) && LINK_TYPES.has(part['type'])) ? 'link' : 'text'
}

/** Dates without a zone are local to the computer that made the export. */
const wallTime = (value: unknown): number | null => {
  const text = textOf(value)
  return /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}$/.test(text) ? parseInstant(`${text}Z`) : null
}

const instantOf = (message: Fields, timeZone: string): number | null => {
  const seconds = textOf(message['date_unixtime'])
  if (/^\d{1,11}$/.test(seconds)) return Number(seconds) * 1_000
  const wall = wallTime(message['date'])
  return wall === null ? null : instantOfWallTime(wall, timeZone)
}

const reactionsOf = (message: Fields, at: number): ExportReaction[] => {
  const list: readonly unknown[] = Array.isArray(message['reactions']) ? message['reactions'] : []
  const wall = wallTime(message['date'])
  return list.filter(isFields).flatMap((reaction) => {
    const recent: readonly unknown[] = Array.isArray(reaction['recent']) ? reaction['recent'] : []
    return recent.filter(isFields).flatMap((one) => {
      const peer = peerOf(one['from_id'])
      const local = wallTime(one['date'])
      if (peer === null || peer === 'chat' || local === null || wall === null) return []
      // The message tells how far local time is from UTC.
      const emoji = textOf(reaction['emoji']) || textOf(reaction['type'])
      return [{ userId: peer.userId, name: textOf(one['from']), at: local - (wall - at), emoji }]
    })
  })
}

/**
 * One entry of `messages`; null for one that is nothing to us (an unsupported message). `'broken'` if it lacks an id or
 * an instant. `timeZone` is that of exports from before 2022, which know local time only.
 */
export const readEntry = (value: unknown, timeZone: string): ExportEntry | 'broken' | null => {
  if (!isFields(value)) return 'broken'
  const { type, id } = value
  if (type !== 'message' && type !== 'service') return typeof type === 'string' ? null : 'broken'
  const at = instantOf(value, timeZone)
  if (typeof id !== 'number' || !Number.isSafeInteger(id) || at === null) return 'broken'
  if (type === 'service') {
    const members: readonly unknown[] = Array.isArray(value['members']) ? value['members'] : []
    return {
      type,
      id,
      at,
      action: textOf(value['action']),
      actor: peerOf(value['actor_id']),
      actorName: textOf(value['actor']),
      members: members.map((name) => (typeof name === 'string' && name !== '' ? name : null)),
    }
  }
  return {
    type,
    id,
    at,
    from: peerOf(value['from_id']),
    fromName: textOf(value['from']),
    text: plainText(value['text']),
    kind: kindOf(value),
    isBot: value['inline_bot_buttons'] !== undefined && value['via_bot'] === undefined,
    reactions: reactionsOf(value, at),
  }
}

/** The owner's id from `personal_information`, or null. */
export const readOwner = (value: unknown): number | null => (isFields(value) ? idOf(value['user_id']) : null)

/** A person from `contacts.list`; null for one without an id, whom nobody could recognise. */
export const readSavedPerson = (
  value: unknown,
): {
  readonly userId: number
  readonly firstName: string
  readonly lastName: string
  readonly at: number | null
} | null => {
  const userId = isFields(value) ? idOf(value['user_id']) : null
  if (!isFields(value) || userId === null) return null
  const seconds = textOf(value['date_unixtime'])
  return {
    userId,
    firstName: textOf(value['first_name']),
    lastName: textOf(value['last_name']),
    at: /^\d{1,11}$/.test(seconds) ? Number(seconds) * 1_000 : null,
  }
}
