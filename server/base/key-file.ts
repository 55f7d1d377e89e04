import { randomBytes } from 'node:crypto'
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'

import { AppError } from './errors.ts'

const KEY_BYTES = 32

/**
 * The 32-byte key stored at `file` in base64, made at the first call with mode 0600. Two processes that start together
 * agree on one key: the file appears complete or not at all. Errors: `invalid/key_file_damaged`,
 * `unavailable/key_file_unusable` when the folder cannot be written.
 */
export const readOrCreateKeyFile = (file: string): Buffer => {
  const existing = readKeyFile(file)
  if (existing) return existing
  const draft = `${file}.${process.pid}.${randomBytes(4).toString('hex')}`
  try {
    mkdirSync(path.dirname(file), { recursive: true })
    writeFileSync(draft, `${randomBytes(KEY_BYTES).toString('base64')}\n`, { mode: 0o600, flag: 'wx', flush: true })
    try {
      linkSync(draft, file)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    } finally {
      rmSync(draft, { force: true })
    }
  } catch (cause) {
    throw new AppError('unavailable', 'key_file_unusable', { file, detail: (cause as Error).message }, { cause })
  }
  const created = readKeyFile(file)
  if (!created) throw new AppError('unavailable', 'key_file_unusable', { file, detail: 'the file vanished' })
  return created
}

const readKeyFile = (file: string): Buffer | null => {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (code === 'ENOENT') return null
    throw new AppError('unavailable', 'key_file_unusable', { file, detail: code ?? 'unreadable' }, { cause })
  }
  const key = Buffer.from(text.trim(), 'base64')
  if (key.length !== KEY_BYTES) {
    throw new AppError('invalid', 'key_file_damaged', { field: 'APP_KEK', file, bytes: key.length })
  }
  return key
}
