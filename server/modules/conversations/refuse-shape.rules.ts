import { z } from 'zod'

import { type AppError, invalid } from '#server/base/errors.ts'

type Path = readonly PropertyKey[]

const fieldOf = (path: Path): string =>
  path.map((key, i) => (typeof key === 'number' ? `[${key}]` : `${i === 0 ? '' : '.'}${String(key)}`)).join('')

/** The schema of what lies at `path`. */
const schemaAt = (schema: z.core.$ZodType, path: Path): z.core.$ZodType => {
  let at: z.core.$ZodType = schema
  for (const key of path) {
    while (at instanceof z.ZodOptional) at = at.unwrap()
    if (at instanceof z.ZodObject) at = (at.shape as Readonly<Record<string, z.core.$ZodType>>)[String(key)] ?? at
    else if (at instanceof z.ZodArray) at = at.element
  }
  while (at instanceof z.ZodOptional) at = at.unwrap()
  return at
}

const knownAt = (schema: z.core.$ZodType, path: Path): string => {
  const at = schemaAt(schema, path)
  return at instanceof z.ZodObject ? Object.keys(at.shape).join(', ') : ''
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
      return invalid('persona_field_unknown', fieldOf([...issue.path, issue.keys[0] ?? '']), {
        known: knownAt(schema, issue.path),
      })
    case 'too_big':
      return invalid('persona_field_large', field, { max: Number(issue.maximum) })
    case 'too_small':
      return invalid('persona_field_small', field, { min: Number(issue.minimum) })
    case 'invalid_value':
      return isAbsent(given, issue.path)
        ? invalid('persona_field_missing', field)
        : invalid('unknown_word', field, { allowed: issue.values.map(String).join(', ') })
    case 'invalid_type':
      return isAbsent(given, issue.path)
        ? invalid('persona_field_missing', field)
        : invalid('persona_field_type', field, { expected: issue.expected })
    case 'custom':
      return invalid(String(issue.params?.['code'] ?? 'persona_field_form'), field, issue.params?.['params'] ?? {})
    default:
      return invalid('persona_field_form', field, { example: 'TRY' })
  }
}

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
