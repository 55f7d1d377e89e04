import type { UploadedFile } from '#simulator/bot-api/call.ts'
import { badRequest } from '#simulator/bot-api/errors.ts'
import { parseMultipart } from '#simulator/bot-api/multipart.ts'

/** Reads the parameters of a request from its query string and its body of any of the four forms Telegram takes. */
export function readParams(query: string, contentType: string | undefined, body: Buffer): Record<string, unknown> {
  const fromQuery = query === '' ? null : Object.fromEntries(new URLSearchParams(query))
  if (body.length === 0) return fromQuery ?? {}
  const params = readBody(contentType ?? '', body)
  return fromQuery ? { ...fromQuery, ...params } : params
}

function readBody(contentType: string, body: Buffer): Record<string, unknown> {
  if (contentType.startsWith('application/json')) return readJson(body)
  if (contentType.startsWith('multipart/form-data')) {
    const { fields, files } = parseMultipart(body, contentType)
    return attachFiles(fields, files)
  }
  if (contentType.startsWith('application/x-www-form-urlencoded')) {
    return Object.fromEntries(new URLSearchParams(body.toString('utf8')))
  }
  return {}
}

function readJson(body: Buffer): Record<string, unknown> {
  let value: unknown
  try {
    value = JSON.parse(body.toString('utf8'))
  } catch {
    throw badRequest("can't parse JSON object")
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw badRequest('object expected')
  return value as Record<string, unknown>
}

/** Puts uploads where they belong: a file part by its own name, and wherever a field says `attach://<name>`. */
function attachFiles(
  fields: Record<string, unknown>,
  files: ReadonlyMap<string, UploadedFile>,
): Record<string, unknown> {
  const params: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(fields)) {
    params[name] = typeof value === 'string' && value.includes('attach://') ? attachText(value, files) : value
  }
  for (const [name, file] of files) params[name] ??= file
  return params
}

function attachText(text: string, files: ReadonlyMap<string, UploadedFile>): unknown {
  if (text.startsWith('attach://')) return attach(text, files)
  if (!/^\s*[[{]/.test(text)) return text
  try {
    return JSON.parse(text, (_, value: unknown) =>
      typeof value === 'string' && value.startsWith('attach://') ? attach(value, files) : value,
    )
  } catch {
    return text
  }
}

function attach(reference: string, files: ReadonlyMap<string, UploadedFile>): UploadedFile {
  const file = files.get(reference.slice('attach://'.length))
  if (!file) throw badRequest('wrong file identifier/HTTP URL specified')
  return file
}
