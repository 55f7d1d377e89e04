import type { UploadedFile } from '#simulator/bot-api/call.ts'
import { badRequest } from '#simulator/bot-api/errors.ts'

export type MultipartBody = {
  readonly fields: Record<string, unknown>
  readonly files: ReadonlyMap<string, UploadedFile>
}

const CRLF2 = Buffer.from('\r\n\r\n')

/** Splits a multipart/form-data body into text fields and files. Throws 400 when it has no boundary or no end. */
export function parseMultipart(body: Buffer, contentType: string): MultipartBody {
  const boundary = /boundary=(?:"([^"]+)"|([^;\s]+))/i.exec(contentType)
  const marker = Buffer.from(`--${boundary?.[1] ?? boundary?.[2] ?? ''}`)
  if (!boundary) throw badRequest("can't parse request: multipart boundary is missing")
  const fields: Record<string, unknown> = {}
  const files = new Map<string, UploadedFile>()
  let start = body.indexOf(marker)
  while (start >= 0) {
    const partStart = start + marker.length
    if (body.toString('latin1', partStart, partStart + 2) === '--') return { fields, files }
    const next = body.indexOf(marker, partStart)
    if (next < 0) break
    // A part is "\r\n headers \r\n\r\n content \r\n" between two markers.
    readPart(body.subarray(partStart + 2, next - 2), fields, files)
    start = next
  }
  throw badRequest("can't parse request: multipart body has no end")
}

function readPart(part: Buffer, fields: Record<string, unknown>, files: Map<string, UploadedFile>): void {
  const split = part.indexOf(CRLF2)
  if (split < 0) return
  const headers = part.toString('utf8', 0, split)
  const content = part.subarray(split + CRLF2.length)
  const name = parameterOf(headers, 'name')
  if (name === undefined) return
  const fileName = parameterOf(headers, 'filename')
  if (fileName === undefined) {
    fields[name] = content.toString('utf8')
    return
  }
  const mime = /content-type:\s*([^\r\n;]+)/i.exec(headers)?.[1]?.trim() ?? 'application/octet-stream'
  files.set(name, { isUpload: true, name: fileName, mime, bytes: Buffer.from(content) })
}

/** A parameter of the content-disposition header, quoted or bare. */
function parameterOf(headers: string, name: string): string | undefined {
  const match = new RegExp(`[;\\s]${name}=(?:"([^"]*)"|([^;\r\n]+))`, 'i').exec(headers)
  return match?.[1] ?? match?.[2]
}
