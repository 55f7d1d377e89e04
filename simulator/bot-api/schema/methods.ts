import { readFileSync } from 'node:fs'

export type ParamKind = 'number' | 'string' | 'boolean' | 'object' | 'array' | 'file'

export type ParamSchema = {
  readonly name: string
  readonly kinds: readonly ParamKind[]
  readonly required: boolean
  readonly values: readonly string[] | undefined
}

export type MethodSchema = {
  readonly name: string
  /** Parameters, chat_id last: the content of a message is checked before the chat is looked up. */
  readonly params: readonly ParamSchema[]
}

type Generated = {
  readonly source: string
  readonly methods: Readonly<
    Record<
      string,
      {
        readonly params: Readonly<
          Record<string, Omit<ParamSchema, 'name' | 'values'> & { readonly values?: readonly string[] }>
        >
      }
    >
  >
}

const generated = JSON.parse(readFileSync(new URL('methods.generated.json', import.meta.url), 'utf8')) as Generated

/** All methods of the Bot API by name in lower case, as names are case-insensitive. */
export const METHODS: ReadonlyMap<string, MethodSchema> = new Map(
  Object.entries(generated.methods).map(([name, method]) => {
    const params = Object.entries(method.params)
      .map(([param, schema]) => ({
        name: param,
        kinds: schema.kinds,
        required: schema.required,
        values: schema.values,
      }))
      .sort((a, b) => Number(a.name === 'chat_id') - Number(b.name === 'chat_id'))
    return [name.toLowerCase(), { name, params }]
  }),
)
