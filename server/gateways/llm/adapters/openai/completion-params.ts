import { zodResponseFormat } from 'openai/helpers/zod'
import type { ChatCompletionCreateParamsNonStreaming } from 'openai/resources/chat/completions'

import { describeSchema } from '../../estimate-tokens.ts'
import type { ModelEndpoint, ModelMessage, ModelRequest } from '../../language-model.ts'
import type { Manner } from './endpoint-memory.ts'

type Shape = ModelRequest<unknown>['shape']

const formats = new WeakMap<Shape['schema'], ReturnType<typeof zodResponseFormat> | null>()

/** Null for a shape that the strict format cannot say. */
const strictFormat = ({ name, schema }: Shape): ReturnType<typeof zodResponseFormat> | null => {
  const known = formats.get(schema)
  if (known !== undefined) return known
  let made: ReturnType<typeof zodResponseFormat> | null
  try {
    made = zodResponseFormat(schema, name)
  } catch {
    made = null
  }
  formats.set(schema, made)
  return made
}

/** Where the server is not told the shape, the model is. */
const tellShape = (messages: readonly ModelMessage[], { schema }: Shape): readonly ModelMessage[] => {
  const words = `Answer with one JSON object and nothing else: no text before or after it, no code fence. JSON Schema: ${describeSchema(schema)}`
  const [first, ...rest] = messages
  if (first?.role !== 'system') return [{ role: 'system', content: words }, ...messages]
  return [{ role: 'system', content: `${first.content}\n\n${words}` }, ...rest]
}

/** The manner itself, or the next plainer where the shape has no strict form. */
export const fitManner = (manner: Manner, shape: Shape): Manner =>
  manner.format === 'json_schema' && strictFormat(shape) === null ? { ...manner, format: 'json_object' } : manner

/** A request as the protocol wants it. `manner` fits the shape. */
export const completionParams = (
  endpoint: ModelEndpoint,
  request: ModelRequest<unknown>,
  manner: Manner,
): ChatCompletionCreateParamsNonStreaming => {
  const strict = manner.format === 'json_schema' ? strictFormat(request.shape) : null
  const messages = strict ? request.messages : tellShape(request.messages, request.shape)
  return {
    model: endpoint.model,
    messages: messages.map(({ role, content }) => ({ role, content })),
    [manner.limit]: request.outputTokensMax,
    ...(request.temperature !== undefined && manner.hasTemperature && { temperature: request.temperature }),
    ...(strict && { response_format: strict }),
    ...(manner.format === 'json_object' && { response_format: { type: 'json_object' as const } }),
  }
}
