import { createName } from '#simulator/world/create-world.ts'
import type { StoredFile, World } from '#simulator/world/types.ts'

export type FileInput = {
  readonly kind: string
  readonly name: string
  readonly mime: string
  readonly size: number
  readonly bytes: Buffer | null
}

const FOLDERS: Readonly<Record<string, string>> = {
  photo: 'photos',
  video: 'videos',
  animation: 'animations',
  audio: 'music',
  voice: 'voice',
  video_note: 'video_notes',
  sticker: 'stickers',
}

/** Keeps a file, and forgets the oldest of too many; its id can be sent again and its path downloaded. */
export function storeFile(world: World, input: FileInput): StoredFile {
  const serial = world.nextId++
  const extension = /\.[A-Za-z0-9]{1,8}$/.exec(input.name)?.[0] ?? ''
  const file: StoredFile = {
    ...input,
    fileId: `AgAC${createName(world, 60)}`,
    uniqueId: `AQAD${createName(world, 11)}`,
    path: `${FOLDERS[input.kind] ?? 'documents'}/file_${serial}${extension}`,
  }
  world.files.set(file.fileId, file)
  if (world.files.size > world.settings.keepFiles) {
    for (const oldest of world.files.keys()) {
      world.files.delete(oldest)
      break
    }
  }
  return file
}
