import type { Locale, PackageName } from '#contract/words.ts'
import { AppError, invalid } from '#server/base/errors.ts'
import { PACKAGES } from '#contract/words.ts'
import { findUnacceptableUse } from '#server/modules/templates/index.ts'

import { refuseSecrets } from '../secret-scan.rules.ts'
import limits from './knowledge-limits.json' with { type: 'json' }

/** What a knowledge file may be: text, headings, rows or items. */
export const KNOWLEDGE_KINDS = ['txt', 'md', 'csv', 'json'] as const
export type KnowledgeKind = (typeof KNOWLEDGE_KINDS)[number]

/** A file as lists show it. `addedAt` is epoch ms. */
export interface KnowledgeFile {
  readonly id: number
  readonly accountId: number
  readonly name: string
  readonly version: number
  readonly kind: KnowledgeKind
  readonly language: Locale
  readonly byteCount: number
  readonly passageCount: number
  readonly addedBy: string
  readonly addedAt: number
}

/** What a persona may know, by package; sizes in bytes of UTF-8. */
export interface KnowledgeLimits {
  readonly filesMax: number
  readonly fileBytesMax: number
  readonly totalBytesMax: number
}

const LIMITS: Readonly<Record<PackageName, KnowledgeLimits>> = limits

const EXTENSIONS: Readonly<Record<string, KnowledgeKind>> = {
  txt: 'txt',
  md: 'md',
  markdown: 'md',
  csv: 'csv',
  json: 'json',
}

const NAME_MAX = 100

/** The kind of a file by its name. Errors: `invalid/knowledge_name`, `invalid/knowledge_type` naming what is possible. */
export const kindOfFile = (name: string): KnowledgeKind => {
  if (name.length < 1 || name.length > NAME_MAX || /[\p{Cc}/\\]/u.test(name) || !name.isWellFormed())
    throw invalid('knowledge_name', 'file', { max: NAME_MAX })
  const extension = /[.]([^.]+)$/.exec(name)?.[1]?.toLowerCase() ?? ''
  const kind = Object.hasOwn(EXTENSIONS, extension) ? EXTENSIONS[extension] : undefined
  if (!kind) throw invalid('knowledge_type', 'file', { name: name.slice(0, 40), allowed: KNOWLEDGE_KINDS.join(', ') })
  return kind
}

/** The text of a file. Errors: `invalid/knowledge_encoding`, `invalid/knowledge_empty`. */
export const readKnowledgeText = (bytes: Uint8Array): string => {
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw invalid('knowledge_encoding', 'file')
  }
  // Files that are no text at all may well be valid UTF-8 up to their zeros.
  if (text.includes('\u0000') || text.startsWith('%PDF-')) throw invalid('knowledge_encoding', 'file')
  if (text.trim() === '') throw invalid('knowledge_empty', 'file')
  return text.replaceAll('\r\n', '\n').replaceAll('\r', '\n')
}

interface Held {
  readonly files: number
  readonly bytes: number
}

const lifting = (fits: (limit: KnowledgeLimits) => boolean): PackageName =>
  PACKAGES.find((name) => name !== 'trial' && fits(LIMITS[name])) ?? 'custom'

/**
 * Whether a file has room beside what the account holds without it. Errors: `limit_reached/knowledge_file_size`,
 * `limit_reached/knowledge_files`, `limit_reached/knowledge_size`, each with limit, package and what lifts it.
 */
export const requireKnowledgeRoom = (name: PackageName, byteCount: number, held: Held): void => {
  const limit = LIMITS[name]
  const over = (code: string, most: number, given: number, fits: (limit: KnowledgeLimits) => boolean) =>
    new AppError('limit_reached', code, { limit: most, given, package: name, liftedBy: lifting(fits) })
  if (byteCount > limit.fileBytesMax)
    throw over('knowledge_file_size', limit.fileBytesMax, byteCount, (l) => l.fileBytesMax >= byteCount)
  if (held.files + 1 > limit.filesMax)
    throw over('knowledge_files', limit.filesMax, held.files + 1, (l) => l.filesMax > held.files)
  const total = held.bytes + byteCount
  if (total > limit.totalBytesMax)
    throw over('knowledge_size', limit.totalBytesMax, total, (l) => l.totalBytesMax >= total)
}

/** Lines that are looked at together, for what is written over several. */
const WINDOW = 3

/**
 * Refuses what no persona may know: secrets, bank data, and what is outside acceptable use. Errors:
 * `invalid/knowledge_secret` and `invalid/knowledge_use` with the line; what was found is never repeated.
 */
export const checkKnowledgeText = (text: string): void => {
  const lines = text.split('\n')
  for (const [i, line] of lines.entries()) {
    if (line.trim() === '') continue
    const joined = lines.slice(Math.max(0, i - WINDOW + 1), i + 1).join(' ')
    try {
      refuseSecrets([line, joined])
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'persona_secret') throw error
      throw invalid('knowledge_secret', 'file', { line: i + 1, kind: error.params['kind'] ?? '' })
    }
    const found = findUnacceptableUse(line).find(({ category }) => category !== 'scarcity')
    if (found)
      throw invalid('knowledge_use', 'file', {
        line: i + 1,
        category: found.category,
        phrase: found.phrase.replace('*', '…'),
      })
  }
}
