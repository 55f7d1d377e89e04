import type { Message } from '@grammyjs/types'
import type { Call, UploadedFile } from '#simulator/bot-api/call.ts'
import { isLongerThan, MAX_CAPTION, readFormattedText } from '#simulator/bot-api/entities/read-text.ts'
import { badRequest } from '#simulator/bot-api/errors.ts'
import { storeFile } from '#simulator/world/files.ts'
import type { MessageContent } from '#simulator/world/messages.ts'
import type { StoredFile } from '#simulator/world/types.ts'

export type MediaKind = 'photo' | 'video' | 'animation' | 'audio' | 'document' | 'voice' | 'video_note' | 'sticker'

/** What media methods and InputMedia have in common. */
export type MediaArgs = {
  readonly caption?: string | undefined
  readonly parse_mode?: string | undefined
  readonly caption_entities?: readonly NonNullable<Message['caption_entities']>[number][] | undefined
  readonly has_spoiler?: boolean | undefined
  readonly show_caption_above_media?: boolean | undefined
  readonly width?: number | undefined
  readonly height?: number | undefined
  readonly duration?: number | undefined
  readonly length?: number | undefined
  readonly performer?: string | undefined
  readonly title?: string | undefined
  readonly emoji?: string | undefined
}

/** Bytes a photo and any other file may have (bots/api, sending files). */
const MAX_PHOTO_BYTES = 10 * 1024 * 1024
const MAX_FILE_BYTES = 50 * 1024 * 1024
const MIMES: Readonly<Record<MediaKind, string>> = {
  photo: 'image/jpeg',
  video: 'video/mp4',
  animation: 'video/mp4',
  audio: 'audio/mpeg',
  document: 'application/octet-stream',
  voice: 'audio/ogg',
  video_note: 'video/mp4',
  sticker: 'image/webp',
}

/** Finds or keeps the file of a request: an upload, the id of a known file, or an address (never really fetched). */
function readFile(call: Call, kind: MediaKind, source: UploadedFile | string): StoredFile {
  if (typeof source !== 'string') {
    const { name, mime, bytes } = source
    if (bytes.length === 0) throw badRequest('file must be non-empty')
    if (kind === 'photo' && bytes.length > MAX_PHOTO_BYTES) throw badRequest('file is too big')
    if (bytes.length > MAX_FILE_BYTES) throw badRequest('file is too big')
    return storeFile(call.world, { kind, name, mime, size: bytes.length, bytes })
  }
  const known = call.world.files.get(source)
  if (known) return known
  if (!/^https?:\/\//i.test(source)) throw badRequest('wrong remote file identifier specified: Wrong string length')
  if (!URL.canParse(source)) throw badRequest('wrong HTTP URL specified')
  const url = new URL(source)
  // A name that can never resolve stands for an address Telegram could not load.
  if (url.hostname.endsWith('.invalid')) throw badRequest('failed to get HTTP URL content')
  const name = url.pathname.split('/').at(-1) ?? ''
  return storeFile(call.world, { kind, name, mime: MIMES[kind], size: 65_536, bytes: null })
}

/** Reads a caption; throws when it is too long or cannot be parsed. */
export function readCaption(call: Call, args: MediaArgs): Pick<Message, 'caption' | 'caption_entities'> {
  if (args.caption === undefined || args.caption === '') return {}
  const { text, entities } = readFormattedText(call.world, args.caption, args.parse_mode, args.caption_entities)
  if (isLongerThan(text, MAX_CAPTION)) throw badRequest('message caption is too long')
  if (text === '') return {}
  return entities.length === 0 ? { caption: text } : { caption: text, caption_entities: entities }
}

/** Makes the content of a media message out of a request. */
export function readMedia(call: Call, kind: MediaKind, source: UploadedFile | string, args: MediaArgs): MessageContent {
  const caption = kind === 'sticker' || kind === 'video_note' ? {} : readCaption(call, args)
  const content: MessageContent = { ...describeMedia(kind, readFile(call, kind, source), args), ...caption }
  if (args.has_spoiler) content.has_media_spoiler = true
  if (args.show_caption_above_media) content.show_caption_above_media = true
  return content
}

function describeMedia(kind: MediaKind, file: StoredFile, args: MediaArgs): MessageContent {
  const base = { file_id: file.fileId, file_unique_id: file.uniqueId, file_size: file.size }
  const size = { width: args.width ?? 1280, height: args.height ?? 720 }
  const duration = args.duration ?? 1
  const named = { ...(file.name !== '' && { file_name: file.name }), mime_type: file.mime }
  switch (kind) {
    case 'photo': {
      const small = {
        ...base,
        file_unique_id: `${file.uniqueId}s`,
        width: 90,
        height: 51,
        file_size: Math.ceil(file.size / 20),
      }
      return { photo: [small, { ...base, ...size }] }
    }
    case 'video':
      return { video: { ...base, ...size, duration, ...named } }
    case 'animation': {
      const animation = { ...base, ...size, duration, ...named }
      return { animation, document: { ...base, ...named } }
    }
    case 'audio': {
      const title = args.title === undefined ? {} : { title: args.title }
      const performer = args.performer === undefined ? {} : { performer: args.performer }
      return { audio: { ...base, duration, ...performer, ...title, ...named } }
    }
    case 'document':
      return { document: { ...base, ...named } }
    case 'voice':
      return { voice: { ...base, duration, mime_type: file.mime } }
    case 'video_note':
      return { video_note: { ...base, duration, length: args.length ?? 240 } }
    case 'sticker': {
      const emoji = args.emoji === undefined ? {} : { emoji: args.emoji }
      return {
        sticker: { ...base, type: 'regular', width: 512, height: 512, is_animated: false, is_video: false, ...emoji },
      }
    }
  }
}
