import type { InlineKeyboardButton, InlineKeyboardMarkup } from '@grammyjs/types'
import { badRequest } from '#simulator/bot-api/errors.ts'
import type { ManagedBotRequest } from '#simulator/world/types.ts'

/** Telegram does not publish the size it answers `reply markup is too long` at; this is the simulator's. */
const MAX_MARKUP_BYTES = 10_240
const MAX_CALLBACK_BYTES = 64

/**
 * Checks a reply markup and returns what stays on the message: an inline keyboard, or nothing for the keyboards that
 * live in the input field. Throws 400 for buttons Telegram would refuse.
 */
export function readReplyMarkup(markup: unknown): InlineKeyboardMarkup | undefined {
  if (markup === undefined || typeof markup !== 'object' || markup === null) return undefined
  if ('keyboard' in markup) {
    checkRows(markup.keyboard, 'keyboard')
    return undefined
  }
  if (!('inline_keyboard' in markup)) return undefined
  const rows = checkRows(markup.inline_keyboard, 'inline_keyboard')
  for (const row of rows) for (const button of row) checkInlineButton(button)
  if (JSON.stringify(rows).length > MAX_MARKUP_BYTES) throw badRequest('reply markup is too long')
  const kept = rows.filter((row) => row.length > 0)
  return kept.length === 0 ? undefined : { inline_keyboard: kept as InlineKeyboardButton[][] }
}

/** The keys of a reply keyboard that ask for managed bots. Throws 400 for one without a number. */
export function readManagedBotRequests(markup: unknown): readonly ManagedBotRequest[] {
  if (typeof markup !== 'object' || markup === null || !('keyboard' in markup)) return []
  return checkRows(markup.keyboard, 'keyboard')
    .flat()
    .flatMap((button) => readRequest(button))
}

function readRequest(button: unknown): readonly ManagedBotRequest[] {
  if (typeof button !== 'object' || button === null || !('request_managed_bot' in button)) return []
  const asked = button.request_managed_bot as Readonly<Record<string, unknown>>
  const { request_id: requestId, suggested_name: name, suggested_username: username } = asked
  if (!Number.isInteger(requestId)) {
    throw badRequest(`can't parse keyboard button: Can't find field "request_id"`)
  }
  return [
    {
      requestId: Number(requestId),
      text: 'text' in button ? String(button.text) : '',
      suggestedName: typeof name === 'string' ? name : undefined,
      suggestedUsername: typeof username === 'string' ? username : undefined,
    },
  ]
}

function checkRows(rows: unknown, field: string): readonly (readonly unknown[])[] {
  if (!Array.isArray(rows)) throw badRequest(`field "${field}" must be of type Array`)
  for (const row of rows as readonly unknown[]) {
    if (!Array.isArray(row)) throw badRequest(`field "${field}" must be an Array of Arrays`)
  }
  return rows as readonly (readonly unknown[])[]
}

/** What makes an inline button do something. */
const ACTIONS = [
  'callback_data',
  'url',
  'web_app',
  'login_url',
  'switch_inline_query',
  'switch_inline_query_current_chat',
  'switch_inline_query_chosen_chat',
  'copy_text',
  'callback_game',
  'pay',
  'disabled',
]

function checkInlineButton(button: unknown): void {
  if (typeof button !== 'object' || button === null) {
    throw badRequest("can't parse inline keyboard button: InlineKeyboardButton must be an Object")
  }
  if (!('text' in button) || typeof button.text !== 'string' || button.text.trim() === '') {
    throw badRequest(`can't parse inline keyboard button: Can't find field "text"`)
  }
  if (!ACTIONS.some((action) => action in button)) {
    throw badRequest("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
  }
  if ('callback_data' in button) {
    const bytes = Buffer.byteLength(String(button.callback_data))
    if (bytes === 0 || bytes > MAX_CALLBACK_BYTES) throw badRequest('BUTTON_DATA_INVALID')
  }
  if ('url' in button) checkButtonUrl(String(button.url))
}

function checkButtonUrl(url: string): void {
  const full = /^[a-z]+:\/\//i.test(url) ? url : `http://${url}`
  const isKnown = /^(https?|tg|ton):\/\//i.test(full)
  const isHostLike = !/^https?:/i.test(full) || /^https?:\/\/[^/?#]+\.[^/?#]+/i.test(full)
  if (!isKnown || !URL.canParse(full) || !isHostLike || /\s/.test(url)) {
    throw badRequest(
      `inline keyboard button URL '${url}' is invalid: ${isKnown ? 'Wrong HTTP URL' : 'Unsupported URL protocol'}`,
    )
  }
}
