import { createRequire } from 'node:module'
import { __tlReaderMap, __tlWriterMap, TlBinaryReader, TlBinaryWriter } from '@mtcute/core/utils.js'

/** A method call as the client wrote it; nested objects and queries are read too. */
export type TlRequest = { readonly _: string; readonly [field: string]: unknown }

type Argument = {
  readonly name: string
  readonly type: string
  readonly typeModifiers?: { readonly predicate?: string; readonly isVector?: boolean; readonly isBareVector?: boolean }
}
type Entry = {
  readonly kind: string
  readonly name: string
  readonly id: number
  readonly arguments: readonly Argument[]
}

const VECTOR = 0x1cb5c415
const BOOL_TRUE = 0x997275b5
const BOOL_FALSE = 0xbc799737

const methods = readMethods()

/** Clients only know how to write methods, so their readers are built from the published schema. */
function readMethods(): ReadonlyMap<number, Entry> {
  const load = createRequire(import.meta.url)
  const api = load('@mtcute/core/tl/api-schema.json') as { readonly e: readonly Entry[] }
  const transport = load('@mtcute/core/tl/mtp-schema.json') as readonly Entry[] | { readonly e: readonly Entry[] }
  const entries = [...api.e, ...('e' in transport ? transport.e : transport)]
  return new Map(entries.filter(({ kind }) => kind === 'method').map((entry) => [entry.id >>> 0, entry]))
}

export function createReader(bytes: Uint8Array, offset = 0): TlBinaryReader {
  return new TlBinaryReader(__tlReaderMap, bytes, offset)
}

export function createWriter(length: number): TlBinaryWriter {
  return TlBinaryWriter.manual(length)
}

/** Reads the boxed object or method call at the reader's position. */
export function readRequest(reader: TlBinaryReader): TlRequest {
  return readObject(reader) as TlRequest
}

function readObject(reader: TlBinaryReader): unknown {
  const id = reader.uint()
  if (id === VECTOR) return readVector(reader, 'Object')
  const method = methods.get(id)
  if (!method) {
    reader.seek(-4)
    return reader.object()
  }
  const request: Record<string, unknown> = { _: method.name }
  const flags = new Map<string, number>()
  for (const argument of method.arguments) {
    if (argument.type === '#') {
      flags.set(argument.name, reader.uint())
      continue
    }
    const value = readArgument(reader, argument, flags)
    if (value !== undefined) request[toCamelCase(argument.name)] = value
  }
  return request
}

function readArgument(reader: TlBinaryReader, argument: Argument, flags: ReadonlyMap<string, number>): unknown {
  const { predicate, isVector = false, isBareVector = false } = argument.typeModifiers ?? {}
  if (predicate !== undefined) {
    const [name = '', bit = '0'] = predicate.split('.')
    const isOn = (((flags.get(name) ?? 0) >>> Number(bit)) & 1) === 1
    if (argument.type === 'true') return isOn
    if (!isOn) return undefined
  }
  if (!isVector && !isBareVector) return readValue(reader, argument.type)
  if (isVector) reader.uint()
  return readVector(reader, argument.type)
}

function readVector(reader: TlBinaryReader, type: string): unknown[] {
  return Array.from({ length: reader.uint() }, () => readValue(reader, type))
}

function readValue(reader: TlBinaryReader, type: string): unknown {
  switch (type) {
    case 'int':
      return reader.int()
    case 'long':
      return reader.long()
    case 'int53':
      return reader.int53()
    case 'double':
      return reader.double()
    case 'string':
      return reader.string()
    case 'bytes':
      return reader.bytes()
    case 'int128':
      return reader.int128()
    case 'int256':
      return reader.int256()
    case 'Bool':
      return reader.boolean()
    default:
      return readObject(reader)
  }
}

/** Bytes of one TL object. */
export function writeObject(value: { readonly _: string }): Buffer {
  return Buffer.from(TlBinaryWriter.serializeObject(__tlWriterMap, value))
}

/** Bytes of a method's result: an object, a list of objects, or yes and no. */
export function writeResult(value: unknown): Buffer {
  if (typeof value === 'boolean') return wordBuffer(value ? BOOL_TRUE : BOOL_FALSE)
  if (!Array.isArray(value)) return writeObject(value as { readonly _: string })
  const items = (value as readonly { readonly _: string }[]).map(writeObject)
  return Buffer.concat([wordBuffer(VECTOR), wordBuffer(items.length), ...items])
}

function wordBuffer(word: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(word)
  return bytes
}

function toCamelCase(name: string): string {
  return name.replaceAll(/_([a-z0-9])/gi, (_, letter: string) => letter.toUpperCase())
}
