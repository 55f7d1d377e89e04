const beginsWith = (bytes: Uint8Array, at: number, signature: readonly number[]): boolean =>
  signature.every((byte, i) => bytes[at + i] === byte)

const PNG = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]
const JPEG = [0xff, 0xd8, 0xff]
const RIFF = [0x52, 0x49, 0x46, 0x46]
const WEBP = [0x57, 0x45, 0x42, 0x50]
const PDF = [0x25, 0x50, 0x44, 0x46, 0x2d]

export type FileType = 'image/png' | 'image/jpeg' | 'image/webp' | 'application/pdf'

/** What a file is by its first bytes, whatever it is called; null for what is none of those that we serve. */
export const fileTypeOf = (bytes: Uint8Array): FileType | null => {
  if (beginsWith(bytes, 0, PNG)) return 'image/png'
  if (beginsWith(bytes, 0, JPEG)) return 'image/jpeg'
  if (beginsWith(bytes, 0, PDF)) return 'application/pdf'
  return beginsWith(bytes, 0, RIFF) && beginsWith(bytes, 8, WEBP) ? 'image/webp' : null
}
