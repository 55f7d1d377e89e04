import { jsonSchemaTransformObject } from 'fastify-type-provider-zod'
import { z } from 'zod'

type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json | undefined }
type JsonObject = { readonly [name: string]: Json | undefined }

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** What is said when a call is refused: RFC 9457. */
export const problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.number().int(),
    code: z.string().meta({ description: 'What it is about, for programs.' }),
    detail: z.string().meta({ description: 'A sentence for people, in the language of the header `Accept-Language`.' }),
    field: z.string().optional().meta({ description: 'The part of the call at fault.' }),
    params: z.record(z.string(), z.union([z.string(), z.number()])),
  })
  .meta({ id: 'Problem' })

/** Calls of POST may name themselves; other headers are not described. */
export const namedCallHeaders = z.looseObject({
  'idempotency-key': z.string().optional().meta({
    description:
      'Names the call, a UUID for example: repeated within 24 hours it is not made again but answered as before.',
  }),
})

/** A record of known words has each of them as a member; generators and linters look for them there. */
const nameMembers = (value: Json | undefined): Json | undefined => {
  if (Array.isArray(value)) return value.map((each: Json) => nameMembers(each) ?? null)
  if (!isObject(value)) return value
  const { propertyNames, ...rest } = Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, nameMembers(inner)]),
  )
  const { required, additionalProperties, properties } = rest
  if (!isObject(propertyNames) || !Array.isArray(required) || properties !== undefined)
    return propertyNames === undefined ? rest : { propertyNames, ...rest }
  const names = required.filter((name: Json) => typeof name === 'string')
  const members = Object.fromEntries(names.map((name) => [name, additionalProperties]))
  return { ...rest, properties: members, additionalProperties: false }
}

const SCHEMA = /"#\/components\/schemas\/([^"]+)"/g

const schemasIn = (value: unknown): readonly string[] =>
  [...(JSON.stringify(value) ?? '').matchAll(SCHEMA)].map(([, name = '']) => name)

/** The named schemas that something described refers to, and those that these refer to. */
const usedSchemas = (paths: unknown, schemas: JsonObject): JsonObject => {
  const used = new Set<string>()
  const waiting = [...schemasIn(paths)]
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (used.has(name)) continue
    used.add(name)
    waiting.push(...schemasIn(schemas[name]))
  }
  return Object.fromEntries(Object.entries(schemas).filter(([name]) => used.has(name)))
}

/** The whole description: what the routes say, with the named schemas that they use. */
export const describeApi: typeof jsonSchemaTransformObject = (document) => {
  const described = nameMembers(jsonSchemaTransformObject(document) as unknown as Json) as JsonObject
  const components = (described['components'] ?? {}) as JsonObject
  const schemas = usedSchemas(described['paths'], (components['schemas'] ?? {}) as JsonObject)
  return { ...described, components: { ...components, schemas } } as unknown as ReturnType<
    typeof jsonSchemaTransformObject
  >
}
