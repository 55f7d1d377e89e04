import { readFileSync } from 'node:fs'

export type ValueKind = 'number' | 'string' | 'boolean' | 'object' | 'array' | 'file'

/** What a value may be. `type` names an entry of OBJECT_TYPES, `items` describes the elements of an array. */
export type ValueSchema = {
  readonly kinds: readonly ValueKind[]
  readonly type?: string
  readonly items?: ValueSchema
}

export type FieldSchema = ValueSchema & { readonly required: boolean }
export type ParamSchema = FieldSchema & { readonly name: string }

export type MethodSchema = {
  readonly name: string
  /** Parameters, chat_id last: the content of a message is checked before the chat is looked up. */
  readonly params: readonly ParamSchema[]
}

type Fields = Readonly<Record<string, FieldSchema>>

type Generated = {
  readonly source: string
  readonly methods: Readonly<Record<string, { readonly params: Fields }>>
  readonly types: Readonly<Record<string, Fields>>
}

const generated = JSON.parse(readFileSync(new URL('methods.generated.json', import.meta.url), 'utf8')) as Generated

/** Fields of the objects that parameters hold; a union of types is one entry. */
export const OBJECT_TYPES: ReadonlyMap<string, readonly (readonly [string, FieldSchema])[]> = new Map(
  Object.entries(generated.types).map(([name, fields]) => [name, Object.entries(fields)]),
)

/** All methods of the Bot API by name in lower case, as names are case-insensitive. */
export const METHODS: ReadonlyMap<string, MethodSchema> = new Map(
  Object.entries(generated.methods).map(([name, method]) => {
    const params = Object.entries(method.params)
      .map(([param, schema]) => ({ name: param, ...schema }))
      .sort((a, b) => Number(a.name === 'chat_id') - Number(b.name === 'chat_id'))
    return [name.toLowerCase(), { name, params }]
  }),
)
