import { ALLOWED_UPDATES } from '#server/gateways/telegram/update-feed.ts'

/** What the inbox needs to know of an update before it is stored. */
export interface ClassifiedUpdate {
  readonly updateId: number
  /** Telegram's field name, or `unknown`. */
  readonly kind: string
  /** Updates of one queue are applied in order; the queues are those in which Telegram itself keeps order. */
  readonly queueKey: string
  /** The business connection it came through; null for what the bot was told about itself. */
  readonly connectionId: string | null
  /** Sent by a bot, ourselves included: never stored, so that two bots cannot talk each other into a loop. */
  readonly fromBot: boolean
}

type Fields = Readonly<Record<string, unknown>>

const fieldsOf = (value: unknown): Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {}

const idOf = (value: unknown): string => {
  const { id } = fieldsOf(value)
  return typeof id === 'number' && Number.isSafeInteger(id) ? String(id) : 'none'
}

const isBot = (value: unknown): boolean => fieldsOf(value)['is_bot'] === true

type Queue = (body: Fields) => string
const byChat =
  (prefix: string): Queue =>
  (body) =>
    `${prefix}:${idOf(body['chat'])}`
const byPerson =
  (prefix: string): Queue =>
  (body) =>
    `${prefix}:${idOf(body['from'])}`

/** Kinds that have a queue of their own; all others queue per kind. */
const QUEUES: Readonly<Record<string, Queue>> = {
  message: byChat('chat'),
  edited_message: byChat('chat'),
  channel_post: byChat('chat'),
  edited_channel_post: byChat('chat'),
  message_reaction: byChat('chat'),
  message_reaction_count: byChat('chat'),
  business_message: byChat('business'),
  edited_business_message: byChat('business'),
  deleted_business_messages: byChat('business'),
  callback_query: byPerson('callback'),
  shipping_query: byPerson('payment'),
  pre_checkout_query: byPerson('payment'),
  my_chat_member: byChat('own_member'),
  chat_member: (body) => `member:${idOf(fieldsOf(body['new_chat_member'])['user'])}`,
  chat_join_request: byPerson('member'),
}

/** Kinds that carry what their sender did; of the others, a bot may be the cause and a person the subject. */
const ACTS_OF_SENDER: ReadonlySet<string> = new Set(['message', 'edited_message', 'callback_query', 'business_message'])

const connectionOf = (kind: string, body: Fields): string | null => {
  const holder = kind === 'callback_query' ? fieldsOf(body['message']) : body
  const id = holder['business_connection_id']
  return typeof id === 'string' && id !== '' ? id : null
}

/** Reads number, kind and queue of any JSON value; null when it carries no update number and cannot be stored. */
export const classifyUpdate = (raw: unknown): ClassifiedUpdate | null => {
  const update = fieldsOf(raw)
  const updateId = update['update_id']
  if (typeof updateId !== 'number' || !Number.isSafeInteger(updateId) || updateId < 0) return null
  const kind = ALLOWED_UPDATES.find((name) => Object.hasOwn(update, name)) ?? 'unknown'
  const body = fieldsOf(update[kind])
  const queueKey = Object.hasOwn(QUEUES, kind) ? (QUEUES[kind]?.(body) ?? kind) : kind
  const byBot = isBot(body['from']) || isBot(body['sender_business_bot'])
  return {
    updateId,
    kind,
    queueKey,
    connectionId: connectionOf(kind, body),
    fromBot: ACTS_OF_SENDER.has(kind) && byBot,
  }
}
