import { z } from 'zod'

interface JsonSchema {
  readonly type?: string | readonly string[]
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly anyOf?: readonly JsonSchema[]
  readonly oneOf?: readonly JsonSchema[]
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly items?: JsonSchema
  readonly minItems?: number
  readonly minimum?: number
  readonly maximum?: number
  readonly maxLength?: number
  readonly default?: unknown
}

/** What fills the strings, numbers and choices of a shape. */
export interface Filling {
  readonly text: string
  /** 0–1: where within its bounds a number lies; 0.9 for confidence. */
  readonly ratio: number
  /** What properties of these names are given, whatever their kind. */
  readonly byName?: Readonly<Record<string, unknown>>
}

const typeOf = ({ type }: JsonSchema): string | undefined => (typeof type === 'string' ? type : type?.[0])

const fill = (schema: JsonSchema, filling: Filling): unknown => {
  if (schema.const !== undefined) return schema.const
  if (schema.enum) return schema.enum[0]
  const choices = schema.anyOf ?? schema.oneOf
  if (choices) return choices.some((one) => typeOf(one) === 'null') ? null : fill(choices[0] ?? {}, filling)
  if (Array.isArray(schema.type) && schema.type.includes('null')) return null
  switch (typeOf(schema)) {
    case 'object':
      return Object.fromEntries(
        Object.entries(schema.properties ?? {}).map(([name, inner]) => [
          name,
          filling.byName && name in filling.byName ? filling.byName[name] : fill(inner, filling),
        ]),
      )
    case 'array':
      return Array.from({ length: schema.minItems ?? 0 }, () => fill(schema.items ?? {}, filling))
    case 'string':
      return filling.text.slice(0, schema.maxLength ?? filling.text.length)
    case 'number':
    case 'integer': {
      const { minimum = 0, maximum = 1 } = schema
      const value = minimum + (Math.min(maximum, minimum + 100) - minimum) * filling.ratio
      return typeOf(schema) === 'integer' ? Math.round(value) : value
    }
    case 'boolean':
      return false
    default:
      return null
  }
}

/** A value built like `schema`: every string is the text, choices are the first, what may be null is, lists are short. */
export const fillShape = (schema: z.ZodType, filling: Filling): unknown =>
  fill(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema, filling)
