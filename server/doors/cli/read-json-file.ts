import { readFile, stat } from 'node:fs/promises'

import { invalid } from '#server/base/errors.ts'

/** Hand-written files are small; a larger one is a wrong one. */
const BYTES_MAX = 4 * 1024 * 1024

/** A small JSON file, as whatever it holds. Errors: `invalid/file_missing`, `invalid/file_unreadable`, `invalid/file_too_large`, `invalid/json_broken`. */
const readJsonFile = async (field: string, path: string): Promise<unknown> => {
  const text = await readText(field, path)
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''))
  } catch (error) {
    throw invalid('json_broken', field, { path, problem: error instanceof Error ? error.message.slice(0, 200) : '' })
  }
}

const readText = async (field: string, path: string): Promise<string> => {
  try {
    const { size } = await stat(path)
    if (size > BYTES_MAX) throw invalid('file_too_large', field, { path, bytes: size, max: BYTES_MAX })
    return await readFile(path, 'utf8')
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    if (code === undefined || !('syscall' in (error as object))) throw error
    if (code === 'ENOENT') throw invalid('file_missing', field, { path })
    throw invalid('file_unreadable', field, { path, problem: code })
  }
}

/** A JSON object, for a command whose file describes one thing. Errors: also `invalid/json_object_expected`. */
export const readJsonObject = async (field: string, path: string): Promise<Readonly<Record<string, unknown>>> => {
  const value = await readJsonFile(field, path)
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw invalid('json_object_expected', field, { path })
  return value as Readonly<Record<string, unknown>>
}
