import type { CallFailure } from '../../call-result.ts'
import type { TelegramFiles } from '../../files.ts'
import type { FakeWorld } from './fake-world.ts'

export interface FakeFiles extends TelegramFiles {
  /** Puts a file in place; answers its id. */
  addFile(bytes: Uint8Array): string
}

const missing: CallFailure = { kind: 'rejected', reason: 'media_unusable', errorCode: 400 }

/** Files in memory, the same for every bot. */
export const createFakeFiles = (world: FakeWorld): FakeFiles => {
  const files = new Map<string, Uint8Array>()
  return {
    addFile(bytes) {
      const id = `AgAC-fake-${files.size + 1}`
      files.set(id, bytes)
      return id
    },
    async download({ token }, fileId, maxBytes) {
      const refusal = world.takeRefusal(token, undefined)
      if (refusal && refusal.result !== 'reached') return refusal.result
      const bytes = files.get(fileId)
      return bytes ? { kind: 'done', value: bytes.length > maxBytes ? null : bytes } : missing
    },
  }
}
