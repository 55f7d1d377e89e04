import { badRequest } from '#simulator/bot-api/errors.ts'
import { OBJECT_TYPES, type ValueKind, type ValueSchema } from '#simulator/bot-api/schema/methods.ts'

const KIND_NAMES: Readonly<Record<ValueKind, string>> = {
  number: 'Number',
  string: 'String',
  boolean: 'Boolean',
  object: 'Object',
  array: 'Array',
  file: 'InputFile',
}

/** The kind of a value of a request. */
export function kindOf(value: unknown): ValueKind {
  if (Array.isArray(value)) return 'array'
  if (typeof value === 'object') return value !== null && 'isUpload' in value ? 'file' : 'object'
  return typeof value === 'number' ? 'number' : typeof value === 'boolean' ? 'boolean' : 'string'
}

/**
 * Checks a value inside a parameter down to its last field and returns it, with numbers and texts taken for each other
 * as Telegram takes them. Throws `can't parse <label>: …` for a missing field or one of another type.
 */
export function checkValue(schema: ValueSchema, value: unknown, label: string, field = label): unknown {
  if (Array.isArray(value) && schema.kinds.includes('array')) {
    const { items } = schema
    return items ? value.map((item) => checkValue(items, item, label, field)) : value
  }
  const kind = kindOf(value)
  if (kind === 'object' && schema.kinds.includes('object')) {
    if (schema.type !== undefined) checkFields(schema.type, value as Record<string, unknown>, label)
    return value
  }
  if (schema.kinds.length === 0 || schema.kinds.includes(kind)) return value
  if (kind === 'number' && schema.kinds.includes('string')) return String(value)
  if (kind === 'string' && schema.kinds.includes('number') && /^-?\d+(\.\d+)?$/.test(String(value)))
    return Number(value)
  // Options of a poll used to be texts, and may still be.
  if (kind === 'string' && schema.type === 'InputPollOption') return { text: value }
  throw badRequest(`can't parse ${label}: Field "${field}" must be of type ${KIND_NAMES[schema.kinds[0] ?? 'string']}`)
}

function checkFields(type: string, object: Record<string, unknown>, label: string): void {
  for (const [name, field] of OBJECT_TYPES.get(type) ?? []) {
    const value = object[name]
    if (value !== undefined && value !== null) object[name] = checkValue(field, value, label, name)
    else if (field.required) throw badRequest(`can't parse ${label}: Can't find field "${name}"`)
    else if (value === null) delete object[name]
  }
}
