import { badRequest, type BotApiError } from '#simulator/bot-api/errors.ts'
import { checkValue, kindOf } from '#simulator/bot-api/check-value.ts'
import type { MethodSchema, ParamSchema } from '#simulator/bot-api/schema/methods.ts'

/** Telegram's wording where a missing parameter has its own (Client.cpp); the rest say `parameter "x" is required`. */
const MISSING: Readonly<Record<string, string>> = {
  chat_id: 'chat_id is empty',
  from_chat_id: 'chat_id is empty',
  text: 'message text is empty',
  message_id: 'message identifier is not specified',
  message_ids: 'message identifiers are not specified',
  user_id: 'invalid user_id specified',
  sender_chat_id: 'sender_chat_id is empty',
  file_id: 'file_id not specified',
  latitude: 'latitude is empty',
  longitude: 'longitude is empty',
  action: 'wrong parameter action in request',
  permissions: "can't parse permissions JSON object",
  photo: 'there is no photo in the request',
  audio: 'there is no audio in the request',
  document: 'there is no document in the request',
  video: 'there is no video in the request',
  animation: 'there is no animation in the request',
  voice: 'there is no voice in the request',
  video_note: 'there is no video note in the request',
  sticker: 'there is no sticker in the request',
}

const JSON_NAMES: Readonly<Record<string, string>> = {
  reply_markup: 'reply keyboard markup',
  reply_parameters: 'reply parameters',
  link_preview_options: 'link preview options',
  allowed_updates: 'allowed_updates',
}

/**
 * Checks a request against the schema and turns strings of a form or query into what the method expects, in place.
 * Unknown parameters are ignored, as Telegram ignores them. Throws a 400 with Telegram's wording.
 */
export function checkParams(method: MethodSchema, params: Record<string, unknown>): void {
  for (const param of method.params) {
    const value = params[param.name]
    if (value === undefined || value === null || value === '') {
      if (param.required && !(param.name === 'url' && method.name === 'setWebhook')) throw missing(param)
      if (value === null) delete params[param.name]
      continue
    }
    const kinds = param.kinds
    if (typeof value === 'string' && !kinds.includes('string')) params[param.name] = fromText(param, value)
    else if (!kinds.includes(kindOf(value))) params[param.name] = convert(param, value)
    // Keyboards have their own reader: it knows what each button needs, and every message would pay for a second look.
    if ((param.type ?? param.items) !== undefined && param.name !== 'reply_markup') {
      params[param.name] = checkValue(param, params[param.name], JSON_NAMES[param.name] ?? param.name)
    }
  }
}

function missing(param: ParamSchema): BotApiError {
  return badRequest(MISSING[param.name] ?? `parameter "${param.name}" is required`)
}

function fromText(param: ParamSchema, text: string): unknown {
  const [kind] = param.kinds
  if (kind === 'number') return Number.parseFloat(text) || 0
  if (kind === 'boolean') return /^(true|yes|1)$/i.test(text)
  if (kind === 'file') throw badRequest('photo must be uploaded as an InputFile')
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw badRequest(`can't parse ${JSON_NAMES[param.name] ?? param.name} JSON object`)
  }
  return param.kinds.includes(kindOf(value)) ? value : convert(param, value)
}

function convert(param: ParamSchema, value: unknown): unknown {
  const isScalar = typeof value === 'number' || typeof value === 'boolean'
  if (isScalar && param.kinds.includes('string')) return String(value)
  if (isScalar && param.kinds.includes('boolean')) return value === 1
  if (isScalar && param.kinds.includes('number')) return Number(value)
  if (param.kinds.includes('object')) throw badRequest(`object expected as ${JSON_NAMES[param.name] ?? param.name}`)
  if (param.kinds.includes('array')) throw badRequest(`expected an Array as ${param.name}`)
  throw badRequest(`invalid ${param.name} specified`)
}
