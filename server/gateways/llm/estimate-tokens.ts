import { z } from 'zod'

import type { ModelRequest } from './language-model.ts'

/** What servers write around each message, and around all of them. */
const MESSAGE_TOKENS = 16
const FRAME_TOKENS = 256
/** Turkish and English run to about three characters a token. */
const CHARACTERS_PER_TOKEN = 3

/** How many tokens a text is about; for servers that do not count. */
export const guessTokens = (text: string): number => Math.ceil(text.length / CHARACTERS_PER_TOKEN)

/**
 * What a request can cost at most: no tokenizer makes more tokens than there are bytes. Counts the schema, which is told
 * to the model in one way or another.
 */
export const mostTokens = (request: Pick<ModelRequest<unknown>, 'messages' | 'shape' | 'outputTokensMax'>): number => {
  const bytes = request.messages.reduce((sum, { content }) => sum + Buffer.byteLength(content) + MESSAGE_TOKENS, 0)
  return bytes + schemaBytes(request.shape.schema) + FRAME_TOKENS + request.outputTokensMax
}

const sizes = new WeakMap<z.ZodType, number>()

/** Schemas are made once and asked with often. */
const schemaBytes = (schema: z.ZodType): number => {
  const known = sizes.get(schema)
  if (known !== undefined) return known
  const size = Buffer.byteLength(describeSchema(schema))
  sizes.set(schema, size)
  return size
}

/** The schema as JSON Schema, for a model that is told in words. */
export const describeSchema = (schema: z.ZodType): string =>
  JSON.stringify({ ...z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }), $schema: undefined })
