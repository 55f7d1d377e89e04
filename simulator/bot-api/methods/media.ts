import type { Message } from '@grammyjs/types'
import type { Args, Call, Handlers, UploadedFile } from '#simulator/bot-api/call.ts'
import { badRequest, BotApiError } from '#simulator/bot-api/errors.ts'
import { type MediaKind, readMedia } from '#simulator/bot-api/read-media.ts'
import { acceptPrepared, prepareSend, sendContent } from '#simulator/bot-api/send-message.ts'
import type { MessageContent } from '#simulator/world/messages.ts'

type AlbumMedia = Args<'sendMediaGroup'>['media'][number]
type AlbumMessages = ReturnType<NonNullable<Handlers['sendMediaGroup']>>

const ALBUM_KINDS = ['photo', 'video', 'audio', 'document'] as const
const MAX_ALBUM = 10

function readAlbumItem(call: Call, item: AlbumMedia, position: number): { kind: MediaKind; content: MessageContent } {
  const kind = ALBUM_KINDS.find((known) => known === item.type)
  if (!kind) throw badRequest(`can't parse InputMedia: type "${item.type}" is not simulated`)
  if (!item.media) throw badRequest("can't parse InputMedia: media not found")
  try {
    return { kind, content: readMedia(call, kind, item.media, item) }
  } catch (error) {
    if (!(error instanceof BotApiError) || position === 1) throw error
    const reason = error.message.replace(/^Bad Request: /, '')
    throw badRequest(`failed to send message #${position} with the error message "${reason}"`)
  }
}

/** Photos and videos mix; audio files and documents stay among themselves. */
function checkMix(kinds: readonly MediaKind[]): void {
  const groups = new Set(kinds.map((kind) => (kind === 'photo' || kind === 'video' ? 'visual' : kind)))
  if (groups.size > 1) throw badRequest("can't use the media of the specified type in the album")
}

function send<M extends Message>(
  call: Call,
  kind: MediaKind,
  source: UploadedFile | string,
  args: Parameters<typeof sendContent>[1] & Parameters<typeof readMedia>[3],
): M {
  return sendContent<M>(call, args, kind, readMedia(call, kind, source, args) as MessageContent & Partial<M>)
}

export const mediaMethods = {
  sendPhoto: (call, args) => send<Message.PhotoMessage>(call, 'photo', args.photo, args),
  sendVideo: (call, args) => send<Message.VideoMessage>(call, 'video', args.video, args),
  sendAnimation: (call, args) => send<Message.AnimationMessage>(call, 'animation', args.animation, args),
  sendAudio: (call, args) => send<Message.AudioMessage>(call, 'audio', args.audio, args),
  sendDocument: (call, args) => send<Message.DocumentMessage>(call, 'document', args.document, args),
  sendVoice: (call, args) => send<Message.VoiceMessage>(call, 'voice', args.voice, args),
  sendVideoNote: (call, args) => send<Message.VideoNoteMessage>(call, 'video_note', args.video_note, args),
  sendSticker: (call, args) => send<Message.StickerMessage>(call, 'sticker', args.sticker, args),
  sendMediaGroup(call, args) {
    if (args.media.length === 0) throw badRequest('there are no messages to send')
    // One item is taken as well: Telegram documents 2–10 but refuses only none and more than ten.
    if (args.media.length > MAX_ALBUM) throw badRequest('too many messages to send as an album')
    const items = args.media.map((item, index) => readAlbumItem(call, item, index + 1))
    checkMix(items.map(({ kind }) => kind))
    const prepared = prepareSend(call, args, items[0]?.kind ?? 'photo')
    call.limiter.admitSend(call.bot, prepared.place, call.world.clock.now(), prepared.isPaid, items.length)
    const groupId = String(call.world.random.int(1, 2_147_483_647)) + String(call.world.nextId++)
    const messages = items.map(({ content }) =>
      acceptPrepared(call, prepared, args, items.length > 1 ? { ...content, media_group_id: groupId } : content),
    )
    return messages as AlbumMessages
  },
  getFile({ world }, args) {
    const file = world.files.get(args.file_id)
    if (!file) throw badRequest('wrong file_id or the file is temporarily unavailable')
    if (file.size > MAX_DOWNLOAD_BYTES) throw badRequest('file is too big')
    return { file_id: file.fileId, file_unique_id: file.uniqueId, file_size: file.size, file_path: file.path }
  },
} satisfies Handlers

/** Bots may download files up to 20 MB. */
const MAX_DOWNLOAD_BYTES = 20 * 1024 * 1024
