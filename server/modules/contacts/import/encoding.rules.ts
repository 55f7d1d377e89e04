/** What CSV files are written in: by everybody, by Windows programs, and by Turkish Excel. */
export const ENCODINGS = ['utf-8', 'utf-16le', 'utf-16be', 'windows-1254'] as const
export type Encoding = (typeof ENCODINGS)[number]

const BINARY_BEGINNINGS: readonly (readonly [string, readonly number[]])[] = [
  // A spreadsheet is a zip archive: it has to be saved as CSV first.
  ['xlsx', [0x50, 0x4b, 0x03, 0x04]],
  ['xls', [0xd0, 0xcf, 0x11, 0xe0]],
  ['pdf', [0x25, 0x50, 0x44, 0x46]],
  ['gzip', [0x1f, 0x8b]],
  ['png', [0x89, 0x50, 0x4e, 0x47]],
  ['jpeg', [0xff, 0xd8, 0xff]],
  ['sqlite', [0x53, 0x51, 0x4c, 0x69, 0x74, 0x65, 0x20]],
]

const startsWith = (bytes: Buffer, beginning: readonly number[]): boolean =>
  beginning.every((byte, i) => bytes[i] === byte)

/** NUL bytes at even and odd places: UTF-16 of mostly Latin text has them on one side only, binary files on both. */
const nulsBySide = (bytes: Buffer): readonly [number, number] => {
  const nuls: [number, number] = [0, 0]
  for (let i = 0; i < bytes.length; i += 1) if (bytes[i] === 0) nuls[i % 2 === 0 ? 0 : 1] += 1
  return nuls
}

const hasMark = (bytes: Buffer): Encoding | null => {
  if (startsWith(bytes, [0xef, 0xbb, 0xbf])) return 'utf-8'
  if (startsWith(bytes, [0xff, 0xfe])) return 'utf-16le'
  if (startsWith(bytes, [0xfe, 0xff])) return 'utf-16be'
  return null
}

/** What kind of binary file begins like this; null for text. */
export const knownBinary = (sample: Buffer): string | null => {
  const known = BINARY_BEGINNINGS.find(([, beginning]) => startsWith(sample, beginning))
  if (known) return known[0]
  if (hasMark(sample) !== null) return null
  const [even, odd] = nulsBySide(sample)
  if (even + odd === 0) return null
  const oneSided = Math.min(even, odd) === 0 && Math.max(even, odd) > sample.length / 8
  return oneSided ? null : 'unknown'
}

/**
 * The encoding a text begins in: by its byte order mark, by the NUL bytes of UTF-16, else UTF-8. Bytes that are not
 * UTF-8 may come late in a file; whoever finds some falls back to windows-1254, in which every byte is a letter.
 */
export const detectEncoding = (sample: Buffer): Encoding => {
  const marked = hasMark(sample)
  if (marked !== null) return marked
  const [even, odd] = nulsBySide(sample)
  if (odd > even) return 'utf-16le'
  if (even > odd) return 'utf-16be'
  return 'utf-8'
}
