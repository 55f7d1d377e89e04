import { z } from 'zod'

import { type AppError, invalid } from './errors.ts'

type Path = readonly PropertyKey[]

const fieldOf = (path: Path): string =>
  path.map((key, i) => (typeof key === 'number' ? `[${key}]` : `${i === 0 ? '' : '.'}${String(key)}`)).join('')

/** The schema without what says that it may be left out. */
const unwrap = (schema: z.core.$ZodType): z.core.$ZodType => {
  let at = schema
  for (;;) {
    if (at instanceof z.ZodOptional || at instanceof z.ZodDefault || at instanceof z.ZodPrefault) at = at.unwrap()
    else if (at instanceof z.ZodPipe) at = at.in
    else return at
  }
}

const kindsOf = (union: z.ZodDiscriminatedUnion): readonly (readonly [string, z.core.$ZodType])[] =>
  union.options.flatMap((option) => {
    const kind =
      option instanceof z.ZodObject ? (option.shape as Readonly<Record<string, unknown>>)[discriminatorOf(union)] : null
    return kind instanceof z.ZodLiteral ? [[String(kind.value), option] as const] : []
  })

const discriminatorOf = (union: z.ZodDiscriminatedUnion): string => union.def.discriminator

/** The schema of what lies at `path`; of kinds of things, that of the kind that was given. */
const schemaAt = (schema: z.core.$ZodType, path: Path, given: unknown): z.core.$ZodType => {
  let at = unwrap(schema)
  let value = given
  const choose = () => {
    if (!(at instanceof z.ZodDiscriminatedUnion)) return
    const kind = (value as Readonly<Record<string, unknown>> | null | undefined)?.[discriminatorOf(at)]
    at = kindsOf(at).find(([name]) => name === kind)?.[1] ?? at
  }
  choose()
  for (const key of path) {
    if (at instanceof z.ZodObject) at = (at.shape as Readonly<Record<string, z.core.$ZodType>>)[String(key)] ?? at
    else if (at instanceof z.ZodArray) at = at.element
    at = unwrap(at)
    value = (value as Record<PropertyKey, unknown> | null | undefined)?.[key]
    choose()
  }
  return at
}

const knownAt = (schema: z.core.$ZodType, path: Path, given: unknown): string => {
  const at = schemaAt(schema, path, given)
  return at instanceof z.ZodObject ? Object.keys(at.shape).join(', ') : ''
}

/** A right value, as the schema's metadata or the kind of text gives it. */
const exampleAt = (schema: z.core.$ZodType, path: Path, given: unknown): string => {
  const meta = z.globalRegistry.get(schemaAt(schema, path, given))
  return typeof meta?.['example'] === 'string' ? meta['example'] : 'TRY'
}

const isAbsent = (given: unknown, path: Path): boolean => {
  let at = given
  for (const key of path) at = (at as Record<PropertyKey, unknown> | null | undefined)?.[key]
  return at === undefined
}

const refuse = (schema: z.core.$ZodType, given: unknown, issue: z.core.$ZodIssue): AppError => {
  const field = fieldOf(issue.path) || 'JSON'
  switch (issue.code) {
    case 'unrecognized_keys':
      return invalid('field_unknown', fieldOf([...issue.path, issue.keys[0] ?? '']), {
        known: knownAt(schema, issue.path, given),
      })
    case 'too_big':
      return invalid('field_large', field, { max: Number(issue.maximum) })
    case 'too_small':
      return invalid('field_small', field, { min: Number(issue.minimum) })
    case 'invalid_value':
      return isAbsent(given, issue.path)
        ? invalid('field_missing', field)
        : invalid('unknown_word', field, { allowed: issue.values.map(String).join(', ') })
    case 'invalid_type':
      return isAbsent(given, issue.path)
        ? invalid('field_missing', field)
        : invalid('field_type', field, { expected: issue.expected })
    case 'invalid_union': {
      const union = schemaAt(schema, issue.path.slice(0, -1), given)
      if (!(union instanceof z.ZodDiscriminatedUnion))
        return invalid('field_form', field, { example: exampleAt(schema, issue.path, given) })
      if (isAbsent(given, issue.path)) return invalid('field_missing', field)
      return invalid('unknown_word', field, {
        allowed: kindsOf(union)
          .map(([name]) => name)
          .join(', '),
      })
    }
    case 'custom':
      return invalid(String(issue.params?.['code'] ?? 'field_form'), field, issue.params?.['params'] ?? {})
    default:
      return invalid('field_form', field, { example: exampleAt(schema, issue.path, given) })
  }
}

/** Everything that is wrong with `given`, a refusal each, naming the field and the fix; none where `schema` takes it. */
export const findShapeFaults = (schema: z.ZodType, given: unknown): readonly AppError[] =>
  (schema.safeParse(given).error?.issues ?? []).map((issue) => refuse(schema, given, issue))

/**
 * What `schema` makes of `given`. Errors: `invalid` naming the first field at fault and the fix, as
 * `persona.menu[2].label`.
 */
export const parseShape = <T>(schema: z.ZodType<T>, given: unknown): T => {
  const parsed = schema.safeParse(given)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  if (!issue) throw new Error('a schema refused without an issue')
  throw refuse(schema, given, issue)
}
