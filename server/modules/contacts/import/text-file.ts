import { open, stat } from 'node:fs/promises'
import { basename } from 'node:path'

import { AppError, invalid } from '#server/base/errors.ts'

import { ENCODINGS, type Encoding, detectEncoding, knownBinary } from './encoding.rules.ts'

const SAMPLE_BYTES = 65_536
const CHUNK_BYTES = 262_144

/** A file to be imported, as it was when first looked at. */
export interface SourceFile {
  readonly path: string
  /** The name without folders, for messages and as a contact's source. */
  readonly name: string
  readonly size: number
  readonly modifiedAt: number
  readonly sample: Buffer
}

/**
 * Looks at a file. Errors: `invalid/import_file_missing`, `invalid/import_file_unreadable` with the system's reason,
 * `invalid/import_file_empty`.
 */
export const openSource = async (path: string): Promise<SourceFile> => {
  const name = basename(path)
  try {
    const { size, mtimeMs } = await stat(path)
    const handle = await open(path)
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(SAMPLE_BYTES), 0, SAMPLE_BYTES, 0)
      if (bytesRead === 0) throw invalid('import_file_empty', 'file', { file: name })
      return { path, name, size, modifiedAt: mtimeMs, sample: buffer.subarray(0, bytesRead) }
    } finally {
      await handle.close()
    }
  } catch (cause) {
    throw cause instanceof AppError ? cause : unreadable(name, cause)
  }
}

const unreadable = (file: string, cause: unknown): AppError => {
  const reason = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown'
  if (reason === 'ENOENT') return new AppError('invalid', 'import_file_missing', { field: 'file', file }, { cause })
  return new AppError('invalid', 'import_file_unreadable', { field: 'file', file, reason }, { cause })
}

/** Refuses to go on with a file that somebody changed meanwhile. Errors: `conflict/import_file_changed`. */
export const checkUnchanged = async (source: SourceFile): Promise<void> => {
  const { size, mtimeMs } = await stat(source.path).catch((cause: unknown) =>
    Promise.reject(unreadable(source.name, cause)),
  )
  if (size !== source.size || mtimeMs !== source.modifiedAt) {
    throw new AppError('conflict', 'import_file_changed', { field: 'file', file: source.name })
  }
}

/** The bytes of a file in pieces of a quarter megabyte; `onRead` hears how many have been read. */
export async function* readBytes(source: SourceFile, onRead?: (bytes: number) => void): AsyncGenerator<Buffer> {
  const handle = await open(source.path).catch((cause: unknown) => Promise.reject(unreadable(source.name, cause)))
  try {
    let done = 0
    for (;;) {
      const { buffer, bytesRead } = await handle.read(Buffer.allocUnsafe(CHUNK_BYTES), 0, CHUNK_BYTES, done)
      if (bytesRead === 0) return
      done += bytesRead
      yield buffer.subarray(0, bytesRead)
      onRead?.(done)
    }
  } finally {
    await handle.close()
  }
}

/** The encoding to read a file with: the one asked for, else what its beginning looks like. Errors: `invalid/import_encoding_unknown`, `invalid/import_binary_file`. */
export const chooseEncoding = (source: SourceFile, wanted?: string): Encoding => {
  const binary = knownBinary(source.sample)
  if (binary !== null) throw invalid('import_binary_file', 'file', { file: source.name, kind: binary })
  if (wanted === undefined || wanted === 'auto') return detectEncoding(source.sample)
  const encoding = ENCODINGS.find((known) => known === wanted.toLowerCase())
  if (!encoding)
    throw invalid('import_encoding_unknown', 'encoding', { value: wanted.slice(0, 40), known: ENCODINGS.join(', ') })
  return encoding
}

/** How many of the first of `bytes` are in `encoding`, found by halving. */
const validLength = (bytes: Buffer, encoding: Encoding): number => {
  const isValid = (length: number): boolean => {
    try {
      new TextDecoder(encoding, { fatal: true }).decode(bytes.subarray(0, length), { stream: true })
      return true
    } catch {
      return false
    }
  }
  let [good, bad] = [0, bytes.length]
  while (bad - good > 1) {
    const middle = Math.floor((good + bad) / 2)
    if (isValid(middle)) good = middle
    else bad = middle
  }
  return good
}

/**
 * A file as text, without a byte order mark. Errors: `invalid/import_encoding_wrong` naming the byte from which on the
 * file is not in `encoding`.
 */
export async function* readText(
  source: SourceFile,
  encoding: Encoding,
  onRead?: (bytes: number) => void,
): AsyncGenerator<string> {
  const decoder = new TextDecoder(encoding, { fatal: true })
  let done = 0
  const decode = (bytes?: Buffer): string => {
    try {
      return bytes ? decoder.decode(bytes, { stream: true }) : decoder.decode()
    } catch (cause) {
      const byte = done + (bytes ? validLength(bytes, encoding) : 0)
      const known = ENCODINGS.filter((one) => one !== encoding).join(', ')
      const params = { field: 'encoding', file: source.name, encoding, byte, known }
      throw new AppError('invalid', 'import_encoding_wrong', params, { cause })
    }
  }
  for await (const bytes of readBytes(source, onRead)) {
    yield decode(bytes)
    done += bytes.length
  }
  const rest = decode()
  if (rest !== '') yield rest
}
